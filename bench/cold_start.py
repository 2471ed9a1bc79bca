"""How long does a new process of a function take for its first answer, from the final zip?

Each beside a bare Chalice function that was packed the stock way.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.instruments import moto_service, packaged_functions, packages, reporting, warm_functions
from bench.instruments.packaged_functions import Environment, Work
from bench.instruments.reporting import Chapter, Progress, figure, ratio, table
from bench.instruments.warm_functions import Warm

PROCESSES: Final = 10
AIM: Final = 0.5
"""The page is to need at most this share of what the bare function needs."""
EMPTY: Final = "a handler that imports nothing"
BARE: Final = "bare Chalice and boto3 function: one GetItem"
BARE_COMPILED: Final = "the same with byte code in its zip"
_MOST_ZIPPED: Final = 15 * 1000 * 1000
_LOG: Final = Path(os.devnull)


@dataclass(frozen=True, kw_only=True)
class Start:
    """Seconds from the start of a process to its first answer: its CPU time, and the clock's."""

    cpu: float
    wall: float


@dataclass(frozen=True, kw_only=True)
class Starts:
    """Every start by what was done, the same work in warm processes, what the packages weigh."""

    by_work: Mapping[str, Sequence[Start]]
    warm: Mapping[str, Warm]
    sizes: Mapping[str, packages.Size]

    def cpu(self, work: str) -> float:
        """Median of the CPU seconds of a work's starts."""
        return statistics.median(start.cpu for start in self.by_work[work])


def measure(progress: Progress, *, short: bool = False) -> Starts:
    """Start everything several times; then let one process of each function work repeatedly.

    `short` starts everything once, from packages for this machine alone.
    """
    processes, invocations = (1, 1) if short else (PROCESSES, warm_functions.INVOCATIONS)
    architectures = (packages.HERE,) if short else packages.BOTH
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        progress("packages")
        made = packages.make(folder, architectures)
        with packaged_functions.environment(made, folder) as lambdas:
            by_work = _start_all(lambdas, progress, processes)
        with packaged_functions.environment(made, folder) as lambdas:
            warm = warm_functions.measure_in(lambdas, progress, invocations)
    return Starts(by_work=by_work, warm=warm, sizes=made.sizes)


def _start_all(
    lambdas: Environment, progress: Progress, processes: int
) -> Mapping[str, Sequence[Start]]:
    """Start everything so many times, in turns, so that noise falls on all alike."""
    progress("events")
    made = lambdas.packages
    subjects = {
        EMPTY: (made.empty, Work(function="", handler="empty.handler", events=[{}] * processes)),
        BARE: (made.stock, _hello(processes)),
        BARE_COMPILED: (made.compiled, _hello(processes)),
        **{
            name: (made.ours, work)
            for name, work in packaged_functions.prepare(lambdas, processes).items()
        },
    }
    by_work: dict[str, list[Start]] = {name: [] for name in subjects}
    for turn in range(processes):
        for name, (package, work) in subjects.items():
            progress(f"start {turn + 1} of {processes}: {name}")
            by_work[name].append(_start(lambdas, package, work, turn))
    packages.refuse_byte_code(made)
    return by_work


def chapter(starts: Starts) -> Chapter:
    """Starts, warm work and sizes."""
    bare, page = starts.cpu(BARE), starts.cpu(packaged_functions.PAGE)
    verdict = "kept" if page / bare <= AIM else "**missed**"
    compiled = ratio(page / starts.cpu(BARE_COMPILED))
    text = f"""
Each process is what Lambda starts: `python -m awslambdaric` in the unpacked zip, with nothing else
on its path, a Runtime API on loopback and moto behind every call. No byte code is written, as in
Lambda, whose `/var/task` is read-only. Milliseconds from the start of the process to its first
answer, of {len(starts.by_work[BARE])} processes each, in turns; *CPU* is the process's own time,
*clock* includes its waiting for moto and for a core.

{table(("first answer", "CPU, median", "min", "max", "clock, median", "CPU ÷ bare"), _rows(starts))}
The page takes **{ratio(page / bare)}** the CPU time of the bare function (the aim, at most
{AIM:g} ×, is {verdict}), and {compiled} that of one which has byte code, too. The
bare function is what `chalice package` makes of one route, one `GetItem` and a client made at
import, with boto3 pinned in its requirements; the copy of boto3 that Lambda brings along is not
measured here. `{EMPTY}` is Python and Lambda's runtime client alone: the least that is possible.
Real starts add what Lambda itself does before Python begins.

### Warm

{warm_functions.section(starts.warm)}
The median of one process that is invoked repeatedly; botocore is in it and moto is not, since that
runs in another process. Bytes of log are our own lines.

### What is uploaded

{_sizes(starts)}
Lambda takes 250 MB unpacked; ours is to stay below {_megabytes(_MOST_ZIPPED)} zipped.
"""
    return Chapter(
        title="What a first answer takes",
        command=reporting.command("cold_start"),
        text=text,
        broken=_broken(starts),
    )


def _broken(starts: Starts) -> Sequence[str]:
    return [
        f"{name}: a zip of {_megabytes(size.zipped)} is more than {_megabytes(_MOST_ZIPPED)}"
        for name, size in starts.sizes.items()
        if size.zipped > _MOST_ZIPPED and name.startswith(packages.OURS)
    ]


def _rows(starts: Starts) -> Sequence[Sequence[str]]:
    bare = starts.cpu(BARE)
    rows = []
    for name, several in starts.by_work.items():
        cpu = [start.cpu for start in several]
        wall = statistics.median(start.wall for start in several)
        times = [starts.cpu(name), min(cpu), max(cpu), wall]
        rows.append([name, *map(_milliseconds, times), ratio(starts.cpu(name) / bare)])
    return rows


def _sizes(starts: Starts) -> str:
    rows = [
        (name, _megabytes(size.zipped), _megabytes(size.unpacked), figure(size.files))
        for name, size in starts.sizes.items()
    ]
    return table(("package", "zip", "unpacked", "files"), rows)


def _hello(count: int) -> Work:
    event: Any = {**moto_service.event("GET", "/"), "pathParameters": None}
    return Work(function="", handler="app.app", events=[event] * count)


def _start(lambdas: Environment, package: Path, work: Work, turn: int) -> Start:
    work.before()
    begun = time.perf_counter()
    with closing(lambdas.start(work.handler, package=package, log=_LOG)) as function:
        answer = function.invoke(work.events[turn])
        start = Start(cpu=function.cpu_seconds(), wall=time.perf_counter() - begun)
    packaged_functions.refuse(answer)
    return start


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f}"


def _megabytes(size: int) -> str:
    return f"{size / 1000**2:.1f} MB"


if __name__ == "__main__":
    reporting.show("cold_start", lambda progress: chapter(measure(progress)))
