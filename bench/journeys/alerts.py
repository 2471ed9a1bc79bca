"""What does an alert ask of AWS, from the organiser's command to its end?

Every call of ours counts: the start, fan-out, chunks, what SES reports of them, and the function of
each minute until the alert is complete.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from botocore.client import BaseClient

from bench.instruments import call_recorder, many_subscribers, moto_service
from bench.instruments.call_recorder import Arguments, Bill
from bench.instruments.reporting import figure, table
from chalicelib.mail import jobs
from chalicelib.mail.jobs import FanOut
from chalicelib.routes.events import queues, schedules, ses_feedback
from chalicelib.store.alerts import alerts
from chalicelib.usecases.alerts import starting
from chalicelib.usecases.subscriptions import counting
from ops.local.event_sources import BATCH_SIZES, FEEDBACK_QUEUE
from tests.event_delivery import schedule_event, sqs_event
from tests.world import World

SIZES: Final = (1_000, 10_000)
RATE: Final = 200.0
"""Mails a second that SES grants in these runs. A slow account has smaller calls and chunks."""
SLOW_RATE: Final = 14.0
"""What SES grants many accounts that have just left its sandbox."""
MOST_CALLS: Final = 130
"""Calls for 1,000 recipients of a large alert, at most."""
SEND: Final = "sesv2.SendBulkEmail"
_FEW: Final = (20,)
_MAX_MINUTES: Final = 60


@dataclass(kw_only=True)
class MeasuredWork:
    """A bill, and how many calls of a function it is for; CPU seconds without those of calls."""

    bill: Bill = field(default_factory=Bill)
    count: int = 0
    seconds: float = 0

    def do(self, act: Callable[[], object]) -> None:
        """Add what `act` asks of AWS and of the processor."""
        inside = 0.0

        def make(client: BaseClient, operation: str, arguments: Arguments) -> Any:
            nonlocal inside
            began = time.process_time()
            try:
                return self.bill.make(client, operation, arguments)
            finally:
                inside += time.process_time() - began

        began = time.process_time()
        with call_recorder.through(make):
            act()
        self.seconds += time.process_time() - began - inside
        self.count += 1


@dataclass(kw_only=True)
class AlertCalls:
    """One alert's bills, by kind of work. `until_first` is what precedes the first mail."""

    subscriber_count: int
    rate: float
    chunk_count: int = 0
    start: MeasuredWork = field(default_factory=MeasuredWork)
    fan_out: MeasuredWork = field(default_factory=MeasuredWork)
    chunks: MeasuredWork = field(default_factory=MeasuredWork)
    feedback: MeasuredWork = field(default_factory=MeasuredWork)
    minutes: MeasuredWork = field(default_factory=MeasuredWork)
    until_first: int = 0

    @property
    def works(self) -> Sequence[MeasuredWork]:
        """Everything that was done."""
        return (self.start, self.fan_out, self.chunks, self.feedback, self.minutes)

    @property
    def total(self) -> Bill:
        """The whole alert's bill."""
        return sum((work.bill for work in self.works), Bill())

    @property
    def calls_per_thousand(self) -> float:
        """AWS calls for 1,000 recipients."""
        return self.total.call_count * 1_000 / self.subscriber_count


def measure(world: World, *, short: bool = False) -> Sequence[AlertCalls]:
    """Send an alert of each size, and one at the rate of a new account; follow each to its end."""
    sizes = _FEW if short else SIZES
    runs = [(SLOW_RATE, sizes[0]), *((RATE, size) for size in sizes)]
    return [_send(world, rate, size) for rate, size in runs]


