"""What becomes dearer as signatures come in? The petition page must not; files grow, memory not."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from bench import filing_away, gate, reporting, stage, timing
from bench.filing_away import Filing
from bench.gate import Bill
from bench.reporting import Chapter, Say, figure, ratio, table
from chalicelib.store import keys
from chalicelib.store.table import PAGE_ITEMS
from ops.local.aws import ACCOUNT, REGION
from tests.world import World

TALLIES: Final = (0, 1_000, 100_000, 1_000_000)
STORED: Final = (0, 1_000, 10_000, 50_000)
_COUNT: Final = 5
_ROUNDS: Final = 4
_MOST_PEAK: Final = 8 * 1024**2
"""Bytes that an export or its opening may take, however long the list."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """The petition page, read with a cold cache. `time` is CPU time as a ratio."""

    bill: Bill
    raw: int
    gzip: int
    time: float


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The page by the tally, and by signatures in the table; files by signatures in them."""

    by_tally: Mapping[int, Page]
    by_stored: Mapping[int, Page]
    files: Mapping[int, Filing]


def measure(say: Say) -> Growth:
    """Let everything grow and measure it at each size."""
    with stage.stage() as world:
        by_tally = {}
        for size in TALLIES:
            say(f"the page with a tally of {size:,}")
            _set_tally(world, size)
            by_tally[size] = _page(world)
        by_stored = {}
        for size, more in zip(STORED, _steps(STORED), strict=True):
            say(f"the page with {size:,} signatures in the table")
            _store(world, range(size - more, size))
            by_stored[size] = _page(world)
        _empty(world)
        files = filing_away.measure(world, say)
    return Growth(by_tally=by_tally, by_stored=by_stored, files=files)


def chapter(growth: Growth) -> Chapter:
    """What has grown."""
    text = f"""
### The petition page

{_pages("tally", growth.by_tally)}
The same with signatures really lying in the emulator's table:

{_pages("signatures stored", growth.by_stored)}
Each row is a read with a cold cache on moto; *time* is its CPU time as a multiple of a read with
a warm cache in the same rounds, divided by that of the first row: it is moto's time, too, which is
no database's, and moves with the load of this machine. What decides are calls, units and bytes. A
page asks for the petition, its updates and one tally item, each by its key, so it asks the same
for the first signer and after the millionth; only the digits of the count take a byte or two. With
a warm cache it asks nothing at all.

### Export and opening

{filing_away.told(growth.files)}
Peaks are what Python itself allocates (tracemalloc), in a run apart from the timed one. An export
holds one page of one of {len(keys.BUCKETS)} buckets, at most {PAGE_ITEMS} signatures. Pages are
full from {figure(len(keys.BUCKETS) * PAGE_ITEMS)} signatures on, so a longer list needs no more.
Opening holds one line at a time.
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
        if any(page.raw - first.raw > 50 for page in others):
            promises.append(f"the page gets longer with a larger {what}")
    for size, filed in growth.files.items():
        if max(filed.export.peak, filed.unseal.peak) > _MOST_PEAK:
            promises.append(f"a file of {size:,} signatures takes more than 8 MB of memory")
    return promises


def _page(world: World) -> Page:
    request = stage.event("GET", stage.path())

    def cold() -> str:
        world.services.cache.clear()
        return stage.answer(request)

    bill = gate.bill_of(cold)
    body = cold().encode()
    subjects = {"warm": lambda: stage.answer(request), "cold": cold}
    times = timing.cpu_seconds(
        {name: timing.same(act) for name, act in subjects.items()}, count=_COUNT, rounds=_ROUNDS
    )
    return Page(
        bill=bill,
        raw=len(body),
        gzip=len(gzip.compress(body, compresslevel=6, mtime=0)),
        time=times["cold"] / times["warm"],
    )


def _pages(head: str, pages: Mapping[int, Page]) -> str:
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
    world.services.desk.put(keys.tally(stage.SLUG), {"count": count})


def _steps(sizes: Sequence[int]) -> Sequence[int]:
    return [size - before for before, size in zip((0, *sizes), sizes, strict=False)]


def _store(world: World, numbers: range) -> None:
    """Lay signatures into moto's table, without the 20 ms that a call would take."""
    items = _signatures(world)
    for number in numbers:
        index = f"{number * 2654435761 % 2**32:08x}{number:024x}"
        key = keys.signature(stage.SLUG, index)
        pk, sk = DynamoType({"S": key[keys.PK]}), DynamoType({"S": key[keys.SK]})
        attributes = {"pk": {"S": pk.value}, "sk": {"S": sk.value}, "state": {"S": "confirmed"}}
        items[pk][sk] = Item(pk, sk, attributes)


def _empty(world: World) -> None:
    _signatures(world).clear()


def _signatures(world: World) -> dict[DynamoType, dict[DynamoType, Item]]:
    name = world.services.settings.signatures_table
    return dynamodb_backends[ACCOUNT][REGION].tables[name].items


if __name__ == "__main__":
    reporting.show("growth", lambda say: chapter(measure(say)))
