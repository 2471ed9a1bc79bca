"""How long does a warm function of the package work, and how much does it log?"""

import statistics
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.instruments import packaged_functions
from bench.instruments.packaged_functions import Environment, Work
from bench.instruments.reporting import Progress, figure, ratio, table

INVOCATIONS: Final = 60
WORKS: Final = (
    packaged_functions.PAGE,
    packaged_functions.SIGN,
    packaged_functions.LINK,
    packaged_functions.CONFIRM,
    packaged_functions.SEND_MAIL,
    packaged_functions.WORK_OFF,
    packaged_functions.NOTE_FEEDBACK,
    packaged_functions.TALLY,
    packaged_functions.EVERY_MINUTE,
)
_FIRST: Final = 3
"""Invocations that do not count: they fetch clients, templates and secrets."""


@dataclass(frozen=True, kw_only=True)
class Warm:
    """One process: median CPU seconds of an invocation, and bytes that each one logged."""

    function: str
    cpu: float
    log_bytes: float


def measure_in(lambdas: Environment, progress: Progress, invocations: int) -> Mapping[str, Warm]:
    """Invoke one process of each function so many times."""
    works = packaged_functions.prepare(lambdas, invocations + _FIRST)
    by_work = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in WORKS:
            progress(f"{name}, warm")
            by_work[name] = _measure(lambdas, works[name], Path(folder) / "log")
    return by_work


def section(by_work: Mapping[str, Warm]) -> str:
    """The table of all works."""
    page = by_work[packaged_functions.PAGE].cpu
    rows = [
        (name, f"{warm.cpu * 1000:.2f}", ratio(warm.cpu / page), figure(warm.log_bytes))
        for name, warm in by_work.items()
    ]
    return table(("work", "CPU, ms", "÷ page", "bytes of log"), rows)


def _measure(lambdas: Environment, work: Work, log: Path) -> Warm:
    spent = []
    written = 0
    with closing(lambdas.start(work.handler, log=log)) as function:
        for number, event in enumerate(work.events):
            if number == _FIRST:
                written = log.stat().st_size
            before = function.cpu_seconds()
            packaged_functions.refuse(function.invoke(event))
            spent.append(function.cpu_seconds() - before)
        written = log.stat().st_size - written
    measured = spent[_FIRST:]
    return Warm(
        function=work.function,
        cpu=statistics.median(measured),
        log_bytes=written / len(measured),
    )
