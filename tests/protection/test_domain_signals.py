"""Signals of a domain: counted by confirmed mailboxes, once a day, and never at a person's cost."""

from itertools import pairwise

import pytest

from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.mailboxes import email_address
from chalicelib.protection import domain_signals
from tests.abuse.scenarios import recorded_calls
from tests.faults import AwsCalls, Fault, recorded
from tests.proving import press
from tests.world import World

WRITES = ("dynamodb.UpdateItem", "dynamodb.PutItem")
BUSY, FLOODED = {Signal.BUSY_DOMAIN}, {Signal.FLOODED_DOMAIN}


def count(world: World, *addresses: str) -> list[set[Signal]]:
    """The signals of each mailbox as it confirms."""
    return [
        set(domain_signals.count_mailbox(world.services, email_address.parse(address)))
        for address in addresses
    ]


@pytest.fixture
def small(world: World) -> World:
    """A world where two mailboxes make a domain busy, and four flood it."""
    world.publish()
    press(world, busy_domain_mailboxes=2, flooded_domain_mailboxes=4)
    return world


def test_a_domain_is_busy_first_and_flooded_later(small: World) -> None:
    signals = count(small, *(f"m{number}@evil.org" for number in range(6)))

    assert signals == [set(), BUSY, BUSY, FLOODED, FLOODED, FLOODED]


def test_names_below_one_domain_count_together_and_domains_of_one_registry_do_not(
    small: World,
) -> None:
    assert count(small, "a@a1.evil.org", "a@a2.evil.org", "b@evil.org")[-1] == BUSY
    assert count(small, "a@one.co.uk", "a@two.co.uk", "a@three.co.uk") == [set()] * 3


def test_a_large_provider_has_no_signal_and_costs_no_call(small: World) -> None:
    with recorded_calls(small) as calls:
        signals = count(small, *(f"m{n}@{d}" for n in range(3) for d in ("gmail.com", "wp.pl")))

    assert signals == [set()] * 6
    assert calls.made == []


def test_a_mailbox_counts_once_a_day_in_any_spelling(small: World) -> None:
    spellings = ("Anna@evil.org", "anna@EVIL.org", "anna+1@evil.org", "anna@evil.org")
    assert count(small, *spellings) == [set()] * 4
    assert count(small, "nina@evil.org", "anna@evil.org", "nina@evil.org") == [BUSY, set(), BUSY]


def test_every_day_begins_at_zero(small: World) -> None:
    for address, later in pairwise([f"m{number}@evil.org" for number in range(5)]):
        assert count(small, address) == [set()]
        small.clock.advance(days=1)
        assert count(small, later) == [set()]
        small.clock.advance(days=1)


def test_a_failed_count_loses_no_confirmation(small: World) -> None:
    small.sign(email="anna@evil.org")
    small.deliver_all()
    small.services.cache.seconds = 1000
    with recorded(AwsCalls(at="dynamodb.UpdateItem", fault=Fault.THROTTLED)) as calls:
        thanks = small.post(small.link(), {})

    assert thanks.status_code == 200
    # The second one counts the confirmation for the overview.
    assert calls.made.count("dynamodb.UpdateItem") == 2
    assert [item["state"] for item in small.signatures()] == ["confirmed"]


def test_a_lost_answer_does_not_count_a_mailbox_twice(small: World) -> None:
    with recorded(AwsCalls(at="dynamodb.UpdateItem", fault=Fault.ANSWER_LOST)):
        assert count(small, "anna@evil.org") == [set()]

    assert count(small, "anna@evil.org", "nina@evil.org") == [set(), BUSY]


def test_a_flooded_domain_holds_a_signature_in_silence(small: World) -> None:
    press(small, busy_domain_mailboxes=1, flooded_domain_mailboxes=2)
    answers, made = [], []
    for address in ("anna@evil.org", "nina@evil.org"):
        small.sign(email=address)
        small.deliver_all()
        with recorded_calls(small) as calls:
            answers.append(small.post(small.link(), {}).body)
        made.append([name for name in calls.made if name in WRITES])
        # Figures for the overview are written once in some seconds.
        small.clock.advance(minutes=1)

    assert answers[0] == answers[1]
    # The third write counts the confirmation for the overview.
    assert made == [[*WRITES, "dynamodb.UpdateItem"]] * 2
    assert sorted((item["state"], *item.get("signals", ())) for item in small.signatures()) == [
        ("confirmed",),
        ("held", "flooded-domain"),
    ]


def test_limits_name_no_domain_and_no_mailbox(small: World) -> None:
    count(small, "marked-person@marked-domain.example")

    limits = str(small.stored_items("limits"))
    assert "limit#domains#" in limits
    assert "marked" not in limits
