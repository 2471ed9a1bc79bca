"""What does an alert to a million cost in dollars, and how do others send? One chapter."""

from typing import Final

from bench.cost import cost_model, stack_settings, usage
from bench.cost.usage import Amounts, Assumptions
from bench.fan_out import FanOutCost
from bench.instruments.reporting import Chapter, figure, table
from bench.journeys import alerts
from bench.journeys.alerts import AlertCalls, MeasuredWork

RECIPIENTS: Final = 1_000_000
_RATES: Final = (14, 200, 1_000)
"""Mails a second; bulk is paced to four fifths."""
_BULK_SHARE: Final = 0.8
_EVENTS: Final = 2
"""Events of a mail that arrives: sent, delivered."""
_BATCH: Final = 10
"""Messages that Lambda receives and deletes in one request."""


def of_alert(sent: AlertCalls, assumed: Assumptions) -> Amounts:
    """Dollars of an alert to a million, by the measured use of a smaller one."""
    factor = RECIPIENTS / sent.subscriber_count
    jobs = [sent.fan_out, sent.chunks, sent.feedback]
    events = _EVENTS * sent.subscriber_count
    units = {
        usage.MAILS: sent.subscriber_count,
        usage.WRITES: sent.total.write_units,
        usage.READS: sent.total.read_units,
        # EventBridge puts each event on the queue by a request of its own.
        usage.QUEUES: events * (1 + 2 / _BATCH)
        + sum(count for name, count in sent.total.calls.items() if name.startswith("sqs."))
        + 2 * sent.chunk_count,
        usage.INVOCATIONS: sum(work.count for work in jobs),
        usage.COMPUTE: _sending_seconds(sent)
        * stack_settings.alert_concurrency()
        * stack_settings.memory_gb("run_job")
        + _seconds(sent.feedback, assumed) * stack_settings.memory_gb("record_feedback"),
    }
    return cost_model.dollars_of({name: each * factor for name, each in units.items()})


def chapter(sent: AlertCalls, fan_out: FanOutCost) -> Chapter:
    """Dollars and time of an alert to a million, beside two others."""
    assumed = Assumptions()
    dollars = of_alert(sent, assumed)
    rows = [
        (name, cost_model.money(paid))
        for name, paid in sorted(dollars.items(), key=lambda it: -it[1])
    ]
    rows.append(("**together**", f"**{cost_model.money(sum(dollars.values()))}**"))
    times = [(figure(rate), _time(RECIPIENTS / (rate * _BULK_SHARE))) for rate in _RATES]
    first = sent.until_first * assumed.call_seconds + assumed.mail_seconds
    text = f"""
The use of the alert to {figure(sent.subscriber_count)} that was measured, times a hundred, at the
prices of “What it costs in dollars”, which bear their dates there. It takes
{figure(sent.calls_per_thousand)} AWS calls for 1,000 recipients, everything included; what SES
charges for the mails themselves is most of it.

{table(("", "a million recipients"), rows)}
The pace is SES's, not ours: bulk takes four fifths of the mails a second that it grants.

{table(("mails a second by SES", "a million takes"), times)}
The first mail leaves {figure(first)} s after the organiser's command: {sent.until_first} calls of
{assumed.call_seconds * 1000:.0f} ms each and one of SES, which is assumed, and no cold start.
Dividing a million into {figure(fan_out.chunk_count)} chunks takes {figure(fan_out.together)} s,
while the first are being sent.

### Beside others

Quoted, of another day and machine (autumn 2026, 2 cores):

{table(("", "listmonk", "Pytition 2.9", "Zaklik"), _PEERS)}
The last column is tested: `.venv/bin/python -m bench.crash_send` kills twenty workers of an alert
to 20,000, half of them as soon as SES has their mails, and counts every copy.
"""
    return Chapter(
        title="What an alert costs",
        command="make bench",
        text=text,
        broken=alerts.broken([sent]),
    )


_PEERS: Final = (
    ("pace", "–", "95 mails a second", "what SES grants, asked each minute"),
    (
        "a killed process",
        "skips up to 1,000 people for good",
        "–",
        "nobody is skipped or mailed twice",
    ),
    ("a stop by SIGTERM", "–", "sending stops for good", "another process goes on within minutes"),
    ("memory of its own", "57 MB, all the time", "–", "none between alerts"),
)


def _sending_seconds(sent: AlertCalls) -> float:
    """Seconds that sending takes at SES's pace; all its jobs are busy then, or wait for a slot."""
    return sent.subscriber_count / (sent.rate * _BULK_SHARE)


def _seconds(work: MeasuredWork, assumed: Assumptions) -> float:
    """Seconds that processes are busy with a work, waits for its calls included."""
    mails = work.bill.calls[alerts.SEND]
    waits = (work.bill.call_count - mails) * assumed.call_seconds + mails * assumed.mail_seconds
    return work.seconds + waits


def _time(seconds: float) -> str:
    return f"{figure(seconds / 3600)} h" if seconds >= 3600 else f"{figure(seconds / 60)} min"
