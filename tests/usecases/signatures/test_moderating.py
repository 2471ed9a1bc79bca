"""Holding and releasing signatures in bulk: reversible, and safe to stop at any call."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.signature import SealedSignature, SignatureState
from chalicelib.domain.signature_filter import SignatureFilter, SignatureSummary
from chalicelib.routes.events import streams
from chalicelib.store import keys, signatures
from chalicelib.store.dynamodb.items import to_milliseconds
from chalicelib.usecases.signatures.moderating import Moderator
from tests.builders import NOW
from tests.event_delivery import stream_event
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

LINK_LIFETIME = timedelta(days=7)
ALL_BUCKETS = keys.BUCKETS
THROTTLED = b'{"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"}'


@pytest.fixture(autouse=True)
def few_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The buckets that these tests use: reading all takes moto half a second."""
    monkeypatch.setattr(keys, "BUCKETS", ALL_BUCKETS[:5])


def add_signature(world: World, number: int, **changes: Any) -> str:
    """Add a signature that was confirmed `number` minutes after NOW; returns its index."""
    index = f"{number:02x}" * 16
    values: dict[str, Any] = {
        "country": "PL",
        "language": "be",
        "confirmed_at": NOW + timedelta(minutes=number),
        **changes,
    }
    if "signals" in values:
        values["state"] = SignatureState.HELD
    signature = SealedSignature(slug="open-door", index=index, sealed=b"sealed", **values)
    assert signatures.add(world.services.signatures, signature, requested_at=NOW)
    world.deliver_all()
    return index


def add_held_signature(world: World, number: int, *signals: Signal, **changes: Any) -> str:
    return add_signature(world, number, signals=frozenset(signals or {Signal.HONEYPOT}), **changes)


def moderator(world: World) -> Moderator:
    return Moderator(services=world.services, slug="open-door")


def states(world: World) -> list[str]:
    """The states of signatures, in the order of their indexes."""
    return [str(item["state"]) for item in sorted(world.signatures(), key=lambda i: str(i["sk"]))]


def summary_of(world: World, index: str) -> SignatureSummary:
    """The stored summary of a signature."""
    (summary,) = signatures.summaries_in(world.services.signatures, "open-door", index[:2])
    return summary


def withdraw(world: World, index: str) -> None:
    assert signatures.mark_withdrawn(
        world.services.signatures,
        "open-door",
        index,
        now=NOW + timedelta(hours=1),
        link_lifetime=LINK_LIFETIME,
    )


def test_held_signatures_are_counted_by_signal_country_and_day(world: World) -> None:
    add_signature(world, 1)
    add_signature(world, 2, country="")
    add_held_signature(world, 3, Signal.HONEYPOT, Signal.DISPOSABLE)
    add_held_signature(
        world, 4, Signal.HONEYPOT, language="ru", confirmed_at=NOW + timedelta(days=1)
    )

    held = moderator(world).held()

    assert held.count == 2
    assert held.by_reason == {"honeypot": 2, "disposable": 1}
    assert held.by_day == {date(2026, 3, 8): 1, date(2026, 3, 9): 1}
    assert held.by_language == {"be": 1, "ru": 1}
    assert held.confirmed == {"PL": 1, "": 1}


def test_released_signatures_count_from_their_confirmation(world: World) -> None:
    index = add_held_signature(world, 1)
    before = world.signatures()[0]
    world.clock.advance(days=90)

    released = moderator(world).release(SignatureFilter())
    world.deliver_all()

    assert released == 1
    assert world.count() == 1
    assert world.signatures()[0] == {**before, "state": "confirmed"}
    assert summary_of(world, index).confirmed_at == NOW + timedelta(minutes=1)


def test_all_buckets_are_read_and_progress_is_reported(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "BUCKETS", ALL_BUCKETS)
    for number in (0x00, 0x7F, 0xFF):
        add_held_signature(world, number)
    progress: list[tuple[int, int]] = []

    with_progress = Moderator(
        services=world.services,
        slug="open-door",
        progress=lambda bucket, count: progress.append((bucket, count)),
    )

    assert with_progress.release(SignatureFilter()) == 3
    assert [bucket for bucket, _ in progress] == list(range(1, 257))
    assert [progress[place][1] for place in (0, 126, 127, 254, 255)] == [1, 1, 2, 2, 3]


def test_a_release_takes_only_the_filtered_signatures(world: World) -> None:
    add_held_signature(world, 1, Signal.HONEYPOT)
    add_held_signature(world, 2, Signal.DISPOSABLE, Signal.SLOW_LANE)
    add_held_signature(world, 3, Signal.HONEYPOT)

    released = moderator(world).release(
        SignatureFilter(signal="honeypot", confirmed_before=NOW + timedelta(minutes=2))
    )

    assert released == 1
    assert states(world) == ["confirmed", "held", "held"]


def test_a_hold_keeps_its_reason_lowers_the_count_and_can_be_released(world: World) -> None:
    add_signature(world, 1, country="LT")
    add_signature(world, 2)
    add_held_signature(world, 3)

    held = moderator(world).hold(SignatureFilter(country="LT"), why="burst of one evening")
    world.deliver_all()

    assert held == 1
    assert states(world) == ["held", "confirmed", "held"]
    assert world.count() == 1
    assert moderator(world).held().by_reason == {"honeypot": 1, "“burst of one evening”": 1}

    released = moderator(world).release(SignatureFilter(why="burst of one evening"))
    world.deliver_all()

    assert released == 1
    assert states(world) == ["confirmed", "confirmed", "held"]
    assert world.count() == 2


