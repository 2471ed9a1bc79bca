"""Suppressions: the owner's wish outranks all, and three soft bounces are a hold."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.suppression import HOLD_PERIOD, Suppression, SuppressionReason
from chalicelib.store import keys, suppressions
from chalicelib.store.dynamodb.table import Table
from chalicelib.wiring import Services
from tests.builders import NOW
from tests.faults import AwsCalls, Crash, Fault, recorded

INDEX, OTHER = "019a" + "0" * 30, "019b" + "0" * 30
TODAY = NOW.date()
OWNER, COMPLAINT, HARD = (
    SuppressionReason.OWNER,
    SuppressionReason.COMPLAINT,
    SuppressionReason.HARD_BOUNCE,
)


@pytest.fixture
def table(services: Services) -> Table:
    return services.subscribers


def found(table: Table, *, days: int = 0) -> Suppression | None:
    return suppressions.find_many(table, [INDEX], now=NOW + timedelta(days=days)).get(INDEX)


def bounce(table: Table, mail: str, *, days: int = 0) -> bool:
    """A soft bounce of a mail, `days` after today."""
    moment = NOW + timedelta(days=days)
    return suppressions.add_soft_bounce(table, INDEX, mail, bounced_on=moment.date(), now=moment)


@pytest.mark.parametrize("reason", [OWNER, COMPLAINT, HARD])
def test_a_block_is_added_once_stays_for_ever_and_can_be_deleted(
    table: Table, reason: SuppressionReason
) -> None:
    added = [suppressions.add(table, INDEX, reason, now=NOW) for _ in range(2)]
    block = found(table, days=40_000)

    assert added == [True, False]
    assert block == Suppression(reason=reason, since=TODAY)
    assert block.is_block
    assert [suppressions.delete(table, INDEX, block) for _ in range(2)] == [True, False]
    assert found(table) is None


@pytest.mark.parametrize("first", [COMPLAINT, HARD])
def test_the_wish_of_the_owner_replaces_any_other_reason(
    table: Table, first: SuppressionReason
) -> None:
    suppressions.add(table, INDEX, first, now=NOW)
    wished = suppressions.add(table, INDEX, OWNER, now=NOW + timedelta(days=1))
    again = suppressions.add(table, INDEX, first, now=NOW + timedelta(days=2))

    assert (wished, again) == (True, False)
    assert found(table) == Suppression(reason=OWNER, since=TODAY + timedelta(days=1))


def test_a_block_is_not_deleted_in_place_of_the_one_that_was_seen(table: Table) -> None:
    suppressions.add(table, INDEX, HARD, now=NOW)
    seen = found(table)
    assert seen
    suppressions.add(table, INDEX, OWNER, now=NOW)

    assert not suppressions.delete(table, INDEX, seen)
    assert found(table) == Suppression(reason=OWNER, since=TODAY)


def test_three_mails_that_come_back_within_thirty_days_are_a_hold_of_fourteen(
    table: Table,
) -> None:
    bounce(table, "a")
    bounce(table, "b", days=10)
    before = found(table, days=10)
    bounce(table, "c", days=30)

    hold = Suppression(
        reason=SuppressionReason.SOFT_BOUNCES,
        since=TODAY + timedelta(days=30),
        until=TODAY + timedelta(days=30) + HOLD_PERIOD,
    )
    assert before is None
    assert found(table, days=30) == found(table, days=43) == hold
    assert not hold.is_block
    assert found(table, days=44) is None


def test_three_in_more_than_thirty_days_are_none(table: Table) -> None:
    for number, days in enumerate([0, 16, 31]):
        bounce(table, str(number), days=days)

    assert found(table, days=31) is None


def test_one_mail_that_comes_back_three_times_counts_once(table: Table) -> None:
    bounce(table, "a")
    bounce(table, "b")

    repeated = [bounce(table, mail) for mail in "abab"]

    assert repeated == [False] * 4
    assert found(table) is None


def test_bounces_in_any_order_are_the_same_hold(table: Table) -> None:
    for days in (9, 0, 4):
        bounce(table, f"mail-{days}", days=days)

    hold = found(table, days=9)

    assert hold
    assert hold.since == TODAY + timedelta(days=9)


def test_an_address_that_bounces_on_is_held_again(table: Table) -> None:
    for days in (0, 1, 2, 17):
        bounce(table, f"mail-{days}", days=days)

    assert found(table, days=16) == found(table, days=17)
    hold = found(table, days=17)
    assert hold
    assert hold.until == TODAY + timedelta(days=31)


def test_no_more_than_three_bounces_are_kept_and_they_expire(table: Table) -> None:
    for days in range(6):
        bounce(table, f"mail-{days}", days=days)

    item = table.find(keys.suppression(INDEX))
    assert item
    expires_at = datetime.fromtimestamp(item.pop("expires_at"), UTC)

    assert item == {
        **keys.suppression(INDEX),
        **{
            f"soft_bounce_{place}": f"{TODAY + timedelta(days=6 - place)}#mail-{6 - place}"
            for place in (1, 2, 3)
        },
    }
    assert expires_at == datetime(2026, 4, 13, tzinfo=UTC)
    assert NOW.date() == date(2026, 3, 8)


def test_a_block_replaces_soft_bounces_and_takes_none(table: Table) -> None:
    bounce(table, "a")
    suppressions.add(table, INDEX, HARD, now=NOW)

    assert not bounce(table, "b")
    assert table.find(keys.suppression(INDEX)) == {
        **keys.suppression(INDEX),
        "reason": HARD,
        "since": TODAY.isoformat(),
    }


def test_a_hold_can_be_lifted_but_no_block_in_its_place(table: Table) -> None:
    for mail in "abc":
        bounce(table, mail)
    hold = found(table)
    assert hold

    assert suppressions.delete(table, INDEX, hold)
    assert found(table) is None

    suppressions.add(table, INDEX, OWNER, now=NOW)
    assert not suppressions.delete(table, INDEX, hold)


def test_blocks_and_holds_are_found_in_one_call(table: Table) -> None:
    for mail in "abc":
        bounce(table, mail)
    suppressions.add(table, OTHER, HARD, now=NOW)

    with recorded(AwsCalls()) as calls:
        active = suppressions.active_among(table, [INDEX, OTHER, "019c" + "0" * 30], now=NOW)

    assert active == {INDEX, OTHER}
    assert calls.made == ["dynamodb.BatchGetItem"]


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_a_bounce_whose_worker_died_counts_once_when_it_comes_again(
    table: Table, fault: Fault
) -> None:
    with pytest.raises(Crash), recorded(AwsCalls(at="dynamodb.UpdateItem", fault=fault)):
        bounce(table, "a")

    bounce(table, "a")

    item = table.find(keys.suppression(INDEX))
    assert item
    assert item["soft_bounce_2"] == ""
