"""What does an alert ask of AWS, from the organiser's command to the last send event?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench import gate, stage
from bench.gate import Bill
from bench.reporting import figure, table
from chalicelib import filing, jobs
from chalicelib.domain import email_address
from chalicelib.domain.subscriber import SubscriberState
from chalicelib.jobs import FanOut
from chalicelib.routes import events
from chalicelib.store import alerts
from chalicelib.usecases import alerting
from tests.world import World, schedule_event, sqs_event

SUBSCRIBERS: Final = 1000
_MOST_TICKS: Final = 10


@dataclass(kw_only=True)
class AlertBills:
    """One alert's bill, by kind of work. `ticks` are those that it took to be closed."""

    start: Bill
    fan_out: Bill
    chunks: Bill
    feedback: Bill
    ticks: Bill
    chunk_count: int
    tick_count: int

    @property
    def total(self) -> Bill:
        """The whole alert's bill."""
        return self.start + self.fan_out + self.chunks + self.feedback + self.ticks


def measure(world: World) -> AlertBills:
    """Send one alert to `SUBSCRIBERS` people, who join those there are, and see it to its end."""
    now = world.services.now()
    there_are = [
        item for item in world.subscriptions(stage.SLUG) if item["state"] == SubscriberState.ACTIVE
    ]
    for number in range(len(there_are), SUBSCRIBERS):
        filing.keep_subscription(
            world.services,
            slug=stage.SLUG,
            language=stage.LANGUAGES[number % len(stage.LANGUAGES)],
            address=email_address.parse(f"subscriber.{number}@example.org"),
            asked_at=now,
        )
    mailed = len(world.outbox)
    update_id = stage.update().id
    bills = AlertBills(
        start=gate.bill_of(lambda: alerting.start_alert(world.services, update_id)),
        fan_out=Bill(),
        chunks=Bill(),
        feedback=Bill(),
        ticks=Bill(),
        chunk_count=0,
        tick_count=0,
    )
    _work_off(world, bills)
    for body in stage.take(world, stage.FEEDBACK_QUEUE):
        bills.feedback += _queued(events.note_feedback, stage.FEEDBACK_QUEUE, body)
    while alerts.list_open(world.services.desk):
        if bills.tick_count == _MOST_TICKS:
            raise stage.Refused("the alert does not come to its end")
        bills.ticks += gate.bill_of(lambda: events.tick(schedule_event(), None))
        bills.tick_count += 1
    if len(world.outbox) - mailed != SUBSCRIBERS:
        raise stage.Refused("the alert has not reached everybody")
    return bills


def told(bills: AlertBills) -> str:
    """The bill as a table, and what to make of it."""
    parts = {
        "started by the organiser": bills.start,
        f"fan-out into {bills.chunk_count} chunks": bills.fan_out,
        "chunks sent": bills.chunks,
        "send events noted": bills.feedback,
        f"ticks of the clock ({bills.tick_count})": bills.ticks,
        "**together**": bills.total,
    }
    rows = [
        (name, figure(bill.call_count), figure(bill.write_units), figure(bill.read_units))
        for name, bill in parts.items()
    ]
    per_person = bills.feedback.write_units / SUBSCRIBERS
    return f"""### An alert to {figure(SUBSCRIBERS)} subscribers

{table(("work", "calls", "write units", "read units"), rows)}
Mails go out {figure(SUBSCRIBERS / bills.chunk_count)} to a call of SES: chunks hold as many as SES
takes in a second (the template's default here; 50 at most) and never span the 16 shards of
subscribers, so a longer list fills them better. What grows with every
person is the subscription that is read once more, consistently, just before its chunk is sent, so
that leaving counts up to that moment; and the send event that is noted,
{figure(per_person)} write unit each, which keeps a crash from mailing anybody twice.
"""


def _work_off(world: World, bills: AlertBills) -> None:
    while bodies := stage.take(world, stage.JOB_QUEUE):
        for body in bodies:
            bill = _queued(events.work_off, stage.JOB_QUEUE, body)
            if isinstance(jobs.from_body(body), FanOut):
                bills.fan_out += bill
            else:
                bills.chunks += bill
                bills.chunk_count += 1


def _queued(handler: Callable[[object, object], object], queue: str, body: str) -> Bill:
    event = sqs_event(queue, body)
    return gate.bill_of(lambda: handler(event, None))
