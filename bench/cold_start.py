"""How long does a function take that has just been started, from the final zip?

Each in a process of its own, beside a bare Chalice function that was packed the stock way.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import packaged_work, packages, reporting, stage, warm
from bench.packaged_work import Surroundings, Work
from bench.reporting import Chapter, Say, figure, ratio, table
from bench.warm import Warm

PROCESSES: Final = 20
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


def measure(say: Say, processes: int = PROCESSES, acts: int = warm.ACTS) -> Starts:
    """Start everything so many times; then let one process of each function act so often."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say("the packages are made")
        made = packages.make(folder)
        with packaged_work.surroundings(made, folder) as around:
            by_work = start_all(around, say, processes)
        with packaged_work.surroundings(made, folder) as around:
            acted = warm.measure_in(around, say, acts)
    return Starts(by_work=by_work, warm=acted, sizes=made.sizes)


def start_all(
    around: Surroundings, say: Say, processes: int, only: Collection[str] | None = None
) -> Mapping[str, Sequence[Start]]:
    """Start every subject so many times, or `only` those named.

    All take turns, so that noise falls on all alike.
    """
    say("the events are made")
    made = around.packages
    subjects = {
        EMPTY: (made.empty, Work(function="", handler="empty.handler", events=[{}] * processes)),
        BARE: (made.stock, _hello(processes)),
        BARE_COMPILED: (made.compiled, _hello(processes)),
        **{
            name: (made.ours, work)
            for name, work in packaged_work.prepare(around, processes).items()
        },
    }
    by_work: dict[str, list[Start]] = {name: [] for name in only or subjects}
    for turn in range(processes):
        for name in only or subjects:
            package, work = subjects[name]
            say(f"start {turn + 1} of {processes}: {name}")
            by_work[name].append(_start(around, package, work, turn))
    packages.refuse_byte_code(made)
    return by_work


def chapter(starts: Starts) -> Chapter:
    """What the starts and the weights say."""
    bare, page = starts.cpu(BARE), starts.cpu(packaged_work.PAGE)
    verdict = "kept" if page / bare <= AIM else "**missed**"
    compiled = ratio(page / starts.cpu(BARE_COMPILED))
    text = f"""
Each process is what Lambda starts: `python -m awslambdaric` in the unpacked zip, with nothing else
on its path, a Runtime API on loopback and moto behind every call. No byte code is ever written, as
in Lambda, whose `/var/task` is read-only. Milliseconds from the start of the process to its first
answer, over {len(starts.by_work[BARE])} processes each, all taking turns; *CPU* is the process's
own time, *clock* includes its waiting for moto and for a core.

{table(("first answer", "CPU, median", "min", "max", "clock, median", "CPU ÷ bare"), _rows(starts))}
The page takes **{ratio(page / bare)}** the CPU time of the bare function (the aim, at most
{AIM:g} ×, is {verdict}), and {compiled} that of one which has byte code, too. The
bare function is what `chalice package` makes of one route, one `GetItem` and a client made at
import, with boto3 pinned in its requirements; who leaves boto3 to Lambda has Lambda's own copy,
which is not measured here. `{EMPTY}` is Python and Lambda's runtime client alone: nobody can be
faster. Real starts add what Lambda itself does before Python begins.

### Warm

{warm.told(starts.warm)}
The median of one process that does its work over and over, on a core of this machine; botocore is
in it and moto is not, since that runs in another process. Bytes of log are our own lines.

### What is uploaded

{_sizes(starts)}
A package for Lambda may have 250 MB unpacked; ours is to stay below
{_megabytes(_MOST_ZIPPED)} zipped.
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
    event: Any = {**stage.event("GET", "/"), "pathParameters": None}
    return Work(function="", handler="app.app", events=[event] * count)


def _start(around: Surroundings, package: Path, work: Work, turn: int) -> Start:
    work.before()
    begun = time.perf_counter()
    with closing(around.start(work.handler, package=package, log=_LOG)) as function:
        answer = function.invoke(work.events[turn])
        start = Start(cpu=function.cpu_seconds(), wall=time.perf_counter() - begun)
    packaged_work.refuse(answer)
    return start


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f}"


def _megabytes(size: int) -> str:
    return f"{size / 1000**2:.1f} MB"


if __name__ == "__main__":
    reporting.show("cold_start", lambda say: chapter(measure(say)))