def section(bills: Sequence[AlertCalls]) -> str:
    """The bill of the largest alert as a table, and each alert's calls for 1,000 recipients."""
    largest = bills[-1]
    parts = {
        "started by the organiser": largest.start,
        f"fan-out into {largest.chunk_count} chunks": largest.fan_out,
        "chunks sent": largest.chunks,
        "batches of events recorded": largest.feedback,
        "runs of every_minute": largest.minutes,
    }
    rows = [(name, figure(work.count), *_units(work.bill)) for name, work in parts.items()]
    rows.append(("**together**", "", *_units(largest.total)))
    by_size = [
        (
            f"{figure(each.subscriber_count)} at {figure(each.rate)} mails a second",
            figure(each.chunk_count),
            figure(each.total.calls[SEND]),
            figure(each.calls_per_thousand),
        )
        for each in bills
    ]
    heads = ("alert", "chunks", "calls of SES", "AWS calls for 1,000 recipients")
    return f"""### An alert to {figure(largest.subscriber_count)} subscribers

{table(("work", "times", "calls", "write units", "read units"), rows)}
{table(heads, by_size)}
A chunk holds what SES takes in some four seconds, 99 recipients at most; a call of SES what it
takes in one, 50 at most. SES reports each mail twice, as sent and as delivered; events come in
batches of {BATCH_SIZES[FEEDBACK_QUEUE]}, and each batch makes one write for each chunk in it. Each
subscriber costs a consistent read of the subscription and of the suppressions just before the chunk
is sent, so that leaving counts up to that moment. Between the organiser's command and the first
call of SES lie {largest.until_first} calls, one after the other.
"""


def broken(bills: Sequence[AlertCalls]) -> Sequence[str]:
    """What the figures do not keep of what is promised."""
    return [
        f"an alert to {figure(each.subscriber_count)} takes {figure(each.calls_per_thousand)} "
        f"AWS calls for 1,000 recipients, more than {MOST_CALLS}"
        for each in bills
        if each.subscriber_count >= SIZES[-1]
        if each.calls_per_thousand > MOST_CALLS
    ]


def _units(bill: Bill) -> tuple[str, str, str]:
    return figure(bill.call_count), figure(bill.write_units), figure(bill.read_units)


def _send(world: World, rate: float, subscriber_count: int) -> AlertCalls:
    world.grant_mails(rate=rate)
    _subscribe(world, subscriber_count)
    mailed = len(world.outbox)
    update = replace(moto_service.update(), name=f"news-{subscriber_count}-{rate:.0f}")
    world.publish_update(update)
    bills = AlertCalls(subscriber_count=subscriber_count, rate=rate)
    bills.start.do(lambda: starting.start_update(world.services, update.id))
    while alerts.list_open(world.services.petitions):
        if bills.minutes.count == _MAX_MINUTES:
            raise moto_service.UnexpectedAnswer("the alert does not come to its end")
        _work_off(world, bills)
        world.clock.advance(minutes=1)
        bills.minutes.do(lambda: schedules.every_minute(schedule_event(), None))
    if len(world.outbox) - mailed != subscriber_count:
        raise moto_service.UnexpectedAnswer("the alert has not reached everybody once")
    return bills


def _work_off(world: World, bills: AlertCalls) -> None:
    """Handle every message that there is, jobs one by one and events in batches."""
    while bodies := moto_service.take(world, moto_service.JOB_QUEUE):
        for body in bodies:
            event = sqs_event(moto_service.JOB_QUEUE, body)
            fans_out = isinstance(jobs.from_body(body, world.services.secrets.job_keys), FanOut)
            work = bills.fan_out if fans_out else bills.chunks
            if not bills.chunks.count and not fans_out:
                before = bills.start.bill.call_count + bills.fan_out.bill.call_count
            work.do(lambda event=event: queues.run_job(event, None))  # type: ignore[misc]
            if work is bills.chunks and work.count == 1:
                bills.until_first = before + _calls_before_send(work.bill)
    bills.chunk_count = bills.chunks.count
    size = BATCH_SIZES[FEEDBACK_QUEUE]
    events = moto_service.take(world, FEEDBACK_QUEUE)
    for start in range(0, len(events), size):
        batch = sqs_event(FEEDBACK_QUEUE, *events[start : start + size])
        bills.feedback.do(lambda batch=batch: ses_feedback.record_feedback(batch, None))  # type: ignore[misc]


def _calls_before_send(chunk: Bill) -> int:
    """Calls of a chunk but for those of SES and the one that settles it."""
    return chunk.call_count - chunk.calls[SEND] - 1


def _subscribe(world: World, count: int) -> None:
    """Add subscribers to those there are, until there are so many."""
    services, slug = world.services, moto_service.SLUG
    active = counting.count_subscribers(services, slug, lambda shards, total: None).count
    addresses = (f"subscriber.{number}@example.org" for number in range(active, count))
    many_subscribers.subscribe(services, slug, addresses, moto_service.LANGUAGES)
