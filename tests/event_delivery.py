"""The events that AWS delivers to the functions, at the moment at which a test says so."""

from collections.abc import Callable
from typing import Any

from chalicelib.routes.events import errors, schedules, streams
from chalicelib.store import keys
from ops.local import lambda_events, moto_internals
from ops.local.event_sources import BATCH_SIZES, QUEUE_HANDLERS
from ops.local.workers import has_failed, received
from tests.builders import NOW
from tests.in_process_service import InProcessService


class EventDelivery(InProcessService):
    """A service whose queues, stream and schedules are worked through on demand."""

    def invoke(self, handler: Callable[..., Any], event: dict[str, Any]) -> Any:
        """Call a function with an event of AWS; its answer."""
        return handler(event, None)

    def deliver_all(self, rounds: int = 30) -> None:
        """Deliver messages and stream records until nothing is left that can be delivered now."""
        for _ in range(rounds):
            if not (self.deliver_messages() + self.deliver_stream()):
                return
        raise AssertionError("there is always something left to deliver")

    def deliver_messages(self) -> int:
        """Deliver every visible message once; how many were handled. Failed ones stay."""
        handled = 0
        for queue, handler in QUEUE_HANDLERS.items():
            if not moto_internals.messages_of(moto_internals.queues()[queue]):
                # No request: moto's many empty answers cost the suite minutes.
                continue
            url = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            size = BATCH_SIZES.get(queue, 1)
            while messages := received(self.sqs, url, size):
                event = lambda_events.from_queue(messages, queue)
                try:
                    answer = self.invoke(handler, event) or {}
                except errors.HandlerFailed:
                    continue
                for message in messages:
                    if not has_failed(message, answer):
                        receipt = message["ReceiptHandle"]
                        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
                        handled += 1
        return handled

    def make_messages_visible(self) -> None:
        """Let failed and delayed messages be received again, as after a wait."""
        for queue in moto_internals.queues().values():
            for message in moto_internals.messages_of(queue):
                message.delayed_until = 0
                message.visible_at = 0

    def deliver_stream(self) -> int:
        """Deliver the records that have not been delivered; how many. A failure keeps them."""
        records = self.stream_records()[self.delivered_count :]
        if not records:
            return 0
        self.invoke(streams.tally, stream_event(records))
        self.delivered_count += len(records)
        return len(records)

    def stream_records(self) -> list[dict[str, Any]]:
        """Every record of the signatures' stream, as Lambda gets them."""
        table = moto_internals.tables()[self.services.settings.signatures_table]
        records: list[dict[str, Any]] = stream_event(moto_internals.records_after(table, 0))[
            "Records"
        ]
        return records

    def run_every_minute(self) -> None:
        """Call the function of each minute."""
        self.invoke(schedules.every_minute, schedule_event())

    def is_idle(self) -> bool:
        """Whether no message waits, no record is undelivered and no alert is open."""
        queues = moto_internals.queues().values()
        petitions = moto_internals.tables()[self.services.settings.petitions_table]
        return (
            not any(moto_internals.messages_of(queue) for queue in queues)
            and len(self.stream_records()) == self.delivered_count
            and not any(items for pk, items in petitions.items.items() if pk.value == keys.ALERTS)
        )


def sqs_event(queue: str, *bodies: str) -> dict[str, Any]:
    """An event as Lambda gets it from a queue. The ids of its messages count from 0."""
    messages = [
        {
            "MessageId": str(number),
            "ReceiptHandle": "handle",
            "Body": body,
            "MD5OfBody": "",
            "Attributes": {"ApproximateReceiveCount": "1"},
        }
        for number, body in enumerate(bodies)
    ]
    return lambda_events.from_queue(messages, queue)


def stream_event(
    records: list[dict[str, Any]], shard: str = "shardId-00000001541626099285-f35f62ef"
) -> dict[str, Any]:
    """An event as Lambda gets it from a stream with a tumbling window."""
    arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/s/stream/x"
    return lambda_events.from_stream(records, shard=shard, stream_arn=arn, now=NOW)


def schedule_event() -> dict[str, Any]:
    """An event as Lambda gets it from a schedule."""
    return lambda_events.from_schedule("every-minute", NOW)
