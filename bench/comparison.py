"""Beside the best-kept peer of its kind: Pytition 2.9, and how far the figures can be compared."""

from collections.abc import Mapping
from typing import Final

from bench import growth, journeys, throughput
from bench.calls import Bills
from bench.growth import Growth
from bench.page import Weight
from bench.reporting import Chapter, figure, ratio, table
from bench.throughput import Costs

PAGES: Final = "petition page, a second"
POSTS: Final = "sign form, a second"
ASKED: Final = "asked of the database"
WEIGHT: Final = "page with all its files, not compressed"
EXPORT: Final = "export of 100,000 signatures"
PYTITION: Final[Mapping[str, str]] = {
    PAGES: "117 empty, 8.7 with 100,000 signatures, 7.5 with 500,000",
    POSTS: "5.3 with few signatures, 1.1 with 500,000",
    ASKED: "14 statements to sign, 47 for a confirmed signature",
    WEIGHT: "341 KB in 9 requests",
    EXPORT: "4.0 s; 176 MB of memory (646 MB for 500,000)",
}
"""Measured on a comparable 2-core machine, and not by the scripts here."""


def chapter(bills: Bills, weights: Mapping[str, Weight], costs: Costs, grown: Growth) -> Chapter:
    """Our figures of this run beside Pytition's."""
    heaviest = max(weights.values(), key=lambda weight: weight.gzip)
    filed = grown.files[100_000]
    asked, whole = bills.steady[journeys.ASKED], bills.signature
    peak = max(filed.export.peak, filed.unseal.peak) / 1024**2
    exported, opened = figure(filed.export.seconds), figure(filed.unseal.seconds)
    ours = {
        PAGES: f"{figure(1 / costs.own[throughput.PAGE])} with any number, see above",
        POSTS: f"{figure(1 / costs.own[throughput.SIGN])} with few",
        ASKED: f"{asked.call_count} AWS calls to sign, {whole.call_count} for a confirmed one",
        WEIGHT: f"{heaviest.raw / 1024:.0f} KB in {heaviest.requests}",
        EXPORT: f"{exported} s, and {opened} s to open it; {peak:.1f} MB of memory",
    }
    rows = [(what, theirs, ours[what]) for what, theirs in PYTITION.items()]
    text = f"""
Pytition's figures were measured on a comparable 2-core machine, over HTTP, with Django, MariaDB and
three gunicorn workers; the page with 8 connections at a time.

{table(("", "Pytition 2.9", "Zaklik, this run"), rows)}
What can be compared, and what cannot:

- Pytition's rates are of a whole server with its database and HTTP, on two cores. Ours are CPU
  time of the handlers on **one core, without network, HTTP server or database**: what a Lambda
  has to compute. On AWS each request also waits for its calls, and DynamoDB does its part
  elsewhere. So the rates are of different things, and their quotient would mean nothing.
- What can be compared is the **shape**: with signatures in its table Pytition's page becomes 13
  to 16 times slower, since it counts them for every reader; ours takes
  {ratio(max(_relative(grown)))} the time at a tally of {figure(max(growth.TALLIES))}. Our sign form
  was timed with few signatures only; it names single keys and goes through no list.
- Statements and calls are both round trips of the application to its data, counted alike; one of
  our calls may take longer than a statement on the same host.
- Page weight and requests are the same thing on both sides.
- Pytition's export holds plain data and ours sealed data that is opened elsewhere, so both steps
  are given. Our memory is what Python allocates for the work, and the table's answers come from
  memory; Pytition's time includes a real database.
- No peer publishes a load test that can be trusted, and neither is this one: how the service
  bears a day with thousands a minute has to be measured on AWS itself.
"""
    return Chapter(title="Beside Pytition 2.9", command="make bench", text=text)


def _relative(grown: Growth) -> list[float]:
    first, *others = grown.by_tally.values()
    return [other.time / first.time for other in others]
