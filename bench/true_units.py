"""What does another engine say that every step consumes? Its units beside those that we reckon."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bench import alert_bills, calls, reporting
from bench.calls import Bills
from bench.gate import Bill
from bench.reporting import Chapter, Say, figure, table
from ops.rehearsal import engine

_FLAT: Final = ("dynamodb.GetItem", "dynamodb.Query")
"""Reads that the engine counts by their number, whatever their size."""
_BATCHED: Final = "dynamodb.BatchGetItem"
"""A read of which the engine reports nothing."""
_TITLE: Final = "The same units, as an engine counts them"
SAME: Final = "the same"
REFUSED: Final = "refused writes: the engine reports none of them"
LARGE: Final = "reads over 4 KB: the engine counts each once, whatever its size"
BATCHED: Final = "batched reads: the engine reports none of them"
UNEXPLAINED: Final = "not explained"


def measure(say: Say, python: Path = engine.PYTHON) -> Bills | None:
    """Walk through every journey on ministack. None where it is not installed."""
    try:
        with engine.running(python) as tables:
            return calls.measure(say, tables)
    except engine.NoEngine:
        return None


def chapter(bills: Bills | None) -> Chapter:
    """Both figures, and why they differ where they do."""
    command = reporting.command("true_units")
    if bills is None:
        return Chapter(
            title=_TITLE,
            command=command,
            text="**Not measured in this run**: the engine is not installed here. "
            "`make rehearse` installs it.",
        )
    found = steps(bills)
    rows = [
        (
            name,
            figure(bill.write_units),
            figure(bill.said.write_units),
            figure(bill.read_units),
            figure(bill.said.read_units),
            "; ".join(reasons(bill)),
        )
        for name, bill in found.items()
    ]
    heads = ("step", "write units", "engine", "read units", "engine", "difference")
    text = f"""
Every step again, with DynamoDB played by ministack instead of moto: tables from the template that
is deployed, the service unchanged, and each call asked for its consumed capacity on the way out.
Both figures of a row are of the same calls.

{table(heads, rows)}
ministack weighs writes and transactions by the size of their items, as DynamoDB documents it. It is
no judge of three things, and there our figure is the one by DynamoDB's rules: a write that is
refused, of which it reports nothing though DynamoDB charges for it; `GetItem` and `Query`, which it
counts as ½ or 1 whatever they read, though DynamoDB charges by 4 KB; and batched reads, of which it
reports nothing either. A difference that none of these explains would be a broken promise above.
"""
    broken = [
        f"the units of “{name}” differ from the engine's without a reason"
        for name, bill in found.items()
        if UNEXPLAINED in reasons(bill)
    ]
    return Chapter(title=_TITLE, command=command, text=text, broken=broken)


def steps(bills: Bills) -> Mapping[str, Bill]:
    """Every bill of a walk, by the name of its step."""
    alert = bills.alert
    return {
        **bills.steady,
        **{f"tally of a batch of {figure(size)}": bill for size, bill in bills.tally.items()},
        f"tally among {calls.FENCES} fences": bills.tally_with_fences,
        "tick of the clock, nothing due": bills.idle_tick,
        f"alert to {figure(alert_bills.SUBSCRIBERS)}: fan-out": alert.fan_out,
        "its chunks sent": alert.chunks,
        "its send events noted": alert.feedback,
        "its ticks of the clock": alert.ticks,
    }


def reasons(bill: Bill) -> Sequence[str]:
    """Why the engine says something else than we do: each reason is checked, not believed."""
    found = []
    if bill.said.write_units != bill.write_units:
        missing = bill.write_units - bill.said.write_units
        found.append(REFUSED if bill.said.silent and missing >= bill.said.silent else UNEXPLAINED)
    if bill.said.read_units != bill.read_units:
        flat = sum(bill.calls[name] for name in _FLAT)
        if not flat / 2 <= bill.said.read_units <= min(flat, bill.read_units):
            found.append(UNEXPLAINED)
        else:
            found += [BATCHED] if bill.calls[_BATCHED] else []
            found += [LARGE] if flat else []
    return found or [SAME]


if __name__ == "__main__":
    reporting.show("true_units", lambda say: chapter(measure(say)))
