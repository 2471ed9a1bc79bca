"""What SES reports is stored once, however it comes, and ends mails to those who get none."""

import json
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.suppression import Suppression, SuppressionReason
from chalicelib.people import blind_indexes
from chalicelib.routes.events import ses_feedback
from chalicelib.store import suppressions
from chalicelib.store.alerts import chunk_events
from tests.abuse.scenarios import post_form
from tests.builders import PERSON
from tests.event_delivery import sqs_event
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

ALERT = "8c1f04d27be96a35"
BOUNCING = "bounce@simulator.amazonses.com"
COMPLAINING = "complaint@simulator.amazonses.com"


def message(kind: str, position: int = 0, *, chunk: int = 0, person: str = "", **more: Any) -> str:
    tags = {"alert": [ALERT], "chunk": [str(chunk)], "recipient": [str(position)]}
    if person:
        tags["person"] = [person]
    return json.dumps({"kind": kind, "tags": tags, **more})


def bounce(position: int = 0, *, kind: str = "Permanent", mail: str = "1", **more: Any) -> str:
    return message(
        "Bounce",
        position,
        **{
            "person": PERSON,
            "type": kind,
            "subtype": "General",
            "message": mail,
            "time": "2026-03-08T12:00:00Z",
            **more,
        },
    )


def record(world: World, *bodies: str) -> set[int]:
    """Deliver a batch; the places of the messages that have to come again."""
    answer = world.invoke(ses_feedback.record_feedback, sqs_event("zaklik-feedback", *bodies))
    return {int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]}


def events(world: World, number: int = 0) -> dict[str, list[int]]:
    """The stored events of a chunk: positions by kind."""
    services = world.services
    found = chunk_events.find_many(services.petitions, ALERT, [number], now=services.now())
    if number not in found:
        return {}
    return {kind.value: sorted(places) for kind, places in found[number].positions.items()}


def suppression(world: World, person: str = PERSON) -> Suppression | None:
    services = world.services
    return suppressions.find_many(services.subscribers, [person], now=services.now()).get(person)


def person_of(world: World, address: str) -> str:
    return blind_indexes.suppression_index(world.services, email_address.parse(address))


# Batches.


def test_a_batch_of_a_hundred_events_of_one_chunk_is_one_write(world: World) -> None:
    bodies = [message(kind, position) for position in range(50) for kind in ("Send", "Delivery")]

    with recorded(AwsCalls()) as calls:
        failed = record(world, *bodies)

    assert failed == set()
    assert calls.made == ["dynamodb.UpdateItem"]
    assert events(world) == {"send": list(range(50)), "delivery": list(range(50))}


def test_a_chunk_is_one_write_also_among_others(world: World) -> None:
    bodies = [message("Send", position, chunk=position % 3) for position in range(9)]

    with recorded(AwsCalls()) as calls:
        record(world, *bodies)

    assert calls.made == ["dynamodb.UpdateItem"] * 3
    assert events(world, 1) == {"send": [1, 4, 7]}


@pytest.mark.parametrize("seed", range(5))
def test_doubled_and_shuffled_events_in_any_batches_give_the_same(world: World, seed: int) -> None:
    bodies = [
        *(message(kind, place) for place in range(5) for kind in ("Send", "Delivery")),
        message("DeliveryDelay", 5),
        message("Reject", 6),
        message("Rendering Failure", 7),
        bounce(8),
        message("Complaint", 4),
    ]
    draw = random.Random(seed)
    shuffled = bodies * 2
    draw.shuffle(shuffled)

    while shuffled:
        size = draw.randint(1, 7)
        record(world, *shuffled[:size])
        shuffled = shuffled[size:]

    assert events(world) == {
        "send": [0, 1, 2, 3, 4],
        "delivery": [0, 1, 2, 3, 4],
        "delay": [5],
        "hard_bounce": [8],
        "complaint": [4],
        "reject": [6],
        "rendering_failure": [7],
    }


@pytest.mark.parametrize(
    "poison",
    [
        "",
        '{"kind": "Send"}',
        message("Open"),
        message("Send").replace(ALERT, "vera@example.org"),
        message("Bounce"),
    ],
)
def test_a_poisoned_message_among_a_hundred_fails_alone(world: World, poison: str) -> None:
    bodies = [message("Send", position) for position in range(99)]
    bodies.insert(40, poison)

    failed = record(world, *bodies)

    assert failed == {40}
    assert events(world) == {"send": list(range(99))}


def test_events_of_single_mails_are_no_write_unless_they_end_mails(world: World) -> None:
    tags = {"mail": ["welcome"], "person": [PERSON]}

    with recorded(AwsCalls()) as calls:
        failed = record(world, *(json.dumps({"kind": k, "tags": tags}) for k in ("Send", "Reject")))

    assert (failed, calls.made) == (set(), [])


# Faults.


