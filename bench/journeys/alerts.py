"""What does an alert ask of AWS, from the organiser's command to the last send event?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bench.instruments import call_recorder, moto_service
from bench.instruments.call_recorder import Bill
from bench.instruments.reporting import figure, table
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.subscriber import SubscriberState
from chalicelib.mail import jobs
from chalicelib.mail.jobs import FanOut
from chalicelib.people import sealed_records
from chalicelib.routes.events import queues, schedules, ses_feedback
from chalicelib.store.alerts import alerts
from chalicelib.usecases.alerts import starting
from tests.event_delivery import schedule_event, sqs_event
from tests.world import World

SUBSCRIBERS: Final = 500
_FEW_SUBSCRIBERS: Final = 20
_MAX_RUNS: Final = 10


@dataclass(kw_only=True)
class AlertCalls:
    """One alert's bill, by kind of work. `minutes` are those that it took to be closed."""

    subscriber_count: int
    start: Bill
    fan_out: Bill = field(default_factory=Bill)
    chunks: Bill = field(default_factory=Bill)
    feedback: Bill = field(default_factory=Bill)
    minutes: Bill = field(default_factory=Bill)
    chunk_count: int = 0
    run_count: int = 0

    @property
    def total(self) -> Bill:
        """The whole alert's bill."""
        return self.start + self.fan_out + self.chunks + self.feedback + self.minutes


def measure(world: World, *, short: bool = False) -> AlertCalls:
    """Send one alert, follow it to its end and record its calls."""
    subscriber_count = _FEW_SUBSCRIBERS if short else SUBSCRIBERS
    _subscribe(world, subscriber_count)
    mailed = len(world.outbox)
    update_id = moto_service.update().id
    bills = AlertCalls(
        subscriber_count=subscriber_count,
        start=call_recorder.bill_of(lambda: starting.start_update(world.services, update_id)),
    )
    _run_jobs(world, bills)
    for body in moto_service.take(world, moto_service.FEEDBACK_QUEUE):
        bills.feedback += _queued(ses_feedback.record_feedback, moto_service.FEEDBACK_QUEUE, body)
    while alerts.list_open(world.services.petitions):
        if bills.run_count == _MAX_RUNS:
            raise moto_service.UnexpectedAnswer("the alert does not come to its end")
        bills.minutes += call_recorder.bill_of(
            lambda: schedules.every_minute(schedule_event(), None)
        )
        bills.run_count += 1
    if len(world.outbox) - mailed != subscriber_count:
        raise moto_service.UnexpectedAnswer("the alert has not reached everybody")
    return bills


def section(bills: AlertCalls) -> str:
    """The bill as a table, and what it grows with."""
    parts = {
        "started by the organiser": bills.start,
        f"fan-out into {bills.chunk_count} chunks": bills.fan_out,
        "chunks sent": bills.chunks,
        "send events recorded": bills.feedback,
        f"runs of every_minute ({bills.run_count})": bills.minutes,
        "**together**": bills.total,
    }
    rows = [
        (name, figure(bill.call_count), figure(bill.write_units), figure(bill.read_units))
        for name, bill in parts.items()
    ]
    per_person = bills.feedback.write_units / bills.subscriber_count
    return f"""### An alert to {figure(bills.subscriber_count)} subscribers

{table(("work", "calls", "write units", "read units"), rows)}
One call of SES sends {figure(bills.subscriber_count / bills.chunk_count)} mails on average: a chunk
holds as many as SES takes in a second (the template's default here; 50 at most) and one of the 16
shards of subscribers, so a longer list fills chunks better. Each subscriber costs one consistent
read just before the chunk is sent, so that unsubscribing counts up to that moment, and
{figure(per_person)} write unit for the send event, so that a crash mails nobody twice.
"""


def _subscribe(world: World, count: int) -> None:
    """Add subscribers to those there are, until there are so many."""
    subscribers = world.services.subscribers
    items = subscribers.client.scan(TableName=subscribers.name)["Items"]
    active = sum(item.get("state") == {"S": SubscriberState.ACTIVE} for item in items)
    for number in range(active, count):
        sealed_records.add_subscription(
            world.services,
            slug=moto_service.SLUG,
            language=moto_service.LANGUAGES[number % len(moto_service.LANGUAGES)],
            address=email_address.parse(f"subscriber.{number}@example.org"),
            requested_at=world.services.now(),
        )


def _run_jobs(world: World, bills: AlertCalls) -> None:
    while bodies := moto_service.take(world, moto_service.JOB_QUEUE):
        for body in bodies:
            bill = _queued(queues.run_job, moto_service.JOB_QUEUE, body)
            if isinstance(jobs.from_body(body, world.services.secrets.job_keys), FanOut):
                bills.fan_out += bill
            else:
                bills.chunks += bill
                bills.chunk_count += 1


def _queued(handler: Callable[[object, object], object], queue: str, body: str) -> Bill:
    event = sqs_event(queue, body)
    return call_recorder.bill_of(lambda: handler(event, None))
