"""Exports of many signatures and their opening: time and memory."""

import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from bench import export
from bench.export import FakeAws
from bench.instruments import moto_service
from bench.instruments.reporting import Progress, figure, table
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.keys.unsealing import spreadsheet
from ops.keys.unsealing.sealed_export import SealedExport
from tests.world import World

LARGEST: Final = 100_000
_SIZES: Final = (10_000, LARGEST)
_SMALL_SIZES: Final = (1_000,)


@dataclass(frozen=True, kw_only=True)
class Run:
    """CPU seconds, and the most bytes that were allocated at one moment."""

    seconds: float
    peak: int


@dataclass(frozen=True, kw_only=True)
class ExportMemory:
    """One export and its opening, the file's bytes, and what the export asked of AWS."""

    export: Run
    unseal: Run
    file_bytes: int
    queries: int
    read_units: float

    @property
    def peak(self) -> int:
        """The larger peak of both."""
        return max(self.export.peak, self.unseal.peak)


def measure(world: World, progress: Progress, *, short: bool = False) -> Mapping[int, ExportMemory]:
    """Export and open each number of signatures, once for the time and once for the memory."""
    files = {}
    sizes = _SMALL_SIZES if short else _SIZES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        progress(f"sealing of {max(sizes):,} signatures")
        with (folder / "stored").open("w+b") as stored:
            export.store(world, stored, max(sizes))
            for size in sizes:
                progress(f"export and opening of {size:,} signatures")
                files[size] = _measure(world, stored, size, folder)
    return files


def section(files: Mapping[int, ExportMemory]) -> str:
    """The table of all exports."""
    heads = ("signatures", "export, s per 1,000", "peak", "opening, s per 1,000", "peak", "file")
    rows = [
        (
            figure(size),
            figure(file.export.seconds / size * 1000),
            _megabytes(file.export.peak),
            figure(file.unseal.seconds / size * 1000),
            _megabytes(file.unseal.peak),
            _megabytes(file.file_bytes),
            figure(file.queries),
            figure(file.read_units),
        )
        for size, file in files.items()
    ]
    return table((*heads, "queries", "read units"), rows)


def _measure(world: World, stored: IO[bytes], size: int, folder: Path) -> ExportMemory:
    sealed, opened = folder / "signatures.zaklik", folder / "signatures.csv"
    secrets = world.services.secrets
    trusted = VerificationKeys(
        attestation=tuple(key.raw for key in secrets.attestation_public_keys.keys),
        export=tuple(key.raw for key in secrets.export_public_keys.keys),
    )

    with sealed.open("w+b") as file:
        aws = FakeAws(stored=stored, stored_count=size, size=size, file=file)
        exported = _run(lambda: export.export(world, aws)[0].counts["signatures"], size)
    return ExportMemory(
        export=exported,
        unseal=_run(lambda: _unseal(world, sealed, trusted, opened), size),
        file_bytes=sealed.stat().st_size,
        queries=aws.queries // 2,
        read_units=aws.read_units / 2,
    )


def _unseal(world: World, sealed: Path, trusted: VerificationKeys, opened: Path) -> int:
    with sealed.open("rb") as file:
        return spreadsheet.unseal(SealedExport(file), [world.organiser_key], trusted, opened).count


def _run(work: Callable[[], int], size: int) -> Run:
    """Do the work twice: timed, then with its memory watched. It returns how many it did."""
    started = time.process_time()
    done = work()
    seconds = time.process_time() - started
    tracemalloc.start()
    done_again = work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if done != size or done_again != size:
        raise moto_service.UnexpectedAnswer(f"{done} and {done_again} signatures instead of {size}")
    return Run(seconds=seconds, peak=peak)


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.1f} MB"
