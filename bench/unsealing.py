"""What opening an exported list takes: time and memory, as CSV and XLSX, on one core and on all.

Lists of 10,000 and 100,000 signatures; with --full one of a million, too. Each is opened by a
process of its own, because the most memory that a process has held cannot be reset.
"""

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bench.instruments import reporting
from bench.instruments.reporting import Chapter, Progress, figure, ratio, table
from chalicelib.crypto import attestation
from chalicelib.crypto.section_digest import SectionDigest
from ops.keys.unsealing import spreadsheet
from ops.keys.unsealing.sealed_export import SealedExport
from tests import builders
from tests.sealed_exports import (
    EXPORT_SEED,
    TRUSTED,
    export_lines,
    record,
    signature_line,
    to_bytes,
)

SIZES: Final = (10_000, 100_000)
FULL_SIZE: Final = 1_000_000
_SHORT_SIZE: Final = 500
_CHUNK: Final = 500
_KINDS: Final = ("csv", "xlsx")
PEER: Final = (
    "Pytition 2.9 exports 500,000 rows in 16.3 s (31,000 a second) and 646 MB, and 100,000 in 4.0 "
    "s and 176 MB, on another day and machine. Its list is not sealed: nothing is verified or "
    "opened, and who can read its database can read the list."
)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One list opened: seconds elapsed, CPU seconds of all processes, and bytes.

    `memory` is the most that the first process has held, `worker_memory` that of the largest other.
    """

    kind: str
    processes: int
    size: int
    seconds: float
    cpu_seconds: float
    memory: int
    worker_memory: int
    file_bytes: int


def measure(progress: Progress, *, short: bool = False, full: bool = False) -> Sequence[Opening]:
    """Open each list in each way."""
    sizes = (_SHORT_SIZE,) if short else (*SIZES, FULL_SIZE) if full else SIZES
    openings = []
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            source = Path(name) / f"{size}.zaklik"
            progress(f"making of {size:,} signatures")
            _make(source, size)
            for kind in _KINDS:
                for processes in (1, os.cpu_count() or 1):
                    progress(f"opening of {size:,} signatures as {kind} by {processes}")
                    openings.append(_opened_apart(source, size, kind, processes))
            source.unlink()
    return openings


def chapter(openings: Sequence[Opening]) -> Chapter:
    """Time and memory by size, kind and number of processes."""
    rows = [
        [
            figure(each.size),
            each.kind.upper(),
            figure(each.processes),
            figure(each.seconds),
            figure(each.size / each.seconds),
            figure(each.size / each.cpu_seconds),
            _megabytes(each.memory),
            _megabytes(each.worker_memory) if each.processes > 1 else "",
            _megabytes(each.file_bytes),
        ]
        for each in openings
    ]
    heads = (
        "signatures",
        "table",
        "processes",
        "s",
        "rows/s",
        "rows/s of CPU time",
        "memory",
        "of each other process",
        "file",
    )
    grown = _growth(openings)
    text = f"""
The command verifies and opens each signature by itself and writes the table. *Rows/s* are by the
clock, and depend on what else this machine does; those *of CPU time* are what one core opens.
*Memory* is the most that a process has held at one moment, Python itself and its libraries among it
(some 40 MB). Mailboxes are remembered in a file without a name, so memory stays as it is: the
largest list here takes {ratio(grown)} that of the smallest.

{table(heads, rows)}
{PEER}
"""
    return Chapter(
        title="What opening a list costs", command=reporting.command("unsealing"), text=text
    )


def _growth(openings: Sequence[Opening]) -> float:
    """The memory for the largest list, by that for the smallest, as CSV by one process."""
    alone = [each for each in openings if (each.kind, each.processes) == ("csv", 1)]
    return alone[-1].memory / alone[0].memory


def _opened_apart(source: Path, size: int, kind: str, processes: int) -> Opening:
    finished = subprocess.run(
        [sys.executable, "-m", "bench.unsealing", "--open", source, kind, str(processes)],
        check=True,
        capture_output=True,
        text=True,
    )
    opening = Opening(**json.loads(finished.stdout))
    if opening.size != size:
        raise RuntimeError(f"{opening.size} signatures instead of {size}")
    return opening


def _open(source: Path, kind: str, processes: int) -> Opening:
    target = source.with_suffix(f".{kind}")
    started = time.perf_counter()
    with source.open("rb") as file:
        unsealed = spreadsheet.unseal(
            SealedExport(file), [builders.ORGANISER_KEY], TRUSTED, target, processes=processes
        )
    seconds = time.perf_counter() - started
    own, others = (
        resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    file_bytes = target.stat().st_size
    target.unlink()
    return Opening(
        kind=kind,
        processes=processes,
        size=unsealed.count,
        seconds=seconds,
        cpu_seconds=own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime,
        memory=own.ru_maxrss * 1024,
        worker_memory=others.ru_maxrss * 1024,
        file_bytes=file_bytes,
    )


def _make(target: Path, size: int) -> None:
    """Write an export as the service does, by all cores."""
    digest = SectionDigest()
    with gzip.open(target, "wb", compresslevel=1) as file, ProcessPoolExecutor() as pool:
        for line in _lines(pool, size):
            digest.add(line)
            file.write(line)
        text = json.dumps(
            {
                "petition": builders.SLUG,
                "count": size,
                "held": 0,
                "damaged": 0,
                "sha256": digest.digest().hex(),
            }
        )
        attested = attestation.attest(EXPORT_SEED, attestation.manifest_statement(text.encode()))
        file.write(to_bytes({"manifest": text, "attestation": b64encode(attested).decode()}))


def _lines(pool: ProcessPoolExecutor, size: int) -> Iterator[bytes]:
    yield export_lines([])[0]
    starts = range(1, size + 1, _CHUNK)
    for lines in pool.map(partial(_chunk, size), starts):
        yield from lines


def _chunk(size: int, start: int) -> list[bytes]:
    numbers = range(start, min(start + _CHUNK, size + 1))
    return [to_bytes(signature_line(record(number), number)) for number in numbers]


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.0f} MB"


def main() -> None:
    """Measure, or open one list in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="a million signatures, too")
    parser.add_argument("--open", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.open:
        source, kind, processes = options.open
        print(json.dumps(asdict(_open(Path(source), kind, int(processes)))))
    else:
        reporting.show("unsealing", lambda progress: chapter(measure(progress, full=options.full)))


if __name__ == "__main__":
    main()
