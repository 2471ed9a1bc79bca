"""Lambda's event source mappings: take from a queue, a stream or a clock, call a handler.

A worker holds its `turn` from taking to done. The holder of the turns of all workers knows that
none is at work.
"""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from chalicelib.routes.events.errors import HandlerFailed
from ops.local import lambda_events, moto_internals
from ops.local.aws import DYNAMODB, SQS, MotoServer
from ops.local.state import StreamBatches

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

log = logging.getLogger(__name__)

EventHandler = Callable[[Any, Any], Any]

_POLL_SECONDS: Final = 1.0
"""How late a message may be whose delay has passed, or a schedule."""
_MAX_RECEIVED: Final = 10
"""Messages that one call receives (SQS API reference, ReceiveMessage)."""
_MAX_RETRY_SECONDS: Final = 60
_STREAM_RETRY_SECONDS: Final = 1.0


class Worker(ABC):
    """Works through one event source in a thread of its own."""

    name: str

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.stop = threading.Event()

    @abstractmethod
    def work(self) -> bool:
        """Take what is due now and handle it; whether there was anything. Needs the turn."""

    @abstractmethod
    def wait(self) -> None:
        """Wait until there may be work."""

    def run(self) -> None:
        """Work until `stop` is set."""
        while not self.stop.is_set():
            try:
                with self.turn:
                    busy = self.work()
            except Exception as error:  # noqa: BLE001 - its thread must not end
                log.warning("%s failed (%s) and goes on", self.name, type(error).__name__)
                busy = False
            if not busy:
                self.wait()


def call(name: str, handler: EventHandler, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Call a handler as Lambda would; its answer, or None if it failed.

    Errors are named, not quoted.
    """
    try:
        return handler(event, lambda_events.context(name)) or {}
    except HandlerFailed:
        # The handler has logged why.
        return None
    except Exception as error:  # noqa: BLE001 - a handler's failure is a result, not our own
        log.warning("%s failed (%s); it will be tried again", name, type(error).__name__)
        return None


def received(sqs: "SQSClient", url: str, limit: int) -> list[Any]:
    """Up to `limit` of the messages that are visible."""
    messages: list[Any] = []
    while len(messages) < limit:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(_MAX_RECEIVED, limit - len(messages)),
            MessageSystemAttributeNames=["All"],
        )
        if not answer.get("Messages"):
            break
        messages += answer["Messages"]
    return messages


def has_failed(message: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Whether the answer of a handler names a message as one that has to come again."""
    failures = answer.get("batchItemFailures", ())
    return any(failure["itemIdentifier"] == message["MessageId"] for failure in failures)


class QueueWorker(Worker):
    """Takes messages from one queue: deletes those that succeed, delays those that do not."""

    def __init__(
        self,
        queue: str,
        handler: EventHandler,
        sqs: "SQSClient",
        server: MotoServer,
        *,
        batch_size: int = 1,
    ) -> None:
        super().__init__()
        self._batch_size = batch_size
        self.name = queue
        self._handler = handler
        self._sqs = sqs
        self._url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        self._server = server
        self._seen = -1

    def work(self) -> bool:
        """Handle the messages that are there, up to ten or one batch."""
        self._seen = self._server.changes.count(SQS)
        with self._server.lock:
            if not moto_internals.queues()[self.name].messages:
                # No request is made: a message in one queue wakes the workers of all.
                return False
        messages = received(self._sqs, self._url, max(_MAX_RECEIVED, self._batch_size))
        for start in range(0, len(messages), self._batch_size):
            self._handle(messages[start : start + self._batch_size])
        return bool(messages)

    def wait(self) -> None:
        """Wait for a new message, and no longer than a message may be late."""
        self._server.changes.wait(self._seen, SQS, seconds=_POLL_SECONDS)

    def _handle(self, messages: Sequence[Any]) -> None:
        event = lambda_events.from_queue(messages, self.name)
        answer = call(self.name, self._handler, event)
        for message in messages:
            self._settle(message, answer)

    def _settle(self, message: Any, answer: Mapping[str, Any] | None) -> None:
        receipt = message["ReceiptHandle"]
        if answer is None:
            # Real queues wait for the whole visibility timeout, which is too long for a developer.
            tries = int(message["Attributes"]["ApproximateReceiveCount"])
            self._sqs.change_message_visibility(
                QueueUrl=self._url,
                ReceiptHandle=receipt,
                VisibilityTimeout=min(2**tries, _MAX_RETRY_SECONDS),
            )
        elif not has_failed(message, answer):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)


class StreamWorker(Worker):
    """Reads the stream of one table in order; a batch that fails comes again before the next."""

    def __init__(
        self,
        table: str,
        handler: EventHandler,
        *,
        streams: Any,
        server: MotoServer,
        now: Callable[[], datetime],
        backlog: StreamBatches,
    ) -> None:
        super().__init__()
        self.name = table
        self._handler = handler
        self._streams = streams
        self._server = server
        self._now = now
        self._backlog = list(backlog)
        self._arn = streams.list_streams(TableName=table)["Streams"][0]["StreamArn"]
        stream = streams.describe_stream(StreamArn=self._arn)["StreamDescription"]
        self._shard = stream["Shards"][0]["ShardId"]
        self._iterator = streams.get_shard_iterator(
            StreamArn=self._arn, ShardId=self._shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        self._done_count = 0
        self._seen = -1

    def work(self) -> bool:
        """Deliver the records that an earlier process left, then up to 1,000 new ones."""
        self._seen = self._server.changes.count(DYNAMODB)
        if self._backlog:
            if self._deliver(self._backlog[0]["shard"], self._backlog[0]["records"]):
                del self._backlog[0]
            return True
        answer = self._streams.get_records(ShardIterator=self._iterator, Limit=1000)
        records = answer["Records"]
        if records and self._deliver(self._shard, records):
            self._iterator = answer["NextShardIterator"]
            self._done_count += len(records)
        return bool(records)

    def wait(self) -> None:
        """Wait until a table has changed."""
        self._server.changes.wait(self._seen, DYNAMODB, seconds=60.0)

    def uncounted(self) -> StreamBatches:
        """The records that are not delivered yet. The caller holds the server's lock."""
        table = moto_internals.tables()[self.name]
        records = moto_internals.records_after(table, self._done_count)
        return self._backlog + ([{"shard": self._shard, "records": records}] if records else [])

    def _deliver(self, shard: str, records: Any) -> bool:
        event = lambda_events.from_stream(
            records, shard=shard, stream_arn=self._arn, now=self._now()
        )
        done = call("tally", self._handler, event) is not None
        if not done:
            self.stop.wait(_STREAM_RETRY_SECONDS)
        return done


class ScheduleWorker(Worker):
    """Calls a handler whenever it is due. Missed calls are caught up by one."""

    def __init__(
        self,
        name: str,
        handler: EventHandler,
        now: Callable[[], datetime],
        due_after: Callable[[datetime], datetime],
    ) -> None:
        super().__init__()
        self.name = name
        self._handler = handler
        self._now = now
        self._due_after = due_after
        self._due_at = due_after(now())

    def work(self) -> bool:
        """Call the handler if it is due."""
        if self._now() >= self._due_at:
            self.call_now()
        return False

    def call_now(self) -> None:
        """Call the handler, due or not. The caller holds the turn."""
        now = self._now()
        self._due_at = self._due_after(now)
        call(self.name, self._handler, lambda_events.from_schedule(self.name, now))

    def wait(self) -> None:
        """Look again in a second."""
        self.stop.wait(_POLL_SECONDS)
