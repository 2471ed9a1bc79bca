"""Handlers are called when an event is due, again after a failure, never after a success."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.routes.events.errors import HandlerFailed
from ops.local import moto_internals
from ops.local.aws import MotoServer
from ops.local.resources import TemplateResources, read_template
from ops.local.state import AdjustableClock
from ops.local.workers import QueueWorker, ScheduleWorker, StreamWorker

SIGNATURES = "zaklik-signatures"
MINUTE = timedelta(minutes=1)


class RecordingHandler:
    """Records its events; fails the first `failures` times."""

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
def server() -> Iterator[MotoServer]:
    with mock_aws():
        TemplateResources(read_template(), {"PublicUrl": "http://a", "Sender": "a@b"}).create()
        server = MotoServer(0)
        server.start()
        yield server
        server.stop()


def queue_worker(server: MotoServer, handler: RecordingHandler) -> QueueWorker:
    return QueueWorker("zaklik-mail", handler, boto3.client("sqs"), server)


def send(body: str) -> None:
    client = boto3.client("sqs")
    url = client.get_queue_url(QueueName="zaklik-mail")["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody=body)


def bodies(queue: str) -> list[str]:
    messages = moto_internals.messages_of(moto_internals.queues()[queue])
    return [message.body for message in messages]


def stream_worker(server: MotoServer, handler: RecordingHandler, backlog: Any = ()) -> StreamWorker:
    moto_internals.begin_shard(moto_internals.tables()[SIGNATURES])
    return StreamWorker(
        SIGNATURES,
        handler,
        streams=boto3.client("dynamodbstreams", endpoint_url=server.url),
        server=server,
        now=AdjustableClock().now,
        backlog=backlog,
    )


def put(name: str) -> None:
    boto3.client("dynamodb").put_item(
        TableName=SIGNATURES, Item={"pk": {"S": "a#3f"}, "sk": {"S": name}, "x": {"B": b"\xff"}}
    )


def test_each_message_is_an_event_of_its_own_and_is_then_gone(server: MotoServer) -> None:
    handler = RecordingHandler()
    worker = queue_worker(server, handler)
    send("one")
    send("two")

    assert worker.work()
    assert not worker.work()

    assert handler.bodies == ["one", "two"]
    assert [len(event["Records"]) for event in handler.events] == [1, 1]
    assert bodies("zaklik-mail") == []


def test_a_message_that_failed_comes_again_after_seconds(server: MotoServer) -> None:
    handler = RecordingHandler(failures=1)
    worker = queue_worker(server, handler)
    send("one")

    assert worker.work()
    assert not worker.work()
    moto_internals.advance_messages(timedelta(seconds=3))
    assert worker.work()

    assert handler.bodies == ["one", "one"]
    counts = [event["Records"][0]["attributes"] for event in handler.events]
    assert [count["ApproximateReceiveCount"] for count in counts] == ["1", "2"]
    assert bodies("zaklik-mail") == []


def test_a_message_that_fails_for_ever_becomes_a_dead_letter(server: MotoServer) -> None:
    worker = queue_worker(server, RecordingHandler(failures=1001))
    send("one")

    # More often than any queue tries.
    for _ in range(1001):
        worker.work()
        moto_internals.advance_messages(timedelta(seconds=61))

    assert bodies("zaklik-mail-dead") == ["one"]


def test_records_of_an_earlier_process_go_first_under_their_own_shard(server: MotoServer) -> None:
    left = [{"shard": "old", "records": [{"dynamodb": {"Keys": {"sk": {"S": "1"}}}}]}]
    handler = RecordingHandler()
    worker = stream_worker(server, handler, left)
    put("2")

    while worker.work():
        pass

    shard = moto_internals.shard_of(moto_internals.tables()[SIGNATURES])
    assert handler.shards == [("old", ["1"]), (shard.id, ["2"])]
    assert worker.uncounted() == []


def test_a_batch_that_failed_stays_uncounted_and_comes_again(
    server: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = RecordingHandler(failures=1)
    worker = stream_worker(server, handler)
    monkeypatch.setattr("ops.local.workers._STREAM_RETRY_SECONDS", 0.0)
    put("1")

    worker.work()
    (waiting,) = worker.uncounted()
    put("2")
    worker.work()

    assert [record["dynamodb"]["Keys"]["sk"]["S"] for record in waiting["records"]] == ["1"]
    assert [names for _, names in handler.shards] == [["1"], ["1", "2"]]
    assert worker.uncounted() == []


def test_records_are_as_lambda_writes_them(server: MotoServer) -> None:
    handler = RecordingHandler()
    put("1")
    stream_worker(server, handler).work()

    (record,) = handler.events[0]["Records"]
    assert record["eventName"] == "INSERT"
    assert record["dynamodb"]["NewImage"]["x"] == {"B": "/w=="}
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], float)
    assert record["eventSourceARN"].startswith("arn:aws:dynamodb:")
    assert handler.events[0]["isFinalInvokeForWindow"] is False


def test_a_schedule_that_was_missed_is_caught_up_by_one_call() -> None:
    clock = AdjustableClock()
    handler = RecordingHandler()
    worker = ScheduleWorker(
        "every-minute", handler, clock.now, lambda now: now + timedelta(minutes=1)
    )

    worker.work()
    clock.advance(timedelta(hours=5))
    worker.work()
    worker.work()

    (event,) = handler.events
    called_at = datetime.fromisoformat(event["time"])
    assert called_at - datetime.now(UTC) > timedelta(hours=4)
