"""Does another engine report the units that we compute? Both figures for every step."""

from collections.abc import Mapping, Sequence
from typing import Final

from bench import calls
from bench.calls import Bills
from bench.instruments import reporting
from bench.instruments.call_recorder import Bill
from bench.instruments.reporting import Chapter, Progress, figure, table
from tests.e2e.engine import ministack

_FLAT: Final = ("dynamodb.GetItem", "dynamodb.Query")
"""Reads that the engine counts by their number, whatever their size."""
_BATCHED: Final = "dynamodb.BatchGetItem"
"""A read for which the engine reports nothing."""
_TITLE: Final = "The same units, as an engine counts them"
SAME: Final = "the same"
FAILED: Final = "failed writes: the engine reports none of them"
LARGE: Final = "reads over 4 KB: the engine counts each once, whatever its size"
BATCHED: Final = "batched reads: the engine reports none of them"
UNEXPLAINED: Final = "not explained"


def measure(progress: Progress, *, short: bool = False) -> Bills | None:
    """Go through every journey on ministack. None where it is not installed."""
    try:
        with ministack.running() as tables:
            return calls.measure(progress, short=short, tables=tables)
    except ministack.NoEngine:
        return None


def chapter(bills: Bills | None) -> Chapter:
    """Both figures, and why they differ where they do."""
    command = reporting.command("engine_units")
    if bills is None:
        return Chapter(
            title=_TITLE,
            command=command,
            text="**Not measured in this run**: the engine is not installed here. "
            "`make rehearse` installs it.",
        )
    by_step = _steps(bills)
    rows = [
        (
            name,
            figure(bill.write_units),
            figure(bill.reported.write_units),
            figure(bill.read_units),
            figure(bill.reported.read_units),
            "; ".join(reasons(bill)),
        )
        for name, bill in by_step.items()
    ]
    heads = ("step", "write units", "engine", "read units", "engine", "difference")
    text = f"""
Every step again, on ministack instead of moto: tables from the template that is deployed, the
service unchanged, and each call asked for its consumed capacity. Both figures of a row are of the
same calls.

{table(heads, rows)}
ministack computes writes and transactions from the size of their items, as DynamoDB documents it.
Three things it does not count, and there our figure follows DynamoDB's rules: a write whose
condition fails, which DynamoDB charges; `GetItem` and `Query`, which it counts as ½ or 1 though
DynamoDB charges by 4 KB; and batched reads. Any other difference is a broken promise above.
"""
    broken = [
        f"the units of “{name}” differ from the engine's without a reason"
        for name, bill in by_step.items()
        if UNEXPLAINED in reasons(bill)
    ]
    return Chapter(title=_TITLE, command=command, text=text, broken=broken)


def _steps(bills: Bills) -> Mapping[str, Bill]:
    alert = bills.alert
    return {
        **bills.steady,
        **{f"tally of a batch of {figure(size)}": bill for size, bill in bills.tally.items()},
        f"tally with {calls.FENCES} fences": bills.tally_with_fences,
        "every minute, nothing due": bills.idle_minute,
        "every minute, public figures due": bills.idle_look,
        f"alert to {figure(alert.subscriber_count)}: fan-out": alert.fan_out.bill,
        "its chunks sent": alert.chunks.bill,
        "its events recorded": alert.feedback.bill,
        "its runs of every_minute": alert.minutes.bill,
    }


def reasons(bill: Bill) -> Sequence[str]:
    """Why the engine reports something else than we compute; each reason is checked."""
    explained = []
    if bill.reported.write_units != bill.write_units:
        missing = bill.write_units - bill.reported.write_units
        failed = bill.reported.silent and missing >= bill.reported.silent
        explained.append(FAILED if failed else UNEXPLAINED)
    if bill.reported.read_units != bill.read_units:
        flat = sum(bill.calls[name] for name in _FLAT)
        if not flat / 2 <= bill.reported.read_units <= min(flat, bill.read_units):
            explained.append(UNEXPLAINED)
        else:
            explained += [BATCHED] if bill.calls[_BATCHED] else []
            explained += [LARGE] if flat else []
    return explained or [SAME]


if __name__ == "__main__":
    reporting.show("engine_units", lambda progress: chapter(measure(progress)))
