"""Signatures are counted by day and by reason, each change once, and repaired at night."""

from contextlib import suppress
from datetime import date, timedelta

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.integrity import breakdown
from chalicelib.domain.integrity.breakdown import Breakdown
from chalicelib.domain.integrity.tally import SignatureChange, sequence
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter
from chalicelib.store import keys
from chalicelib.store.integrity import breakdowns, counters
from chalicelib.usecases.integrity import tallying
from chalicelib.usecases.signatures import moderating
from chalicelib.usecases.signatures.moderating import Moderator
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

TODAY = builders.NOW.date()


def of(world: World) -> Breakdown:
    return breakdowns.get(world.services.petitions, "open-door")


def change(number: int, **figures: int) -> SignatureChange:
    return SignatureChange(
        slug="open-door",
        sequence=sequence(str(number)),
        differences={},
        breakdown={f"confirmed#2026-01-{day[1:]}": count for day, count in figures.items()},
    )


def test_signatures_are_counted_on_the_day_of_their_confirmation(world: World) -> None:
    world.sign_and_confirm(email="hanna@example.org")
    world.clock.advance(hours=24)
    world.sign_and_confirm(email="nina@example.org")
    world.sign_and_confirm(email="alina@example.org")

    assert of(world).confirmed == {TODAY: 1, TODAY + timedelta(days=1): 2}


def test_a_withdrawal_lowers_the_day_of_the_confirmation(world: World) -> None:
    world.sign_and_confirm()
    world.clock.advance(hours=24)

    world.withdraw()
    world.deliver_all()

    assert of(world).confirmed == {}


def test_a_held_signature_is_counted_by_day_and_by_reason(world: World) -> None:
    world.sign_and_confirm(website="a program fills in everything")

    assert of(world).held == {TODAY: 1}
    assert of(world).reasons == {"honeypot": 1}
    assert of(world).confirmed == {}


def test_a_hold_and_a_release_move_a_signature_there_and_back(world: World) -> None:
    world.sign_and_confirm()
    moderator = Moderator(services=world.services, slug="open-door")
    wanted = SignatureFilter()

    selected = moderator.select(wanted, SignatureState.CONFIRMED)
    moderating.request_hold(world.services, selected, why="a burst")
    world.deliver_all()
    held = of(world)
    selected = moderator.select(wanted, SignatureState.HELD)
    moderating.request_release(world.services, selected)
    world.deliver_all()

    assert (held.held, held.confirmed, held.reasons) == ({TODAY: 1}, {}, {"by-hand": 1})
    assert (of(world).held, of(world).confirmed, of(world).reasons) == ({}, {TODAY: 1}, {})


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("call", range(4))
def test_a_batch_that_fails_between_its_writes_is_counted_once(
    world: World, call: int, fault: Fault
) -> None:
    batch = [change(number, d08=1) for number in range(3)]

    with recorded(AwsCalls(at=call, fault=fault)), suppress(Unavailable, Crash):
        tallying.count_changes(world.services, "shard", batch)
    tallying.count_changes(world.services, "shard", batch)

    assert of(world).confirmed == {date(2026, 1, 8): 3}


def test_a_batch_over_more_days_than_a_write_takes_is_counted_in_parts(world: World) -> None:
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(400)]
    batch = [
        SignatureChange(
            slug="open-door",
            sequence=sequence(str(number)),
            differences={},
            breakdown={f"confirmed#{day}": 1},
        )
        for number, day in enumerate(days)
    ]

    for _ in range(2):
        tallying.count_changes(world.services, "shard", batch)

    assert of(world).confirmed == dict.fromkeys(days, 1)


def test_the_longest_expression_is_within_the_limit() -> None:
    figures = {f"confirmed#2026-01-{number}": 1 for number in range(breakdown.MAX_NAMES)}
    removed = ", ".join(f"#f{number}" for number in range(99))

    clause, _, _ = counters.additions_clause(figures)

    assert len(f"SET #fence = :moved{clause} REMOVE {removed}") <= 4096


def test_wrong_figures_are_repaired_at_night(world: World) -> None:
    world.sign_and_confirm()
    day = f"confirmed#{TODAY}"
    world.services.petitions.update(
        keys.signature_figures("open-door"),
        "ADD #day :wrong, #other :wrong",
        names={"#day": day, "#other": "reason#honeypot"},
        values={":wrong": 5},
    )

    tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert of(world).figures == {day: 1}
    assert world.count() == 1


def test_damaged_figures_are_counted_anew(world: World) -> None:
    world.sign_and_confirm()
    world.services.petitions.update(
        keys.signature_figures("open-door"),
        "SET #day = :text",
        names={"#day": f"confirmed#{TODAY}"},
        values={":text": "many"},
    )

    tallying.reconcile(world.services, sleep=lambda seconds: None)

    assert of(world).confirmed == {TODAY: 1}


def test_a_signature_during_reconciliation_is_no_drift(world: World) -> None:
    world.sign()
    world.deliver_all()
    world.post(world.link(), {})

    # The stream delivers the change while reconciliation waits.
    tallying.reconcile(world.services, sleep=lambda seconds: world.deliver_all())

    assert of(world).confirmed == {TODAY: 1}
    assert of(world).repairs == 0


def test_a_damaged_signature_has_no_figures() -> None:
    assert breakdown.figures_of({"state": "confirmed", "confirmed_on": "yesterday"}) == {}
    assert breakdown.figures_of({"state": "withdrawn"}) == {}
