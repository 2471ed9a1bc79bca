"""Handlers are called with what is due, again when they fail, and never after they succeeded."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.routes.events.errors import HandlerFailed
from ops.local import moto_internals
from ops.local.aws import Engine
from ops.local.clock import Clock
from ops.local.resources import Stack, read_template
from ops.local.state import InUse, StateFolder
from ops.local.workers import QueueWorker, ScheduleWorker, StreamWorker

SIGNATURES = "zaklik-signatures"


class Handler:
    """Notes its events; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.events: list[Any] = []
        self.failures = failures

    def __call__(self, event: Any, _context: Any) -> None:
        self.events.append(event)
        if len(self.events) <= self.failures:
            raise HandlerFailed

    @property
    def bodies(self) -> list[str]:
        return [record["body"] for event in self.events for record in event["Records"]]

    @property
    def shards(self) -> list[tuple[str, list[str]]]:
        return [
            (
                event["shardId"],
                [record["dynamodb"]["Keys"]["sk"]["S"] for record in event["Records"]],
            )
            for event in self.events
        ]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with mock_aws():
        Stack(read_template(), {"PublicUrl": "http://a", "Sender": "a@b"}).create()
        made = Engine(0)
        made.start()
        yield made
        made.stop()


def queue_worker(engine: Engine, handler: Handler) -> QueueWorker:
    return QueueWorker("zaklik-mail", handler, boto3.client("sqs"), engine)


def send(body: str) -> None:
    client = boto3.client("sqs")
    url = client.get_queue_url(QueueName="zaklik-mail")["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody=body)


def stream_worker(engine: Engine, handler: Handler, backlog: Any = ()) -> StreamWorker:
    moto_internals.begin_shard(moto_internals.tables()[SIGNATURES])
    return StreamWorker(
        SIGNATURES,
        handler,
        streams=boto3.client("dynamodbstreams", endpoint_url=engine.url),
        engine=engine,
        clock=Clock(),
        backlog=backlog,
    )


def put(name: str) -> None:
    boto3.client("dynamodb").put_item(
        TableName=SIGNATURES, Item={"pk": {"S": "a#3f"}, "sk": {"S": name}, "x": {"B": b"\xff"}}
    )


def test_each_message_is_an_event_of_its_own_and_is_then_gone(engine: Engine) -> None:
    handler = Handler()
    worker = queue_worker(engine, handler)
    send("one")
    send("two")

    assert worker.work()
    assert not worker.work()

    assert handler.bodies == ["one", "two"]
    assert [len(event["Records"]) for event in handler.events] == [1, 1]
    assert moto_internals.messages_of(moto_internals.queues()["zaklik-mail"]) == []


def test_a_message_that_failed_comes_again_after_seconds(engine: Engine) -> None:
    handler = Handler(failures=1)
    worker = queue_worker(engine, handler)
    send("one")

    assert worker.work()
    assert not worker.work()
    moto_internals.hasten_messages(timedelta(seconds=3))
    assert worker.work()

    assert handler.bodies == ["one", "one"]
    counts = [event["Records"][0]["attributes"] for event in handler.events]
    assert [count["ApproximateReceiveCount"] for count in counts] == ["1", "2"]
    assert moto_internals.messages_of(moto_internals.queues()["zaklik-mail"]) == []


def test_a_message_that_fails_for_ever_becomes_a_dead_letter(engine: Engine) -> None:
    worker = queue_worker(engine, Handler(failures=999))
    send("one")

    # A hundred tries, and once more to find that there were enough.
    for _ in range(101):
        worker.work()
        moto_internals.hasten_messages(timedelta(seconds=61))

    dead = moto_internals.messages_of(moto_internals.queues()["zaklik-mail-dead"])
    assert [message["body"] for message in dead] == ["one"]


def test_what_an_earlier_process_left_goes_first_under_its_own_shard(engine: Engine) -> None:
    left = [{"shard": "old", "records": [{"dynamodb": {"Keys": {"sk": {"S": "1"}}}}]}]
    handler = Handler()
    worker = stream_worker(engine, handler, left)
    put("2")

    while worker.work():
        pass

    shard = moto_internals.shard_of(moto_internals.tables()[SIGNATURES])
    assert handler.shards == [("old", ["1"]), (shard, ["2"])]
    assert worker.uncounted() == []


def test_a_batch_that_failed_stays_uncounted_and_comes_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = Handler(failures=1)
    worker = stream_worker(engine, handler)
    monkeypatch.setattr("ops.local.workers._STREAM_RETRY_SECONDS", 0.0)
    put("1")

    worker.work()
    (waiting,) = worker.uncounted()
    put("2")
    worker.work()

    assert [record["dynamodb"]["Keys"]["sk"]["S"] for record in waiting["records"]] == ["1"]
    assert [names for _, names in handler.shards] == [["1"], ["1", "2"]]
    assert worker.uncounted() == []


def test_records_are_as_lambda_writes_them(engine: Engine) -> None:
    handler = Handler()
    put("1")
    stream_worker(engine, handler).work()

    (record,) = handler.events[0]["Records"]
    assert record["eventName"] == "INSERT"
    assert record["dynamodb"]["NewImage"]["x"] == {"B": "/w=="}
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], float)
    assert record["eventSourceARN"].startswith("arn:aws:dynamodb:")
    assert handler.events[0]["isFinalInvokeForWindow"] is False


def test_a_schedule_that_was_missed_is_caught_up_by_one_call() -> None:
    clock = Clock()
    handler = Handler()
    worker = ScheduleWorker("tick", handler, clock, lambda now: now + timedelta(minutes=1))

    worker.work()
    clock.advance(timedelta(hours=5))
    worker.work()
    worker.work()

    (event,) = handler.events
    called_at = datetime.fromisoformat(event["time"])
    assert called_at - datetime.now(UTC) > timedelta(hours=4)


def test_the_lock_file_of_a_process_that_is_gone_holds_nobody_up(tmp_path: Path) -> None:
    first = StateFolder(tmp_path)
    with pytest.raises(InUse):
        StateFolder(tmp_path)
    first.close()

    StateFolder(tmp_path).close()
