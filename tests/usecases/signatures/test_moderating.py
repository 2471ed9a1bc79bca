"""Holding and releasing signatures in bulk: reversible, safe to repeat and in any order."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from chalicelib.crypto.attestation import ATTESTATION_BYTES
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.signature import SealedSignature, SignatureState
from chalicelib.domain.signature_filter import (
    SignatureFilter,
    SignatureRevision,
    SignatureSummary,
)
from chalicelib.mail import job_queue, jobs
from chalicelib.mail.jobs import HoldSignatures, Job, ReleaseSignatures
from chalicelib.routes.events import queues, streams
from chalicelib.store import keys
from chalicelib.store.signatures import signatures
from chalicelib.usecases.signatures import moderating
from chalicelib.usecases.signatures.moderating import Moderator
from tests.builders import NOW, SLUG
from tests.event_delivery import sqs_event, stream_event
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

LINK_LIFETIME = timedelta(days=7)
ALL_BUCKETS = keys.BUCKETS
THROTTLED = b'{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"}'
EVERYTHING = SignatureFilter()


@pytest.fixture(autouse=True)
def few_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The buckets that these tests use: reading all takes moto half a second."""
    monkeypatch.setattr(keys, "BUCKETS", ALL_BUCKETS[:5])


def add_signature(world: World, number: int, *, attempt: int = 1, **changes: Any) -> str:
    """Add a signature to the bucket of this number; returns its index."""
    index = f"01{number:02x}" + f"{number:02x}" * 15
    values: dict[str, Any] = {
        "country": "PL",
        "confirmed_on": NOW.date(),
        "attestation": bytes([number, attempt]) * (ATTESTATION_BYTES // 2),
        **changes,
    }
    if "signals" in values:
        values["state"] = SignatureState.HELD
    signature = SealedSignature(slug=SLUG, index=index, sealed=b"sealed", **values)
    requested_at = NOW + timedelta(hours=2 * attempt)
    assert signatures.add(world.services.signatures, signature, requested_at=requested_at)
    world.deliver_all()
    return index


def add_held_signature(world: World, number: int, *signals: Signal, **changes: Any) -> str:
    return add_signature(world, number, signals=frozenset(signals or {Signal.HONEYPOT}), **changes)


def select(
    world: World, state: SignatureState, wanted: SignatureFilter = EVERYTHING
) -> list[SignatureRevision]:
    return list(Moderator(services=world.services, slug=SLUG).select(wanted, state))


def hold(world: World, wanted: SignatureFilter = EVERYTHING, *, why: str = "burst") -> int:
    """Hold signatures, as the command does; how many were selected."""
    selected = select(world, SignatureState.CONFIRMED, wanted)
    moderating.request_hold(world.services, selected, why=why)
    world.deliver_all()
    return len(selected)


def release(world: World, wanted: SignatureFilter = EVERYTHING) -> int:
    """Release signatures, as the command does; how many were selected."""
    selected = select(world, SignatureState.HELD, wanted)
    moderating.request_release(world.services, selected)
    world.deliver_all()
    return len(selected)


def run(world: World, *delivered: Job) -> None:
    """Deliver jobs to the function, in this order."""
    for job in delivered:
        body = jobs.to_body(job, world.services.job_key)
        world.invoke(queues.change_records, sqs_event("zaklik-changes.fifo", body))
    world.deliver_all()


def states(world: World) -> list[str]:
    """The states of signatures, in the order of their indexes."""
    return [str(item["state"]) for item in sorted(world.signatures(), key=lambda i: str(i["sk"]))]


def summary_of(world: World, index: str) -> SignatureSummary:
    """The stored summary of a signature."""
    (summary,) = signatures.summaries_in(world.services.signatures, SLUG, index[2:4])
    assert isinstance(summary, SignatureSummary)
    return summary


def withdraw(world: World, index: str) -> None:
    assert signatures.mark_withdrawn(
        world.services.signatures,
        SLUG,
        index,
        now=NOW + timedelta(hours=3),
        link_lifetime=LINK_LIFETIME,
    )


def test_held_signatures_are_counted_by_signal_country_and_day(world: World) -> None:
    add_signature(world, 1)
    add_signature(world, 2, country="")
    add_held_signature(world, 3, Signal.HONEYPOT, Signal.DISPOSABLE)
    add_held_signature(world, 4, confirmed_on=NOW.date() + timedelta(days=1))

    held = Moderator(services=world.services, slug=SLUG).held()

    assert held.count == 2
    assert held.by_reason == {"honeypot": 2, "disposable": 1}
    assert held.by_day == {date(2026, 3, 8): 1, date(2026, 3, 9): 1}
    assert held.confirmed == {"PL": 1, "": 1}
    assert held.damaged == []


def test_released_signatures_count_from_their_confirmation(world: World) -> None:
    add_held_signature(world, 1)
    before = world.signatures()[0]
    world.clock.advance(days=90)

    released = release(world)

    assert released == 1
    assert world.count() == 1
    assert world.signatures()[0] == {**before, "state": "confirmed", "revision": 1}


def test_all_buckets_are_read_and_progress_is_reported(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "BUCKETS", ALL_BUCKETS)
    for number in (0x00, 0x7F, 0xFF):
        add_held_signature(world, number)
    progress: list[tuple[int, int]] = []

    selected = Moderator(
        services=world.services,
        slug=SLUG,
        progress=lambda bucket, count: progress.append((bucket, count)),
    ).select(EVERYTHING, SignatureState.HELD)

    assert len(selected) == 3
    assert [bucket for bucket, _ in progress] == list(range(1, 257))
    assert [progress[place][1] for place in (0, 126, 127, 254, 255)] == [1, 1, 2, 2, 3]


def test_a_release_takes_only_the_filtered_signatures(world: World) -> None:
    add_held_signature(world, 1, Signal.HONEYPOT)
    add_held_signature(world, 2, Signal.DISPOSABLE, Signal.SLOW_LANE)
    add_held_signature(world, 3, confirmed_on=NOW.date() + timedelta(days=1))

    released = release(world, SignatureFilter(signals=("honeypot",), confirmed_to=NOW.date()))

    assert released == 1
    assert states(world) == ["confirmed", "held", "held"]


def test_a_hold_keeps_its_reason_lowers_the_count_and_can_be_released(world: World) -> None:
    add_signature(world, 1, country="LT")
    add_signature(world, 2)
    add_held_signature(world, 3)

    held = hold(world, SignatureFilter(country="LT"), why="burst of one evening")

    assert held == 1
    assert states(world) == ["held", "confirmed", "held"]
    assert world.count() == 1
    by_reason = Moderator(services=world.services, slug=SLUG).held().by_reason
    assert by_reason == {"honeypot": 1, "“burst of one evening”": 1}

    released = release(world, SignatureFilter(why="burst of one evening"))

    assert released == 1
    assert states(world) == ["confirmed", "confirmed", "held"]
    assert world.count() == 2


def test_a_mistaken_release_can_be_held_again_by_its_signal(world: World) -> None:
    add_signature(world, 1)
    add_held_signature(world, 2, Signal.HONEYPOT)
    release(world)

    held = hold(world, SignatureFilter(signals=("honeypot",)), why="released by mistake")

    assert held == 1
    assert states(world) == ["confirmed", "held"]


def test_selecting_and_queueing_change_nothing(world: World) -> None:
    add_signature(world, 1)
    add_held_signature(world, 2)
    before = world.signatures()

    moderating.request_release(world.services, select(world, SignatureState.HELD))

    assert len(select(world, SignatureState.CONFIRMED, SignatureFilter(country="PL"))) == 1
    assert world.signatures() == before


def test_a_job_holds_fifty_signatures_and_a_call_ten_jobs(world: World) -> None:
    seen = SignatureRevision(slug=SLUG, index="01" + "0" * 32, attestation=bytes(64))
    selected = [replace(seen, index=f"01{number:032x}") for number in range(520)]

    with recorded(AwsCalls()) as calls:
        moderating.request_hold(world.services, selected, why="burst")

    bodies = queued(world)
    taken = [jobs.from_body(body, world.services.secrets.job_keys) for body in bodies]
    assert calls.made.count("sqs.SendMessageBatch") == 2
    assert [revision for job in taken for revision in job.revisions] == selected  # type: ignore[union-attr]
    assert max(map(len, bodies)) * job_queue.MAX_BATCH < 256 * 1024


def queued(world: World) -> list[str]:
    """Take all messages from the queue of changes."""
    url = world.services.settings.change_queue_url
    bodies = []
    while messages := world.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
        "Messages"
    ):
        bodies += [message["Body"] for message in messages]
        for message in messages:
            # The queue hands out no other message before these are done.
            world.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def test_a_message_names_neither_a_person_nor_what_is_sealed(world: World) -> None:
    world.sign_and_confirm(country="LT")
    (item,) = world.signatures()
    used = (item["sk"][2:4],)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "BUCKETS", used)
        selected = select(world, SignatureState.CONFIRMED)
    moderating.request_hold(world.services, selected, why="burst")

    (body,) = queued(world)

    assert item["sk"] in body
    assert not [word for word in ("hanna", "example.org", "LT", "sealed") if word in body]


