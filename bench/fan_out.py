"""What does it take to divide a million subscribers into chunks? Calls, CPU time and memory."""

import re
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bench.instruments import capacity_units, many_subscribers, moto_service, reporting
from bench.instruments.reporting import Chapter, Progress, figure, table
from chalicelib.domain.mailboxes import email_address
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import FanOut
from chalicelib.people import blind_indexes
from chalicelib.routes.events import queues
from chalicelib.store import keys
from chalicelib.store.alerts import alerts
from chalicelib.usecases.alerts import starting
from tests.event_delivery import sqs_event
from tests.world import World

SUBSCRIBERS: Final = 1_000_000
_FEW: Final = 20_000
_PAGE_BYTES: Final = 1024**2
"""What a Query reads at most (DynamoDB API reference, Query)."""
CALL_SECONDS: Final = 0.01
"""What a call to DynamoDB or SQS is assumed to take."""
_MOST_PEAK: Final = 32 * 1024**2
"""Bytes that one job may take."""
_TIMEOUT: Final = 30
"""Seconds that the function may run."""


@dataclass(kw_only=True)
class FanOutCost:
    """The cost of all jobs of one fan-out; CPU seconds of each job, without those of AWS."""

    subscriber_count: int
    calls: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    calls_of_job: list[int] = field(default_factory=list)
    peak: int = 0
    chunk_count: int = 0

    @property
    def longest(self) -> float:
        """Seconds that the longest job takes, with the assumed time of its calls."""
        pairs = zip(self.seconds, self.calls_of_job, strict=True)
        return max(seconds + count * CALL_SECONDS for seconds, count in pairs)

    @property
    def together(self) -> float:
        """Seconds that all jobs take, one after the other."""
        return sum(self.seconds) + self.calls.total() * CALL_SECONDS


class GeneratedSubscribers:
    """Stands for a client of DynamoDB: makes subscribers as they are read, and counts calls.

    Of a transaction it stores the header of the alert alone, so that memory is that of the job.
    """

    def __init__(self, client: Any, cost: FanOutCost, item: Any) -> None:
        self._client, self._cost, self._item = client, cost, item
        self._page = _PAGE_BYTES // capacity_units.item_bytes(item)
        self._in_shard = cost.subscriber_count // len(keys.SHARDS)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            self._cost.calls[name] += 1
            return getattr(self._client, name)(**arguments)

        return call

    def query(self, **arguments: Any) -> Any:
        """A page of a shard."""
        self._cost.calls["query"] += 1
        pk = arguments["ExpressionAttributeValues"][":pk"]
        after = arguments.get("ExclusiveStartKey")
        first = int(after["sk"]["S"][3:], 16) + 1 if after else 0
        end = min(self._in_shard, first + min(arguments["Limit"], self._page))
        shard = pk["S"][-1]
        items = [
            {"sk": {"S": f"01{shard}{number:031x}"}, "state": {"S": "active"},
             "frequency": {"S": "each"}}
            for number in range(first, end)
        ]  # fmt: skip
        more = {"LastEvaluatedKey": {"pk": pk, "sk": items[-1]["sk"]}}
        return {"Items": items, **(more if end < self._in_shard else {})}

    def transact_write_items(self, *, TransactItems: Any) -> Any:  # noqa: N803 - boto3's name
        """Move the cursor of the alert."""
        self._cost.calls["transact_write_items"] += 1
        updates = [item for item in TransactItems if "Update" in item]
        return self._client.transact_write_items(TransactItems=updates)


class CountedQueue:
    """Stands for a client of SQS: takes every message, and counts calls."""

    def __init__(self, cost: FanOutCost) -> None:
        self._cost = cost
        self.fan_outs: list[str] = []

    def send_message(self, *, MessageBody: str, **_arguments: Any) -> Any:  # noqa: N803
        """Take a message."""
        self._cost.calls["send_message"] += 1
        self._keep(MessageBody)

    def send_message_batch(self, *, Entries: Any, **_arguments: Any) -> Any:  # noqa: N803
        """Take ten messages."""
        self._cost.calls["send_message_batch"] += 1
        for entry in Entries:
            self._keep(entry["MessageBody"])
        return {}

    def _keep(self, body: str) -> None:
        if re.search(r"kind[^,]*FanOut", body):
            self.fan_outs.append(body)


