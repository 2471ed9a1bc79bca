"""Runs every script and writes docs/performance.md: `make bench`."""

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bench import (
    attacker,
    calls,
    cold_start,
    comparison,
    dollars,
    growth,
    page,
    proof,
    reporting,
    scaling,
    throughput,
    true_units,
    using,
)
from ops.compiling import ROOT

TARGET: Final = ROOT / "docs" / "performance.md"


def main() -> int:
    """Measure everything; 1 if a promise is broken, after writing all that was found."""
    load = os.getloadavg()[0]
    bills = calls.measure(reporting.progress("calls"))
    engines = true_units.measure(reporting.progress("true_units"))
    weights = page.measure(reporting.progress("page"))
    proved = proof.measure(reporting.progress("proof"))
    attacked = attacker.measure(reporting.progress("attacker"))
    costs = throughput.measure(reporting.progress("throughput"))
    grown = growth.measure(reporting.progress("growth"))
    starts = cold_start.measure(reporting.progress("cold_start"))
    reporting.clear_progress()
    use = using.of(bills, weights, starts)
    chapters = [
        calls.chapter(bills),
        true_units.chapter(engines),
        page.chapter(weights),
        proof.chapter(proved),
        attacker.chapter(attacked),
        throughput.chapter(costs),
        growth.chapter(grown),
        cold_start.chapter(starts),
        dollars.chapter(use, bills, starts),
        scaling.chapter(use, bills),
        comparison.chapter(bills, weights, costs, grown),
    ]
    text = [_head(load), *(chapter.markdown for chapter in chapters)]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("\n".join(text), "utf-8")
    broken = [promise for chapter in chapters for promise in chapter.broken]
    for promise in broken:
        print(f"Broken promise: {promise}", file=sys.stderr)
    print(f"Wrote {TARGET.relative_to(ROOT)}.")
    return 1 if broken else 0


def _head(load: float) -> str:
    packages = ", ".join(
        f"{name} {version(name)}"
        for name in ("chalice", "botocore", "boto3", "moto", "awslambdaric")
    )
    cores = os.cpu_count()
    return f"""# What it costs

Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: every figure below is of that run, or
computed from it and from prices and limits that name their page and date; none is typed by hand.
Counts are the same on every machine. Times are CPU times and differ from one to the next; their
ratios, taken within one run, hold.

| | |
| --- | --- |
| machine | {_processor()}, {cores} cores, {platform.system()} on {platform.machine()} |
| load when it began | {load:.1f} |
| Python | {platform.python_version()} |
| packages | {packages} |
"""


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


if __name__ == "__main__":
    sys.exit(main())
