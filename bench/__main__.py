"""Runs every script and writes docs/performance.md; `--short` only tries whether all run."""

import argparse
import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from bench import (
    attacker,
    calls,
    cold_start,
    engine_units,
    growth,
    http_load,
    page,
    proof,
    scripts,
    sealing,
    throughput,
)
from bench.cost import capacity, cost_model, overview, usage
from bench.cost.overview import Results
from bench.cost.usage import Assumptions
from bench.http_load import Load
from bench.instruments.reporting import Chapter, wrapped
from ops.compiling import ROOT

TARGET: Final = ROOT / "docs" / "performance.md"


def main() -> int:
    """Measure everything; 1 if a script fails or a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="smallest sizes, nothing is written")
    parser.add_argument("--beside", default="", metavar="NAME=URL", help="page of a peer")
    options = parser.parse_args()
    short = options.short
    load = os.getloadavg()[0]
    measured = scripts.in_parallel() if short else scripts.in_turn(options.beside)
    if measured is None:
        return 1
    results = _results(measured)
    chapters = _chapters(measured, results)
    text = "\n".join([_head(load, results), *(chapter.markdown for chapter in chapters)])
    broken = [promise for chapter in chapters for promise in chapter.broken]
    for promise in broken:
        print(f"Broken promise: {promise}", file=sys.stderr)
    if not short:
        TARGET.write_text(text, "utf-8")
        print(f"Wrote {TARGET.relative_to(ROOT)}.")
    return 1 if broken else 0


def _results(measured: Mapping[str, Any]) -> Results:
    bills, weights, starts = measured["calls"], measured["page"], measured["cold_start"]
    return Results(
        bills=bills,
        weights=weights,
        proof=measured["proof"],
        growth=measured["growth"],
        starts=starts,
        used=usage.of_run(bills, weights, starts, Assumptions()),
        idle=cost_model.of_idle_month(bills, starts),
    )


def _chapters(measured: Mapping[str, Any], results: Results) -> list[Chapter]:
    bills, starts = results.bills, results.starts
    uncached = usage.of_run(bills, results.weights, starts, Assumptions(missed=1))
    return [
        calls.chapter(bills),
        engine_units.chapter(measured["engine_units"]),
        page.chapter(results.weights),
        proof.chapter(results.proof),
        attacker.chapter(measured["attacker"]),
        throughput.chapter(measured["throughput"]),
        sealing.chapter(measured["sealing"]),
        http_load.chapter(Load(), measured["http_load"]),
        growth.chapter(results.growth),
        cold_start.chapter(starts),
        cost_model.chapter(results.used, uncached, results.idle),
        capacity.chapter(results.used, bills),
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
    return f"{wrapped(text)}\n"


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


if __name__ == "__main__":
    sys.exit(main())
