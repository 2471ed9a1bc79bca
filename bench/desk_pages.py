"""What does a page of the desk take, and does it take more with a million signatures?

Also what the desk costs those who never open it: what a process of the public pages imports.
"""

import gzip
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.instruments import call_recorder, moto_service, reporting, timing
from bench.instruments.call_recorder import Bill
from bench.instruments.moto_service import SLUG
from bench.instruments.reporting import Chapter, Progress, figure, table
from chalicelib import desk_app
from chalicelib.domain.organisers.roles import Role
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access
from chalicelib.store.integrity import tallies
from ops.compiling import ROOT
from tests.desk_client import DeskClient
from tests.desk_paths import VALUES, filled
from tests.world import World

SIZES: Final = (0, 1_000_000)
OF_THE_DESK: Final = ("chalicelib.desk_app", "fido2", "markdown_it", "tomli_w")
"""What no process of the public pages may import for the sake of the desk."""
_PROCESSES: Final = 10
_COUNT: Final = 5
_IMPORTS: Final[Mapping[str, str]] = {
    "Python alone": "pass",
    "the public app, with the function of the desk": "import app",
    "the desk": "import app; from chalicelib import desk_app",
}
_SPENT: Final = "; import time; print(time.process_time())"
_LOADED: Final = (
    f"import app, sys; print(*[name for name in {OF_THE_DESK!r} if name in sys.modules])"
)


@dataclass(frozen=True, kw_only=True)
class DeskPageCost:
    """One page, read in a process that has started. `seconds` is CPU time, moto's included."""

    bill: Bill
    raw: int
    gzip: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class DeskCosts:
    """The pages by route, at each size of the tally; CPU seconds of imports; needless modules."""

    pages: Mapping[int, Mapping[str, DeskPageCost]]
    imports: Mapping[str, float]
    needless: Sequence[str]


def measure(progress: Progress, *, short: bool = False) -> DeskCosts:
    """Read every page that a steward can open, at both sizes; `short` reads each once."""
    pages = {}
    with moto_service.published_petition() as world:
        for size in SIZES:
            progress(f"pages with a tally of {size:,}")
            _set_tally(world, size)
            pages[size] = _pages(world, count=1 if short else _COUNT)
    progress("imports")
    processes = 1 if short else _PROCESSES
    imports = {name: _cpu_seconds(code, processes) for name, code in _IMPORTS.items()}
    return DeskCosts(pages=pages, imports=imports, needless=_run(_LOADED).split())


def chapter(costs: DeskCosts) -> Chapter:
    """The pages at both sizes, and the imports."""
    heads = (
        "page",
        "calls at 0",
        f"at {SIZES[1]:,}",
        "read units at 0",
        f"at {SIZES[1]:,}",
        "bytes",
        "gzip -9",
        "CPU ms at 0",
        f"at {SIZES[1]:,}",
    )
    imports = [(name, figure(seconds * 1000)) for name, seconds in costs.imports.items()]
    text = f"""
Every page of the desk that a steward of one petition can open with a click, with a tally of nobody
and of {SIZES[1]:,}: they read tallies and never signatures, so both cost the same. Calls are
those of one request in a process that has started, with the session and the roles that the gate
reads each time. Bytes are those of the page, which holds its style sheet. Milliseconds are CPU time
of this process, in which moto, standing in for AWS, takes most: they compare pages, and say nothing
of Lambda.

{table(heads, _rows(costs))}
Public pages pay nothing for it: the function of the desk is registered in the public app so that
Chalice makes its role, and imports its pages when it is called. CPU time of a Python process that
imports and ends, median of {_PROCESSES}, with byte code:

{table(("process", "CPU ms"), imports)}
"""
    return Chapter(
        title="What the desk takes",
        command=reporting.command("desk_pages"),
        text=text,
        broken=_broken(costs),
    )


def _rows(costs: DeskCosts) -> Sequence[Sequence[str]]:
    few, many = (costs.pages[size] for size in SIZES)
    return [
        (
            f"`{route}`",
            figure(few[route].bill.call_count),
            figure(many[route].bill.call_count),
            figure(few[route].bill.read_units),
            figure(many[route].bill.read_units),
            figure(many[route].raw),
            figure(many[route].gzip),
            figure(few[route].seconds * 1000),
            figure(many[route].seconds * 1000),
        )
        for route in many
        if route in few
    ]


def _broken(costs: DeskCosts) -> Sequence[str]:
    few, many = (costs.pages[size] for size in SIZES)
    grown = [
        route for route in few if route in many and few[route].bill.calls != many[route].bill.calls
    ]
    return [
        *(f"{route} makes other calls with {SIZES[1]:,} signatures" for route in grown),
        *(f"public pages import {name} for the desk" for name in costs.needless),
    ]


def _pages(world: World, *, count: int) -> Mapping[str, DeskPageCost]:
    client = DeskClient.signed_in(world, slug=SLUG, roles=list(Role))
    paths = {
        rule.path: filled(rule.path, slug=SLUG)
        for rule in access.RULES
        if "GET" in rule.methods
        and rule.path in desk_app.app.routes
        and (rule.permission or rule.path == desk_urls.HOME)
        and not any(f"{{{name}}}" in rule.path for name in VALUES if name != "slug")
    }
    moto_service.fresh_process(world, "Desk")
    world.services.cache.seconds = 0
    costs = {}
    for route, path in paths.items():
        answer = client.get(path)
        if answer.status == 200:
            bill = call_recorder.bill_of(lambda path=path: client.get(path))  # type: ignore[misc]
            spent = timing.cpu_seconds(
                {route: timing.same(lambda path=path: client.get(path))},  # type: ignore[misc]
                count=count,
                rounds=3,
            )
            costs[route] = DeskPageCost(
                bill=bill,
                raw=len(answer.body),
                gzip=len(gzip.compress(answer.body, compresslevel=9, mtime=0)),
                seconds=spent[route],
            )
    return costs


def _set_tally(world: World, count: int) -> None:
    """Let the petition have so many signatures from one country, as its tally says."""
    seen = tallies.get(world.services.petitions, SLUG)
    tallies.repair(world.services.petitions, seen, count=count, countries={"PL": count})


def _cpu_seconds(code: str, processes: int) -> float:
    return statistics.median(float(_run(code + _SPENT)) for _ in range(processes))


def _run(code: str) -> str:
    """What a new process of Python prints."""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout


if __name__ == "__main__":
    reporting.show("desk_pages", lambda progress: chapter(measure(progress)))
