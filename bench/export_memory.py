"""Exports of many signatures and their opening: time and memory."""

import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

from botocore.client import BaseClient

from bench.instruments import call_recorder, capacity_units, moto_service
from bench.instruments.call_recorder import Arguments
from bench.instruments.reporting import Progress, figure, table
from chalicelib.crypto import attestation, sealing
from chalicelib.crypto.attestation import ATTESTATION_BYTES
from chalicelib.crypto.sealing import SIGNATURE
from chalicelib.domain.petitions.petition import VerificationKeys
from chalicelib.store import keys
from chalicelib.store.petitions import petitions
from chalicelib.usecases.exports import exporting
from ops.keys.unsealing import spreadsheet
from ops.keys.unsealing.sealed_export import SealedExport
from tests.world import World

LARGEST: Final = 100_000
_SIZES: Final = (10_000, LARGEST)
_SMALL_SIZES: Final = (1_000,)
_PLACES: Final = 16**30
"""An index has thirty digits for its place in a bucket, after its root key and its bucket."""
_STORED_BYTES: Final = SIGNATURE.sealed_bytes + ATTESTATION_BYTES
_DAY: Final = date(2026, 3, 8)


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


class SignaturesTable:
    """Answers for a table of so many signatures as DynamoDB would, without holding it in memory.

    `file` has the seal and the attestation of each signature, one after the other.
    """

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._size = file, size
        self.queries = 0
        self.read_units = 0.0

    def make(self, client: BaseClient, operation: str, arguments: Arguments) -> Any:
        """Answer a query of one bucket, page by page; make every other call."""
        if operation != "Query":
            return call_recorder.let_through(client, operation, arguments)
        pk = arguments["ExpressionAttributeValues"][":pk"]["S"]
        bucket = keys.BUCKETS.index(pk.rpartition("#")[2])
        held = len(range(bucket, self._size, len(keys.BUCKETS)))
        after = arguments.get("ExclusiveStartKey")
        start = int(after["sk"]["S"], 16) % _PLACES + 1 if after else 0
        end = min(held, start + arguments["Limit"])
        items = [self._item(pk, bucket + place * len(keys.BUCKETS)) for place in range(start, end)]
        self.queries += 1
        self.read_units += capacity_units.query_units(items, consistent=False)
        last = {"pk": items[-1]["pk"], "sk": items[-1]["sk"]} if end < held else None
        return {"Items": items, **({"LastEvaluatedKey": last} if last else {})}

    def _item(self, pk: str, number: int) -> dict[str, Any]:
        self._file.seek(number * _STORED_BYTES)
        return {
            "pk": {"S": pk},
            "sk": {"S": _index(number)},
            "state": {"S": "confirmed"},
            "sealed": {"B": self._file.read(SIGNATURE.sealed_bytes)},
            "attestation": {"B": self._file.read(ATTESTATION_BYTES)},
            "confirmed_on": {"S": _DAY.isoformat()},
        }


def measure(world: World, progress: Progress, *, short: bool = False) -> Mapping[int, ExportMemory]:
    """Export and open each number of signatures, once for the time and once for the memory."""
    files = {}
    sizes = _SMALL_SIZES if short else _SIZES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        progress(f"sealing of {max(sizes):,} signatures")
        with (folder / "stored").open("w+b") as stored:
            _store(world, stored, max(sizes))
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

    def export() -> int:
        with sealed.open("wb") as file:
            return exporting.export(world.services, moto_service.SLUG, file, petition_keys=()).count

    def unseal() -> int:
        with sealed.open("rb") as file:
            export = SealedExport(file)
            return spreadsheet.unseal(export, [world.organiser_key], trusted, opened).count

    answers = SignaturesTable(stored, size)
    with call_recorder.through(answers.make):
        exported = _run(export, size)
    return ExportMemory(
        export=exported,
        unseal=_run(unseal, size),
        file_bytes=sealed.stat().st_size,
        queries=answers.queries // 2,
        read_units=answers.read_units / 2,
    )


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


def _store(world: World, file: IO[bytes], size: int) -> None:
    """Seal and attest so many signatures: a seal fits its index alone."""
    petition = petitions.get(world.services.petitions, moto_service.SLUG)
    seed = world.services.secrets.attestation_keys.current(world.services.now()).raw
    for number in range(size):
        index = _index(number)
        record = {
            "name": f"Ганна {number}",
            "email": moto_service.address(number),
            "country": "PL",
            "language": "be",
            "confirmed_at": f"{_DAY.isoformat()}T12:00:00+00:00",
        }
        context = sealing.info(SIGNATURE, petition.slug, index)
        sealed = sealing.seal(record, SIGNATURE, petition.public_key, context)
        statement = attestation.signature_statement(petition.slug, index, sealed, _DAY)
        file.write(sealed + attestation.attest(seed, statement))


def _index(number: int) -> str:
    place, bucket = divmod(number, len(keys.BUCKETS))
    return f"01{bucket:02x}{place:030x}"


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.1f} MB"
