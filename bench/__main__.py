"""Runs every script and writes docs/performance.md; `--short` only tries whether all run.

`--only` runs some of the scripts and writes their chapters into the report that there is.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from bench import (
    attacker,
    calls,
    cold_start,
    desk_pages,
    engine_units,
    fan_out,
    growth,
    http_load,
    keystrokes,
    lighthouse,
    opening,
    pacing,
    page,
    paint,
    positions,
    proof,
    scripts,
    sealing,
    throughput,
    unsealing,
)
from bench.cost import alert_cost, capacity, cost_model, overview, usage
from bench.cost.overview import Results
from bench.cost.usage import Assumptions
from bench.http_load import Load
from bench.instruments import reporting
from bench.instruments.reporting import Chapter
from ops.compiling import ROOT

TARGET: Final = ROOT / "docs" / "performance.md"
_CHAPTERS: Final[Mapping[str, Callable[[Any], Chapter]]] = {
    "calls": calls.chapter,
    "engine_units": engine_units.chapter,
    "page": page.chapter,
    "lighthouse": lighthouse.chapter,
    "positions": positions.chapter,
    "paint": paint.chapter,
    "keystrokes": keystrokes.chapter,
    "proof": proof.chapter,
    "attacker": attacker.chapter,
    "throughput": throughput.chapter,
    "pacing": pacing.chapter,
    "sealing": sealing.chapter,
    "unsealing": unsealing.chapter,
    "opening": opening.chapter,
    "http_load": partial(http_load.chapter, Load()),
    "growth": growth.chapter,
    "cold_start": cold_start.chapter,
    "desk_pages": desk_pages.chapter,
    "fan_out": fan_out.chapter,
}
"""What makes the chapter of each script, in the order of the report."""


def main() -> int:
    """Measure everything; 1 if a script fails or a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="smallest sizes, nothing is written")
    parser.add_argument("--beside", default="", metavar="NAME=URL", help="page of a peer")
    parser.add_argument("--only", nargs="+", default=(), choices=_CHAPTERS, metavar="SCRIPT")
    options = parser.parse_args()
    if options.only:
        return _renew(options.only, options.beside)
    load = os.getloadavg()[0]
    measured = (
        scripts.in_parallel() if options.short else scripts.in_turn(_CHAPTERS, options.beside)
    )
    if measured is None:
        return 1
    results = _results(measured)
    chapters = _chapters(measured, results)
    text = "\n".join([_head(load, results), *(chapter.markdown for chapter in chapters)])
    return _finished(chapters, None if options.short else text)


def _renew(only: Collection[str], beside: str) -> int:
    """Measure with these scripts alone and renew their chapters; 1 if a promise is broken."""
    measured = scripts.in_turn(only, beside)
    chapters = [make(measured[name]) for name, make in _CHAPTERS.items() if name in only]
    today = datetime.now(UTC).date()
    return _finished(chapters, reporting.renewed(TARGET.read_text("utf-8"), chapters, today))


def _finished(chapters: Sequence[Chapter], text: str | None) -> int:
    """Write the report, if there is one, and say which promises are broken; 1 if any is."""
    broken = [promise for chapter in chapters for promise in chapter.broken]
    for promise in broken:
        print(f"Broken promise: {promise}", file=sys.stderr)
    if text is not None:
        TARGET.write_text(text, "utf-8")
        print(f"Wrote {TARGET.relative_to(ROOT)}.")
    return 1 if broken else 0


def _results(measured: Mapping[str, Any]) -> Results:
    bills, weights, starts = measured["calls"], measured["page"], measured["cold_start"]
    return Results(
        bills=bills,
        weights=weights,
        visits=measured["paint"],
        efforts=measured["keystrokes"],
        proof=measured["proof"],
        growth=measured["growth"],
        starts=starts,
        used=usage.of_run(bills, weights, starts, Assumptions()),
        idle=cost_model.of_idle_month(bills, starts),
    )


def _chapters(measured: Mapping[str, Any], results: Results) -> list[Chapter]:
    uncached = usage.of_run(results.bills, results.weights, results.starts, Assumptions(missed=1))
    return [
        *(make(measured[name]) for name, make in _CHAPTERS.items()),
        cost_model.chapter(results.used, uncached, results.idle),
        alert_cost.chapter(results.bills.alert, measured["fan_out"]),
        capacity.chapter(results.used, results.bills),
    ]


def _head(load: float, results: Results) -> str:
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("chalice", "boto3", "moto", "awslambdaric")
    )
    text = f"""
# What it costs

Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: every figure is of that one run or computed
from it, but for those that name another date. Counts are the same on every machine. Times are CPU
times and differ from one to the next; their ratios, taken within one run, hold.
{overview.screen(results)}
Machine: {_processor()}, {os.cpu_count()} cores, {platform.system()} on {platform.machine()}; load
{load:.1f} when it began. Python {platform.python_version()}, {packages}.
"""
    return f"{reporting.wrapped(text)}\n"


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


if __name__ == "__main__":
    sys.exit(main())