def test_a_second_delivery_changes_nothing(world: World) -> None:
    add_signature(world, 1)
    job = HoldSignatures(revisions=tuple(select(world, SignatureState.CONFIRMED)), why="burst")
    run(world, job)
    once = world.signatures()

    run(world, job, job)

    assert world.signatures() == once
    assert world.count() == 0


def test_a_late_delivery_does_not_undo_what_came_after_it(world: World) -> None:
    add_signature(world, 1)
    first = HoldSignatures(revisions=tuple(select(world, SignatureState.CONFIRMED)), why="burst")
    run(world, first)
    second = ReleaseSignatures(revisions=tuple(select(world, SignatureState.HELD)))
    run(world, second)

    run(world, first, second, first)

    assert states(world) == ["confirmed"]
    assert world.count() == 1
    assert hold(world, why="burst") == 1
    assert states(world) == ["held"]


def test_of_two_moderators_the_first_job_wins(world: World) -> None:
    add_signature(world, 1)
    seen = tuple(select(world, SignatureState.CONFIRMED))

    run(
        world,
        HoldSignatures(revisions=seen, why="one"),
        HoldSignatures(revisions=seen, why="other"),
    )

    assert world.signatures()[0]["why"] == "one"


def test_a_job_creates_no_signature(world: World) -> None:
    unknown = SignatureRevision(slug=SLUG, index="01" + "0" * 32, attestation=bytes(64))

    run(
        world,
        HoldSignatures(revisions=(unknown,), why="burst"),
        ReleaseSignatures(revisions=(unknown, replace(unknown, revision=1))),
    )

    assert world.signatures() == []


