"""What does a function of the package compute that has done it before? CPU time and log lines."""

import statistics
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import packaged_work
from bench.packaged_work import Surroundings, Work
from bench.reporting import Say, figure, ratio, table

ACTS: Final = 60
WORKS: Final = (
    packaged_work.PAGE,
    packaged_work.SIGN,
    packaged_work.LINK,
    packaged_work.CONFIRM,
    packaged_work.SEND_MAIL,
    packaged_work.WORK_OFF,
    packaged_work.NOTE_FEEDBACK,
    packaged_work.TALLY,
    packaged_work.TICK,
)
_FIRST: Final = 3
"""Acts before which nothing counts: clients, templates and secrets are fetched in them."""


@dataclass(frozen=True, kw_only=True)
class Warm:
    """Medians over the acts of one process: CPU seconds, and bytes that it wrote to its log."""

    function: str
    cpu: float
    log_bytes: float


def measure_in(around: Surroundings, say: Say, acts: int = ACTS) -> Mapping[str, Warm]:
    """Let one process of each function do its work over and over."""
    works = packaged_work.prepare(around, acts + _FIRST)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in WORKS:
            say(f"{name}, warm")
            found[name] = _measure(around, works[name], Path(folder) / "log")
    return found


def told(found: Mapping[str, Warm]) -> str:
    """The table of all works."""
    page = found[packaged_work.PAGE].cpu
    rows = [
        (name, f"{warm.cpu * 1000:.2f}", ratio(warm.cpu / page), figure(warm.log_bytes))
        for name, warm in found.items()
    ]
    return table(("work", "CPU, ms", "÷ page", "bytes of log"), rows)


def _measure(around: Surroundings, work: Work, log: Path) -> Warm:
    spent = []
    written = 0
    with closing(around.start(work.handler, log=log)) as function:
        for number, event in enumerate(work.events):
            if number == _FIRST:
                written = log.stat().st_size
            before = function.cpu_seconds()
            packaged_work.refuse(function.invoke(event))
            spent.append(function.cpu_seconds() - before)
        written = log.stat().st_size - written
    measured = spent[_FIRST:]
    return Warm(
        function=work.function,
        cpu=statistics.median(measured),
        log_bytes=written / len(measured),
    )