def test_a_table_that_takes_no_write_is_asked_once_and_all_come_again(world: World) -> None:
    world.services.max_attempts = 1
    world.restart()
    bodies = [message("Send", 0, chunk=number) for number in range(30)]

    with recorded(AwsCalls(at="dynamodb.UpdateItem", fault=Fault.THROTTLED)) as calls:
        failed = record(world, *bodies)

    assert failed == set(range(30))
    assert len(set(calls.made)) == 1
    assert record(world, *bodies) == set()
    assert events(world, 29) == {"send": [0]}


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_a_crash_between_the_two_writes_of_a_bounce_is_made_good(
    world: World, at: int, fault: Fault
) -> None:
    with pytest.raises(Crash), recorded(AwsCalls(at=at, fault=fault)):
        record(world, bounce(3))
    world.restart()

    assert record(world, bounce(3)) == set()

    assert events(world) == {"hard_bounce": [3]}
    assert suppression(world) == Suppression(
        reason=SuppressionReason.HARD_BOUNCE, since=world.clock.now().date()
    )


# Who is not mailed any more.


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (BOUNCING, SuppressionReason.HARD_BOUNCE),
        ("suppressionlist@simulator.amazonses.com", SuppressionReason.HARD_BOUNCE),
        (COMPLAINING, SuppressionReason.COMPLAINT),
    ],
)
def test_a_single_mail_that_bounces_or_is_called_spam_is_the_last(
    world: World, address: str, reason: SuppressionReason
) -> None:
    world.sign(email=address)
    world.deliver_all()

    found = suppression(world, person_of(world, address))
    with recorded(AwsCalls()) as calls:
        answer = world.sign(email=address)
        world.deliver_all()

    assert found == Suppression(reason=reason, since=world.clock.now().date())
    assert answer.status_code == world.sign(email="other@example.org").status_code
    assert "sesv2.SendEmail" not in calls.made


@pytest.mark.parametrize("mailbox", ["success+7", "ooto"])
def test_a_delivered_mail_suppresses_nobody(world: World, mailbox: str) -> None:
    address = f"{mailbox}@simulator.amazonses.com"
    world.sign(email=address)
    world.deliver_all()

    assert suppression(world, person_of(world, address)) is None


def test_the_owners_block_outranks_a_bounce_that_came_before_or_comes_after(world: World) -> None:
    record(world, bounce())
    suppressions.add(
        world.services.subscribers, PERSON, SuppressionReason.OWNER, now=world.clock.now()
    )
    record(world, bounce(mail="2"), message("Complaint", person=PERSON))

    found = suppression(world)
    assert found
    assert found.reason is SuppressionReason.OWNER


@pytest.mark.parametrize("kind", ["Undetermined", "Transient"])
def test_one_soft_bounce_ends_nothing(world: World, kind: str) -> None:
    record(world, bounce(kind=kind))

    assert suppression(world) is None
    assert events(world) == {"soft_bounce": [0]}


def test_three_mails_that_come_back_softly_hold_the_news_but_no_answer_to_a_form(
    world: World,
) -> None:
    address = "full@example.org"
    person = person_of(world, address)
    for number in range(3):
        again = bounce(kind="Transient", subtype="MailboxFull", mail=str(number), person=person)
        record(world, again, again)

    held = suppression(world, person)
    world.sign(email=address)
    world.deliver_all()

    assert held
    assert held.reason is SuppressionReason.SOFT_BOUNCES
    assert suppressions.active_among(world.services.subscribers, [person], world.clock.now())
    assert len(world.mails(address)) == 1
    world.clock.advance(days=14)
    assert suppression(world, person) is None


def test_lost_events_are_missed_by_nobody_but_the_ledger(world: World) -> None:
    """A lost bounce only means another mail, whose bounce comes again."""
    record(world, message("Send", 0))
    lost = suppression(world)
    world.clock.advance(days=7)
    late = bounce(time="2026-03-08T12:00:00Z")

    assert lost is None
    assert record(world, late) == set()
    assert suppression(world)


def test_a_suppressed_person_cannot_start_news_by_an_older_link(world: World) -> None:
    post_form("subscribe", email="vera@example.org")
    world.deliver_all()
    link = world.link()
    record(world, bounce(person=person_of(world, "vera@example.org")))

    answer = world.post(link, {})
    world.deliver_all()

    assert answer.status_code == 410
    assert world.subscriptions() == []


def test_soft_bounces_that_are_too_old_hold_nobody(world: World) -> None:
    for days in (0, 20, 40):
        moment = world.clock.now() + timedelta(days=days)
        record(world, bounce(kind="Transient", mail=str(days), time=moment.isoformat()))

    assert suppression(world) is None


def _stored(world: World, tables: Sequence[str]) -> str:
    return json.dumps([world.stored_items(table) for table in tables], default=str)


def test_no_table_but_the_tags_of_an_event_holds_what_a_mail_was(world: World) -> None:
    record(world, bounce(kind="Transient", mail="01000157c44f053b-61b59c11"))

    stored = _stored(world, ["petitions", "subscribers", "signatures", "limits"])
    assert "01000157c44f053b" not in stored
