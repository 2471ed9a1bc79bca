"""Exports of many signatures and their opening: time and memory."""

import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.client import BaseClient

from bench.instruments import call_recorder, capacity_units, moto_service
from bench.instruments.call_recorder import Arguments
from bench.instruments.reporting import Progress, figure, table
from chalicelib.domain import email_address
from chalicelib.domain.petition import Petition
from chalicelib.domain.signature import SignatureRequest
from chalicelib.people import sealed_records
from chalicelib.store import keys, petitions
from chalicelib.usecases.exports import exporting
from ops.keys import unsealing
from tests.world import World

LARGEST: Final = 100_000
_SIZES: Final = (10_000, LARGEST)
_SMALL_SIZES: Final = (1_000,)
_PLACES: Final = 16**30
"""An index is two digits for its bucket and thirty for its place in it."""
_DIFFERENT: Final = 1000
"""Signatures that are really sealed; an export repeats them, too far apart for gzip to notice."""


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
    """Answers for a table of so many signatures as DynamoDB would, without holding it in memory."""

    def __init__(self, records: Sequence[Mapping[str, Any]], size: int) -> None:
        self._records, self._size = records, size
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
        items = [self._item(pk, bucket, held, place) for place in range(start, end)]
        self.queries += 1
        self.read_units += capacity_units.query_units(items, consistent=False)
        last = {"pk": items[-1]["pk"], "sk": items[-1]["sk"]} if end < held else None
        return {"Items": items, **({"LastEvaluatedKey": last} if last else {})}

    def _item(self, pk: str, bucket: int, held: int, place: int) -> dict[str, Any]:
        record = self._records[(bucket * held + place) % len(self._records)]
        return {"pk": {"S": pk}, "sk": {"S": f"{bucket:02x}{place:030x}"}, **record}


def measure(world: World, progress: Progress, *, short: bool = False) -> Mapping[int, ExportMemory]:
    """Export and open each number of signatures, once for the time and once for the memory."""
    files = {}
    progress("sealing of signatures")
    records = _records(world)
    with tempfile.TemporaryDirectory() as folder:
        for size in _SMALL_SIZES if short else _SIZES:
            progress(f"export and opening of {size:,} signatures")
            files[size] = _measure(world, records, size, Path(folder))
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


def _measure(
    world: World, records: Sequence[Mapping[str, Any]], size: int, folder: Path
) -> ExportMemory:
    sealed, opened = folder / "signatures.zaklik", folder / "signatures.csv"

    def export() -> int:
        with sealed.open("wb") as file:
            return exporting.export(world.services, moto_service.SLUG, file).count

    def unseal() -> int:
        return unsealing.unseal(sealed, [world.organiser_key], opened).count

    stored = SignaturesTable(records, size)
    with call_recorder.through(stored.make):
        exported = _run(export, size)
    return ExportMemory(
        export=exported,
        unseal=_run(unseal, size),
        file_bytes=sealed.stat().st_size,
        queries=stored.queries // 2,
        read_units=stored.read_units / 2,
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


def _records(world: World) -> Sequence[Mapping[str, Any]]:
    petition = petitions.get(world.services.petitions, moto_service.SLUG)
    return [_record(world, petition, number) for number in range(_DIFFERENT)]


def _record(world: World, petition: Petition, number: int) -> Mapping[str, Any]:
    """What a signature's item holds beside its key."""
    now = world.services.now()
    request = SignatureRequest(
        slug=moto_service.SLUG,
        language="be",
        name=f"Ганна {number}",
        address=email_address.parse(moto_service.address(number)),
        country="PL",
        alerts=False,
        requested_at=now,
    )
    signature = sealed_records.seal_signature(world.services, petition, request, confirmed_at=now)
    return {
        "state": {"S": "confirmed"},
        "sealed": {"B": signature.sealed},
        "country": {"S": signature.country},
        "language": {"S": signature.language},
        "confirmed_at": {"N": str(int(now.timestamp() * 1000))},
    }


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.1f} MB"