def measure(progress: Progress, *, short: bool = False) -> FanOutCost:
    """Fan out one alert; then again, to see its memory."""
    count = _FEW if short else SUBSCRIBERS
    progress(f"{count:,} subscribers")
    cost = _fan_out(count, tracing=False)
    progress("memory")
    return replace(cost, peak=_fan_out(min(count, SUBSCRIBERS // 4), tracing=True).peak)


def chapter(cost: FanOutCost) -> Chapter:
    """The cost of a fan-out."""
    rows = [
        (name, figure(count)) for name, count in sorted(cost.calls.items(), key=lambda it: -it[1])
    ]
    rows.append(("**together**", figure(cost.calls.total())))
    text = f"""
{figure(cost.subscriber_count)} subscribers become {figure(cost.chunk_count)} chunks by
{figure(len(cost.seconds))} jobs, each of which queues the next. The subscribers are generated as
they are read, in pages as large as DynamoDB's.

{table(("call", "times"), rows)}
All jobs take {figure(sum(cost.seconds))} s of CPU time, the longest {figure(max(cost.seconds))} s,
and {cost.peak / 1024**2:.1f} MB of memory at most. With {CALL_SECONDS * 1000:.0f} ms for each call,
which is assumed, the longest takes {figure(cost.longest)} of its {_TIMEOUT} seconds, and all
{figure(cost.together)} s. Sending begins with the first group, long before the last.
"""
    broken = []
    if cost.longest > _TIMEOUT / 2:
        broken.append("a job of a fan-out takes more than half of its time")
    if cost.peak > _MOST_PEAK:
        broken.append("a job of a fan-out takes more than 32 MB")
    return Chapter(
        title="A million subscribers",
        command=reporting.command("fan_out"),
        text=text,
        broken=broken,
    )


def _fan_out(count: int, *, tracing: bool) -> FanOutCost:
    cost = FanOutCost(subscriber_count=count)
    with moto_service.published_petition() as world:
        world.grant_mails(rate=1000)
        stored = world.services.petitions
        alert_id = _started(world, cost)
        queue = world.services.sqs
        assert isinstance(queue, CountedQueue)
        while queue.fan_outs:
            _run(queue.fan_outs.pop(), cost, tracing=tracing)
            alert = alerts.get(stored, alert_id)
            if not alert.pilot_checked and not queue.fan_outs:
                alerts.mark_pilot_checked(stored, alert_id, pause_reason="", now=world.clock.now())
                job = FanOut(alert_id=alert_id)
                job_queue.put(queue, "", job, world.services.job_key)
        cost.chunk_count = alerts.get(stored, alert_id).chunk_count
    return cost


def _started(world: World, cost: FanOutCost) -> str:
    """Start the alert of the petition's update with generated subscribers; its id."""
    services, address = world.services, "subscriber.1@example.org"
    many_subscribers.subscribe(services, moto_service.SLUG, [address], moto_service.LANGUAGES)
    table = services.subscribers
    index = blind_indexes.subscriber_index(
        services, moto_service.SLUG, email_address.parse(address)
    )
    item = table.client.get_item(
        TableName=table.name,
        Key={
            name: {"S": value} for name, value in keys.subscriber(moto_service.SLUG, index).items()
        },
    )["Item"]
    made: Any = GeneratedSubscribers(table.client, cost, item)
    services.sqs = CountedQueue(cost)  # type: ignore[assignment]
    alert_id = starting.start_update(services, moto_service.update().id)
    if alert_id is None:
        raise moto_service.UnexpectedAnswer("the update was sent before")
    services.subscribers = replace(table, client=made)
    services.petitions = replace(services.petitions, client=made)
    cost.calls.clear()
    return alert_id


def _run(body: str, cost: FanOutCost, *, tracing: bool) -> None:
    event = sqs_event(moto_service.JOB_QUEUE, body)
    before = cost.calls.total()
    if tracing:
        tracemalloc.start()
    began = time.process_time()
    queues.run_job(event, None)
    cost.seconds.append(time.process_time() - began)
    cost.calls_of_job.append(cost.calls.total() - before)
    if tracing:
        cost.peak = max(cost.peak, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()


if __name__ == "__main__":
    reporting.show("fan_out", lambda progress: chapter(measure(progress)))