def test_a_signature_withdrawn_before_a_job_stays_withdrawn(world: World) -> None:
    held, confirmed = add_held_signature(world, 1), add_signature(world, 2)
    seen = [select(world, SignatureState.HELD), select(world, SignatureState.CONFIRMED)]
    for index in (held, confirmed):
        withdraw(world, index)

    moderating.request_release(world.services, seen[0])
    moderating.request_hold(world.services, seen[1], why="burst")
    world.deliver_all()

    assert states(world) == ["withdrawn", "withdrawn"]
    assert world.count() == 0


def test_a_withdrawal_removes_the_reason_of_the_hold(world: World) -> None:
    index = add_signature(world, 1)
    hold(world)

    withdraw(world, index)

    (tombstone,) = world.signatures()
    assert tombstone.keys() == {"pk", "sk", "state", "withdrawn_at", "expires_at"}


def test_a_new_signature_of_the_same_address_is_not_held(world: World) -> None:
    index = add_signature(world, 1)
    seen = select(world, SignatureState.CONFIRMED)
    withdraw(world, index)
    add_signature(world, 1, attempt=2)

    moderating.request_hold(world.services, seen, why="burst")
    world.deliver_all()

    assert states(world) == ["confirmed"]
    assert moderating.progress_of(world.services, seen) == ([], 0)


