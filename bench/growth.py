"""What grows with the signatures? The page must not, nor the memory of an export."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from bench import export_memory
from bench.export_memory import ExportMemory
from bench.instruments import call_recorder, moto_service, reporting, timing
from bench.instruments.call_recorder import Bill
from bench.instruments.reporting import Chapter, Progress, figure, ratio, table
from chalicelib.store import keys
from chalicelib.store.dynamodb.table import PAGE_ITEMS
from ops.local.aws import ACCOUNT, REGION
from tests.world import World

TALLIES: Final = (0, 1_000, 100_000, 1_000_000)
STORED: Final = (0, 1_000, 10_000, 50_000)
MOST_GROWTH_BYTES: Final = 500
"""Longer numbers in six places, and a tick in two bars for each goal that is reached."""
_SHORT: Final = (0, 1_000)
_COUNT: Final = 5
_ROUNDS: Final = 4
_MOST_PEAK: Final = 8 * 1024**2
"""Bytes that an export or its opening may take, however many signatures."""
_MOST_PER_MAILBOX: Final = 130
"""Bytes that opening may take beside that for each mailbox, to see a second signature of it."""


@dataclass(frozen=True, kw_only=True)
class PageCost:
    """The petition page, read with a cold cache. `time` is CPU time as a ratio."""

    bill: Bill
    raw: int
    gzip: int
    time: float


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The page by its tally and by signatures in the table; exports by their signatures."""

    by_tally: Mapping[int, PageCost]
    by_stored: Mapping[int, PageCost]
    files: Mapping[int, ExportMemory]


def measure(progress: Progress, *, short: bool = False) -> Growth:
    """Measure page and files at each size; `short` takes small ones."""
    tallies, stored = (_SHORT, _SHORT) if short else (TALLIES, STORED)
    with moto_service.published_petition() as world:
        by_tally = {}
        for size in tallies:
            progress(f"the page with a tally of {size:,}")
            _set_tally(world, size)
            by_tally[size] = _page(world)
        by_stored = {}
        for before, size in pairwise((0, *stored)):
            progress(f"the page with {size:,} signatures in the table")
            _store(world, range(before, size))
            by_stored[size] = _page(world)
        _signatures(world).clear()
        files = export_memory.measure(world, progress, short=short)
    return Growth(by_tally=by_tally, by_stored=by_stored, files=files)


def chapter(growth: Growth) -> Chapter:
    """Page and files by size."""
    text = f"""
### The petition page

{_pages("tally", growth.by_tally)}
The same with signatures in the emulator's table:

{_pages("signatures stored", growth.by_stored)}
Each row is a read with a cold cache on moto; *time* is its CPU time as a multiple of a read with
a warm cache in the same rounds, divided by that of the first row. It includes moto's time, and
varies with the load of this machine; calls, units and bytes decide. A page reads the petition, its
updates and one tally item by their keys, however many have signed.

### Export and opening

{export_memory.section(growth.files)}
Peaks are what Python itself allocates (tracemalloc), in a run apart from the timed one. An export
holds one page of one of {len(keys.BUCKETS)} buckets, at most {PAGE_ITEMS} signatures. Pages are
full from {figure(len(keys.BUCKETS) * PAGE_ITEMS)} signatures on, so a longer list needs no more.
Opening holds one line at a time, and remembers mailboxes in a file.
"""
    return Chapter(
        title="What grows with the signatures",
        command=reporting.command("growth"),
        text=text,
        broken=broken(growth),
    )


def broken(growth: Growth) -> Sequence[str]:
    """The promises that the figures do not keep."""
    promises = []
    for what, pages in (("tally", growth.by_tally), ("table", growth.by_stored)):
        first, *others = pages.values()
        if any(page.bill != first.bill for page in others):
            promises.append(f"the page asks more of AWS with a larger {what}")
        if any(page.raw - first.raw > MOST_GROWTH_BYTES for page in others):
            promises.append(f"the page gets longer with a larger {what}")
    for size, file in growth.files.items():
        if file.export.peak > _MOST_PEAK:
            promises.append(f"an export of {size:,} signatures takes more than 8 MB of memory")
        if file.unseal.peak > _MOST_PEAK + _MOST_PER_MAILBOX * size:
            promises.append(f"opening {size:,} signatures takes more memory than their mailboxes")
    return promises


def _page(world: World) -> PageCost:
    request = moto_service.event("GET", moto_service.path())

    def cold() -> str:
        world.services.cache.clear()
        return moto_service.answer(request)

    bill = call_recorder.bill_of(cold)
    body = cold().encode()
    subjects = {"warm": lambda: moto_service.answer(request), "cold": cold}
    times = timing.cpu_seconds(
        {name: timing.same(act) for name, act in subjects.items()}, count=_COUNT, rounds=_ROUNDS
    )
    return PageCost(
        bill=bill,
        raw=len(body),
        gzip=len(gzip.compress(body, compresslevel=6, mtime=0)),
        time=times["cold"] / times["warm"],
    )


def _pages(head: str, pages: Mapping[int, PageCost]) -> str:
    first = next(iter(pages.values()))
    rows = [
        (
            figure(size),
            figure(page.bill.call_count),
            figure(page.bill.read_units),
            figure(page.raw),
            figure(page.gzip),
            ratio(page.time / first.time),
        )
        for size, page in pages.items()
    ]
    return table((head, "calls", "read units", "bytes", "gzip -6", "time"), rows)


def _set_tally(world: World, count: int) -> None:
    tally = {"count": count, "public_count": count}
    world.services.petitions.put(keys.tally(moto_service.SLUG), tally)


def _store(world: World, numbers: range) -> None:
    """Put signatures into moto's memory, without the 20 ms that a call would take."""
    items = _signatures(world)
    for number in numbers:
        index = f"{number * 2654435761 % 2**32:08x}{number:024x}"
        key = keys.signature(moto_service.SLUG, index)
        pk, sk = DynamoType({"S": key[keys.PK]}), DynamoType({"S": key[keys.SK]})
        attributes = {"pk": {"S": pk.value}, "sk": {"S": sk.value}, "state": {"S": "confirmed"}}
        items[pk][sk] = Item(pk, sk, attributes)


def _signatures(world: World) -> dict[DynamoType, dict[DynamoType, Item]]:
    name = world.services.settings.signatures_table
    return dynamodb_backends[ACCOUNT][REGION].tables[name].items


if __name__ == "__main__":
    reporting.show("growth", lambda progress: chapter(measure(progress)))
