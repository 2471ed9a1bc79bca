"""Exports of many signatures and their opening: time and memory, by the length of the list."""

import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.client import BaseClient

from bench import gate, stage, units
from bench.gate import Arguments
from bench.reporting import Say, figure, table
from chalicelib import filing
from chalicelib.domain import email_address
from chalicelib.domain.signature import SignatureRequest
from chalicelib.store import keys, petitions
from chalicelib.usecases import exporting
from ops import unsealing
from tests.world import World

SIZES: Final = (1_000, 10_000, 100_000)
_PLACES: Final = 16**30
"""An index is two digits for its bucket and thirty for its place in it."""
_DIFFERENT: Final = 1000
"""Signatures that are really sealed; the list repeats them, too far apart for gzip to notice."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """CPU seconds, and the most bytes that were allocated at one moment."""

    seconds: float
    peak: int


@dataclass(frozen=True, kw_only=True)
class Filing:
    """One list: its export, its opening, the file's bytes, and what the export asked of AWS."""

    export: Run
    unseal: Run
    file_bytes: int
    queries: int
    read_units: float


class Shelves:
    """The table of signatures, as DynamoDB would answer for it, without holding it in memory."""

    def __init__(self, world: World, size: int) -> None:
        self._size = size
        self._records = [_record(world, number) for number in range(_DIFFERENT)]
        self.queries = 0
        self.read_units = 0.0

    def make(self, client: BaseClient, operation: str, arguments: Arguments) -> Any:
        """Answer a query of one bucket, page by page; all else goes its way."""
        if operation != "Query":
            return gate.let_through(client, operation, arguments)
        pk = arguments["ExpressionAttributeValues"][":pk"]["S"]
        bucket = keys.BUCKETS.index(pk.rpartition("#")[2])
        held = len(range(bucket, self._size, len(keys.BUCKETS)))
        after = arguments.get("ExclusiveStartKey")
        start = int(after["sk"]["S"], 16) % _PLACES + 1 if after else 0
        end = min(held, start + arguments["Limit"])
        items = [self._item(pk, bucket, held, place) for place in range(start, end)]
        self.queries += 1
        self.read_units += units.query_units(items, consistent=False)
        last = {"pk": items[-1]["pk"], "sk": items[-1]["sk"]} if end < held else None
        return {"Items": items, **({"LastEvaluatedKey": last} if last else {})}

    def _item(self, pk: str, bucket: int, held: int, place: int) -> dict[str, Any]:
        record = self._records[(bucket * held + place) % len(self._records)]
        return {"pk": {"S": pk}, "sk": {"S": f"{bucket:02x}{place:030x}"}, **record}


def measure(world: World, say: Say) -> Mapping[int, Filing]:
    """Export and open a list of each size, once for the time and once for the memory."""
    filed = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            say(f"export and opening of {size:,} signatures")
            filed[size] = _measure(world, size, Path(folder))
    return filed


def told(files: Mapping[int, Filing]) -> str:
    """The table of all lists."""
    heads = ("signatures", "export, s per 1,000", "peak", "opening, s per 1,000", "peak", "file")
    rows = [
        (
            figure(size),
            figure(filed.export.seconds / size * 1000),
            _megabytes(filed.export.peak),
            figure(filed.unseal.seconds / size * 1000),
            _megabytes(filed.unseal.peak),
            _megabytes(filed.file_bytes),
            figure(filed.queries),
            figure(filed.read_units),
        )
        for size, filed in files.items()
    ]
    return table((*heads, "queries", "read units"), rows)


def _measure(world: World, size: int, folder: Path) -> Filing:
    sealed, opened = folder / "signatures.zaklik", folder / "signatures.csv"

    def export() -> int:
        with sealed.open("wb") as file:
            return exporting.export(world.services, stage.SLUG, file).count

    def unseal() -> int:
        return unsealing.unseal(sealed, [world.organiser_key], opened).count

    shelves = Shelves(world, size)
    with gate.through(shelves.make):
        exported = _run(export, size)
    return Filing(
        export=exported,
        unseal=_run(unseal, size),
        file_bytes=sealed.stat().st_size,
        queries=shelves.queries // 2,
        read_units=shelves.read_units / 2,
    )


def _run(work: Callable[[], int], size: int) -> Run:
    """Do the work twice: timed, then with its memory watched. It must say that it did all of it."""
    started = time.process_time()
    done = work()
    seconds = time.process_time() - started
    tracemalloc.start()
    done_again = work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if done != size or done_again != size:
        raise stage.Refused(f"{done} and {done_again} signatures instead of {size}")
    return Run(seconds=seconds, peak=peak)


def _record(world: World, number: int) -> Mapping[str, Any]:
    """What a signature's item holds beside its key."""
    now = world.services.now()
    request = SignatureRequest(
        slug=stage.SLUG,
        language="be",
        name=f"Ганна {number}",
        address=email_address.parse(stage.address(number)),
        country="PL",
        alerts=False,
        asked_at=now,
    )
    petition = petitions.get(world.services.desk, stage.SLUG)
    signature = filing.seal_signature(world.services, petition, request, confirmed_at=now)
    return {
        "state": {"S": "confirmed"},
        "sealed": {"B": signature.sealed},
        "country": {"S": signature.country},
        "language": {"S": signature.language},
        "confirmed_at": {"N": str(int(now.timestamp() * 1000))},
    }


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.1f} MB"
