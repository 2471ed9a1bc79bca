"""When does the largest thing of the petition page show on a phone with a slow line?

`--beside NAME=URL` opens another server's page in turn with ours, on the same machine.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser

from bench.instruments import chromium, local_service, moto_service, reporting
from bench.instruments.reporting import OURS, Chapter, Progress, figure, ratio
from tests.browser.positions import PHONE

RUNS: Final = 15
_LONGEST_SECONDS: Final = 2.5
"""What counts as good for this figure, by the Web Vitals."""
_PAINTS: Final = """
() => new Promise((done) => {
  const shown = performance.getEntriesByName('first-contentful-paint')[0];
  new PerformanceObserver((list) => {
    const largest = list.getEntries().at(-1);
    done({
      first: shown.startTime,
      largest: largest.startTime,
      element: largest.element ? largest.element.localName : '',
    });
  }).observe({type: 'largest-contentful-paint', buffered: true});
})
"""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One visit with an empty cache: seconds to the paints, bytes and requests to show it all."""

    first_seconds: float
    largest_seconds: float
    element: str
    transferred: int
    requests: int


Visits = Mapping[str, Sequence[Visit]]
"""The visits to each page, in the order in which they were made."""


def measure(progress: Progress, *, beside: str = "", short: bool = False) -> Visits | None:
    """Open the pages in turn. None without a browser."""
    if not chromium.path():
        return None
    with local_service.running() as url, chromium.running() as browser:
        pages = {OURS: url + moto_service.path(), **reporting.peer(beside)}
        visits: dict[str, list[Visit]] = {name: [] for name in pages}
        for run in range(1 if short else RUNS):
            progress(f"visit {run + 1} of {RUNS}")
            for name, page in pages.items():
                visits[name].append(_visit(browser, page))
    return visits


def _visit(browser: Browser, url: str) -> Visit:
    with chromium.visitor(browser, PHONE, slow=True) as page:
        devtools = page.context.new_cdp_session(page)
        finished: list[float] = []
        devtools.on(
            "Network.loadingFinished", lambda event: finished.append(event["encodedDataLength"])
        )
        devtools.send("Network.enable")
        page.goto(url, wait_until="networkidle")
        paints: Mapping[str, Any] = page.evaluate(_PAINTS)
        return Visit(
            first_seconds=paints["first"] / 1000,
            largest_seconds=paints["largest"] / 1000,
            element=paints["element"],
            transferred=round(sum(finished)),
            requests=len(finished),
        )


def median(visits: Sequence[Visit]) -> float:
    """Seconds until the largest thing shows, in the median."""
    return statistics.median(visit.largest_seconds for visit in visits)


def chapter(visits: Visits | None) -> Chapter:
    """The paints, and how many times as long the peer takes."""
    return Chapter(
        title="When the page shows on a slow phone",
        command=reporting.command("paint"),
        text=chromium.NONE_HERE if visits is None else _text(visits),
    )


def _text(visits: Visits) -> str:
    heads = (
        "page",
        "first paint, s",
        "largest paint, s",
        "fastest to slowest",
        "which element",
        "KB",
        "requests",
    )
    rows = [_row(name, of_page) for name, of_page in visits.items()]
    line, trip = chromium.BITS_PER_SECOND / 1024**2, chromium.ROUND_TRIP_SECONDS * 1000
    return f"""
Chromium with the screen of a phone, {chromium.CPU_SLOWDOWN} × slower than this machine, on a line
with {line:.1f} Mbit/s and {figure(trip)} ms a round trip: Lighthouse's profile of a slow phone,
made by Chromium's own tools. Each page comes over HTTP from this machine, with nothing in the
browser's cache; medians of {len(visits[OURS])} visits, one page after the other in turn. The
*largest paint* is when the largest text or picture of the first screen is there (Largest
Contentful Paint). KB are those that came over the line, headers included.

{reporting.table(heads, rows)}
{_comparison(visits)}

What counts as good by the Web Vitals, at most {_LONGEST_SECONDS} s, is {_verdict(visits)}."""


def _row(name: str, visits: Sequence[Visit]) -> Sequence[str]:
    largest = [visit.largest_seconds for visit in visits]
    return (
        name,
        figure(statistics.median(visit.first_seconds for visit in visits)),
        figure(median(visits)),
        f"{figure(min(largest))} to {figure(max(largest))}",
        statistics.mode(visit.element for visit in visits),
        figure(round(statistics.median(visit.transferred for visit in visits) / 1024)),
        figure(statistics.median(visit.requests for visit in visits)),
    )


def _verdict(visits: Visits) -> str:
    return "kept" if median(visits[OURS]) <= _LONGEST_SECONDS else "**missed**"


def _comparison(visits: Visits) -> str:
    """How many times as long each peer's page takes as ours."""
    return "\n\n".join(
        f"In the median {name} takes {ratio(median(peer) / median(visits[OURS]))} as long."
        for name, peer in visits.items()
        if name != OURS
    )


if __name__ == "__main__":
    beside = reporting.beside(__doc__)
    reporting.show("paint", lambda progress: chapter(measure(progress, beside=beside)))