def test_a_mistaken_release_can_be_held_again_by_its_signal(world: World) -> None:
    add_signature(world, 1)
    add_held_signature(world, 2, Signal.HONEYPOT)
    moderator(world).release(SignatureFilter())

    held = moderator(world).hold(SignatureFilter(signal="honeypot"), why="released by mistake")

    assert held == 1
    assert states(world) == ["confirmed", "held"]


def test_counting_the_filtered_signatures_changes_nothing(world: World) -> None:
    add_signature(world, 1)
    add_held_signature(world, 2)
    before = world.signatures()

    assert moderator(world).count(SignatureFilter(), SignatureState.HELD) == 1
    assert moderator(world).count(SignatureFilter(country="PL"), SignatureState.CONFIRMED) == 1
    assert world.signatures() == before


def test_a_second_release_changes_nothing(world: World) -> None:
    add_held_signature(world, 1)
    moderator(world).release(SignatureFilter())

    assert moderator(world).release(SignatureFilter()) == 0


def test_a_signature_withdrawn_during_a_release_stays_withdrawn(world: World) -> None:
    table = world.services.signatures
    held, confirmed = add_held_signature(world, 1), add_signature(world, 2)
    seen = [summary_of(world, held), summary_of(world, confirmed)]
    for index in (held, confirmed):
        withdraw(world, index)

    assert not signatures.mark_released(table, seen[0])
    assert not signatures.mark_held(table, seen[1], why="burst")
    world.deliver_all()
    assert states(world) == ["withdrawn", "withdrawn"]
    assert world.count() == 0


def test_a_withdrawal_removes_the_reason_of_the_hold(world: World) -> None:
    index = add_signature(world, 1)
    moderator(world).hold(SignatureFilter(country="PL"), why="burst")

    withdraw(world, index)

    (tombstone,) = world.signatures()
    assert tombstone.keys() == {"pk", "sk", "state", "withdrawn_at", "expires_at"}


def test_a_new_signature_of_the_same_address_is_not_released(world: World) -> None:
    index = add_signature(world, 1)
    seen = summary_of(world, index)
    withdraw(world, index)
    anew = SealedSignature(
        slug="open-door",
        index=index,
        sealed=b"sealed",
        country="LT",
        language="be",
        confirmed_at=NOW + timedelta(hours=3),
    )
    signatures.add(world.services.signatures, anew, requested_at=NOW + timedelta(hours=2))

    assert not signatures.mark_held(world.services.signatures, seen, why="burst")
    assert states(world) == ["confirmed"]


@contextmanager
def failing_updates(count: int, *, applied: bool) -> Iterator[None]:
    """The first updates of items fail on their way: throttled, or `applied` with a lost answer."""
    left, answer = count, BotocoreStubber.__call__

    def fail(stubber: Any, event_name: str, request: Any, **options: Any) -> Any:
        nonlocal left
        if not left or not request.headers.get("X-Amz-Target", b"").endswith(b"UpdateItem"):
            return answer(stubber, event_name, request, **options)
        left -= 1
        if applied:
            answer(stubber, event_name, request, **options)
            raise ReadTimeoutError(endpoint_url=request.url)
        return AWSResponse(request.url, 400, HTTPHeaders(), MockRawResponse(THROTTLED))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "__call__", fail)
        yield


def test_a_throttled_call_is_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    add_held_signature(world, 1)

    with failing_updates(3, applied=False):
        released = moderator(world).release(SignatureFilter())

    assert released == 1
    assert len(waits) == 3


def test_a_table_that_stays_throttled_stops_it_and_what_is_done_stays_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    add_held_signature(world, 1)
    add_held_signature(world, 2)

    with pytest.raises(Unavailable), failing_updates(100, applied=False):
        moderator(world).release(SignatureFilter())

    assert states(world) == ["held", "held"]
    assert moderator(world).release(SignatureFilter()) == 2


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("call", ["dynamodb.GetItem", "dynamodb.Query", "dynamodb.UpdateItem"])
def test_a_fault_at_any_call_loses_nothing_and_doubles_nothing(
    world: World, call: str, fault: Fault
) -> None:
    for number in range(3):
        add_held_signature(world, number)

    with recorded(AwsCalls(at=call, fault=fault)):
        try:
            moderator(world).release(SignatureFilter())
        except (Crash, Unavailable):
            moderator(world).release(SignatureFilter())
    world.deliver_all()
    # The stream redelivers all records.
    world.invoke(streams.tally, stream_event(world.stream_records()))

    assert states(world) == ["confirmed"] * 3
    assert world.count() == 3


def test_a_change_whose_answer_was_lost_is_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    add_held_signature(world, 1)

    with failing_updates(1, applied=True):
        released = moderator(world).release(SignatureFilter())

    assert released == 1


def test_a_stopped_release_leaves_whole_signatures(world: World) -> None:
    for number in range(4):
        add_held_signature(world, number)

    def stop_at_the_second(bucket: int, count: int) -> None:
        if count == 2:
            raise KeyboardInterrupt

    stopped = Moderator(services=world.services, slug="open-door", progress=stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        stopped.release(SignatureFilter())
    assert states(world) == ["confirmed", "confirmed", "held", "held"]

    assert moderator(world).release(SignatureFilter()) == 2


def test_times_are_stored_to_the_millisecond(world: World) -> None:
    odd = NOW + timedelta(microseconds=123_000)
    index = add_held_signature(world, 1, confirmed_at=odd)

    assert to_milliseconds(summary_of(world, index).confirmed_at) == to_milliseconds(odd)
    assert moderator(world).release(SignatureFilter()) == 1


def test_an_unknown_petition_cannot_be_moderated(world: World) -> None:
    with pytest.raises(NotFound):
        Moderator(services=world.services, slug="no-such-door").held()
