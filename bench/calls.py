"""What does each step of a journey ask of AWS? Calls, and DynamoDB's write and read units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.instruments import call_recorder, capacity_units, moto_service, reporting
from bench.instruments.call_recorder import Bill
from bench.instruments.reporting import Chapter, Progress, figure, table
from bench.journeys import alerts, steps
from bench.journeys.alerts import AlertCalls
from chalicelib.routes.events import schedules, streams
from tests.e2e.engine.ministack import Ministack
from tests.event_delivery import schedule_event, stream_event
from tests.world import World

BATCHES: Final = (1, 10, 100, 1000)
"""Changes in one event of the stream; Lambda delivers 1,000 at most."""
SHARE: Final = 100
"""The batch by which one signature's share of the tally is computed."""
FENCES: Final = 4 * 7
"""Fences in a tally at most: a new table's stream has four shards at a time, DynamoDB closes a
shard after about four hours, and a fence is kept for 26."""


@dataclass(frozen=True, kw_only=True)
class Bills:
    """Every step's bill; `tally` by the size of the batch, `idle_minute` of a minute without work.

    `idle_look` is that of a minute in which public figures are due and stay as they are.
    `signature_bytes` is the size of a signature's item.
    """

    first: Mapping[str, Bill]
    steady: Mapping[str, Bill]
    tally: Mapping[int, Bill]
    tally_with_fences: Bill
    idle_minute: Bill
    idle_look: Bill
    alerts: Sequence[AlertCalls]
    signature_bytes: int

    @property
    def alert(self) -> AlertCalls:
        """The largest alert."""
        return self.alerts[-1]

    @property
    def signature(self) -> Bill:
        """One confirmed signature from the form to the thanks, without its share of the tally."""
        way = (steps.ASKED, steps.MAILED, steps.SHOWN, steps.CONFIRMED)
        return sum((self.steady[step] for step in way), Bill())


def measure(progress: Progress, *, short: bool = False, tables: Ministack | None = None) -> Bills:
    """Go through every journey and record its calls; with DynamoDB on `tables`, if given."""
    with moto_service.published_petition(tables) as world:
        progress("the first calls of a process")
        first = steps.first_of_process(world)
        progress("every step")
        steady = steps.steady(world)
        progress("the tally")
        _tally(1)
        by_size = {size: _tally(size) for size in BATCHES}
        for number in range(1, FENCES):
            _tally(1, shard=f"shardId-{number:020d}-0a1b2c3d")
        with_fences = _tally(SHARE)
        idle_look, idle_minute = (
            call_recorder.bill_of(lambda: schedules.every_minute(schedule_event(), None))
            for _ in range(2)
        )
        progress("an alert")
        sent = alerts.measure(world, short=short)
        signature_bytes = _largest_signature(world)
    return Bills(
        first=first,
        steady=steady,
        tally=by_size,
        tally_with_fences=with_fences,
        idle_minute=idle_minute,
        idle_look=idle_look,
        alerts=sent,
        signature_bytes=signature_bytes,
    )


def chapter(bills: Bills) -> Chapter:
    """Calls and units of every step."""
    whole, share = bills.signature, bills.tally[SHARE]
    asked, confirmed = bills.steady[steps.ASKED], bills.steady[steps.CONFIRMED]
    text = f"""
Units are computed from the real items by the rules that DynamoDB documents
(`bench/instruments/capacity_units.py`); emulators report other numbers. A failed write is
charged, a transaction doubled. Lambda's own reading of queues and streams is not counted.

### In a warm process

{_steps(bills.steady)}
One confirmed signature takes **{figure(whole.call_count)} calls, {figure(whole.write_units)}
write units and {figure(whole.read_units)} read units** from the form to the thanks:
{figure(asked.call_count)} calls before the form is answered, {figure(confirmed.call_count)}
before the thanks, the rest in the mailer, for which nobody waits. Following a link, as mail
scanners do, makes {figure(bills.steady[steps.SHOWN].call_count)} calls.

### In a process that has just started

{_steps(bills.first)}
A new process reads its secrets and the day's key of the limits, once. The first process of a day
makes that key, for one write unit more.

### The tally

{_tallies(bills.tally)}
In batches of {SHARE} a signature's share is {figure(share.write_units / SHARE)} write units. Each
shard of the stream leaves a fence in the tally's item for 26 hours; with {FENCES} of them, which is
as many as a new table's stream has, a batch costs {figure(bills.tally_with_fences.write_units)}
write units.

{alerts.section(bills.alerts)}
"""
    return Chapter(
        title="What each step asks of AWS",
        command=reporting.command("calls"),
        text=text,
        broken=alerts.broken(bills.alerts),
    )


def _tally(size: int, *, shard: str = f"shardId-{0:020d}-0a1b2c3d") -> Bill:
    event = stream_event(moto_service.changes(size), shard)
    return call_recorder.bill_of(lambda: streams.tally(event, None))


def _largest_signature(world: World) -> int:
    signatures = world.services.signatures
    items = signatures.client.scan(TableName=signatures.name)["Items"]
    return max(map(capacity_units.item_bytes, items))


def _steps(bills: Mapping[str, Bill]) -> str:
    rows = [(step, *_units(bill), _names(bill)) for step, bill in bills.items()]
    return table(("step", "calls", "write units", "read units", "which"), rows)


def _tallies(bills: Mapping[int, Bill]) -> str:
    heads = ("changes in a batch", "calls", "write units", "read units", "write units a change")
    rows = [
        (figure(size), *_units(bill), figure(bill.write_units / size))
        for size, bill in bills.items()
    ]
    return table(heads, rows)


def _units(bill: Bill) -> tuple[str, str, str]:
    return figure(bill.call_count), figure(bill.write_units), figure(bill.read_units)


def _names(bill: Bill) -> str:
    operations = [(name.partition(".")[2], count) for name, count in bill.calls.items()]
    return ", ".join(f"{count} {name}" if count > 1 else name for name, count in operations)


if __name__ == "__main__":
    reporting.show("calls", lambda progress: chapter(measure(progress)))