def test_progress_tells_waiting_from_changed_and_withdrawn_ones(world: World) -> None:
    for number in range(3):
        add_signature(world, number)
    seen = select(world, SignatureState.CONFIRMED)
    run(world, HoldSignatures(revisions=(seen[0],), why="burst"))
    withdraw(world, seen[1].index)

    assert moderating.progress_of(world.services, seen) == ([seen[2]], 1)


@contextmanager
def failing_updates(count: int) -> Iterator[None]:
    """The first updates of items are throttled."""
    left, answer = count, BotocoreStubber.__call__

    def fail(stubber: Any, event_name: str, request: Any, **options: Any) -> Any:
        nonlocal left
        if not left or not request.headers.get("X-Amz-Target", b"").endswith(b"UpdateItem"):
            return answer(stubber, event_name, request, **options)
        left -= 1
        return AWSResponse(request.url, 400, HTTPHeaders(), MockRawResponse(THROTTLED))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "__call__", fail)
        yield


def test_a_throttled_write_is_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    add_held_signature(world, 1)

    with failing_updates(3):
        release(world)

    assert states(world) == ["confirmed"]
    assert len(waits) == 3


def test_a_table_that_stays_throttled_leaves_the_job_on_the_queue(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    add_held_signature(world, 1)
    add_held_signature(world, 2)

    with failing_updates(100):
        release(world)
    assert states(world) == ["held", "held"]

    world.make_messages_visible()
    world.deliver_all()
    assert states(world) == ["confirmed", "confirmed"]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize(
    "call", ["dynamodb.GetItem", "dynamodb.Query", "sqs.SendMessageBatch", "dynamodb.UpdateItem"]
)
def test_a_fault_at_any_call_loses_nothing_and_doubles_nothing(
    world: World, call: str, fault: Fault
) -> None:
    for number in range(3):
        add_held_signature(world, number)

    with recorded(AwsCalls(at=call, fault=fault)):
        for _ in range(2):
            try:
                release(world)
            except (Crash, Unavailable):
                continue
    world.make_messages_visible()
    world.deliver_all()
    # The stream redelivers all records.
    world.invoke(streams.tally, stream_event(world.stream_records()))

    assert states(world) == ["confirmed"] * 3
    assert world.count() == 3


def test_a_stopped_job_leaves_whole_signatures(world: World) -> None:
    for number in range(4):
        add_held_signature(world, number)
    moderating.request_release(world.services, select(world, SignatureState.HELD))
    (body,) = queued(world)
    event = sqs_event("zaklik-changes.fifo", body)

    with pytest.raises(Crash), recorded(stopping_after("dynamodb.UpdateItem", 2)):
        world.invoke(queues.change_records, event)
    stopped = states(world)
    world.invoke(queues.change_records, event)

    assert stopped == ["confirmed", "confirmed", "held", "held"]
    assert states(world) == ["confirmed"] * 4


def stopping_after(name: str, count: int) -> AwsCalls:
    """Kill the process before the call of this name that follows `count` others of it."""

    class Stop(AwsCalls):
        def pass_through(self, name_of_call: str, call: Any) -> Any:
            if self.made.count(name) == count and name_of_call == name:
                raise Crash
            return super().pass_through(name_of_call, call)

    return Stop()


def test_an_unknown_petition_cannot_be_moderated(world: World) -> None:
    with pytest.raises(NotFound):
        Moderator(services=world.services, slug="no-such-door").held()


def indexes(revisions: Iterable[SignatureRevision]) -> set[str]:
    return {revision.index for revision in revisions}


def test_a_damaged_item_is_counted_apart_and_not_selected(world: World) -> None:
    add_signature(world, 1)
    damaged = add_signature(world, 2)
    world.services.signatures.update(keys.signature(SLUG, damaged), "REMOVE attestation")

    assert indexes(select(world, SignatureState.CONFIRMED)) == {f"01{'01' * 16}"}
    assert Moderator(services=world.services, slug=SLUG).held().damaged == [damaged]
