"""What does a signature cost? Measured counts times dated prices, and what is assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Final

from bench import deployed, packaged_work, prices, using
from bench.calls import Bills
from bench.cold_start import Starts
from bench.prices import GIGABYTE, Price
from bench.reporting import Chapter, figure, table
from bench.using import Act, Assumptions, Use

SIGNATURES: Final = (1_000, 1_000_000, 100_000_000)
DRAWN: Final = 1_000_000
MINUTES: Final = 30 * 24 * 60
"""In a month of 30 days."""
POLLERS: Final = 5
"""Processes with which Lambda asks a queue that is empty (Lambda developer guide, "Configuring
scaling behavior for SQS event source mappings")."""
POLLS: Final = 3
"""Times a minute that each asks, since a long poll lasts 20 seconds at most (SQS API reference)."""
_BAR: Final = 40


def of_signatures(use: Use, count: float) -> Mapping[Price, float]:
    """Dollars by price for so many signatures within one month, kept for one month."""
    stored = count * use.stored_bytes / GIGABYTE
    units = {
        prices.MAILS: use.mails,
        prices.API: use.api_requests,
        prices.EDGE_REQUESTS: use.edge_requests,
        prices.EDGE_BYTES: use.edge_bytes / GIGABYTE,
        prices.COMPUTE: use.gigabyte_seconds,
        prices.INVOCATIONS: use.invocations,
        prices.WRITES: use.write_units,
        prices.READS: use.read_units,
        prices.QUEUES: use.queue_requests,
        prices.LOGS: use.log_bytes / GIGABYTE,
    }
    kept = {prices.STORAGE: stored, prices.RECOVERY: stored}
    return {
        **{price: price.dollars(each * count) for price, each in units.items()},
        **{price: price.dollars(held) for price, held in kept.items()},
    }


def of_a_month(tick: Act) -> Mapping[Price, float]:
    """Dollars by price for a month in which nobody comes."""
    polls = deployed.polled_queue_count() * POLLERS * POLLS * MINUTES
    logged = (tick.log_bytes + Assumptions().platform_log_bytes) * MINUTES
    return {
        prices.ALARMS: prices.ALARMS.dollars(deployed.alarm_count()),
        prices.QUEUES: prices.QUEUES.dollars(polls),
        prices.COMPUTE: prices.COMPUTE.dollars(tick.gigabyte_seconds * MINUTES),
        prices.INVOCATIONS: prices.INVOCATIONS.dollars(MINUTES),
        prices.READS: prices.READS.dollars(tick.bill.read_units * MINUTES),
        prices.WRITES: prices.WRITES.dollars(tick.bill.write_units * MINUTES),
        prices.LOGS: prices.LOGS.dollars(logged / GIGABYTE),
    }


def chapter(use: Use, bills: Bills, starts: Starts) -> Chapter:
    """The bills, what they go to, and what they rest on."""
    by_count = {count: of_signatures(use, count) for count in SIGNATURES}
    tick = using.act(packaged_work.TICK, MINUTES, bills.idle_tick, starts, use.assumed)
    month = of_a_month(tick)
    text = f"""
Measured counts of this run times AWS's prices for Frankfurt (eu-central-1), in US dollars without
tax, free tier or discount. Prices change: theirs, with pages and dates, stand below and in
`bench/prices.py`; they were read in public transcripts of AWS's Price List, not at AWS itself.

Each signature comes with its views, its mail, its confirmation and its share of the tally; all of a
column comes within one month and is kept for one month.

{_bills(by_count)}
{_sensitivity(use)}

What {figure(DRAWN)} signatures' dollars go to:

{drawn(by_count[DRAWN])}

### A month in which nobody comes

{_month(month)}
Alarms and Lambda's own asking of {deployed.polled_queue_count()} empty queues
({POLLERS} processes each, {POLLS} times a minute) are what an idle stack costs.

### What it rests on

Counted for each confirmed signature: {figure(use.edge_requests)} requests to CloudFront,
{figure(use.api_requests)} to API Gateway, {figure(use.invocations)} calls of functions,
{use.gigabyte_seconds * 1000:.3g} thousandths of a GB-second, {figure(use.write_units)} write and
{figure(use.read_units)} read units, {figure(use.queue_requests)} requests to SQS,
{figure(use.mails)} mails, {figure(use.log_bytes)} bytes of log, {figure(use.stored_bytes)} bytes
stored. CPU times are of this machine, taken for those of arm64, and stretched by what a function's
memory buys of a core. Assumed, since nobody has visited yet:

{_assumed(use.assumed)}
Left out: what is sent from CloudFront to the API, KMS for SSM's secrets and the tables' own key
(each process asks for a handful), exports and their bucket, SES's attachments (there are none), the
domain's name. The traffic from API Gateway to CloudFront is free (CloudFront pricing page).

{_prices()}"""
    return Chapter(title="What it costs in dollars", command="make bench", text=text)


def drawn(dollars: Mapping[Price, float]) -> str:
    """A picture in letters: one bar for each price, the longest first."""
    total = sum(dollars.values())
    wide = max(len(price.service) for price in dollars)
    ordered = sorted(dollars.items(), key=lambda entry: -entry[1])
    lines = [
        f"{price.service:<{wide}} {'█' * round(_BAR * paid / total):<{_BAR}} {paid / total:6.1%}"
        for price, paid in ordered
    ]
    return "\n".join(["```", *lines, "```"])


def _bills(by_count: Mapping[int, Mapping[Price, float]]) -> str:
    largest = by_count[SIGNATURES[-1]]
    ordered = sorted(largest, key=lambda price: -largest[price])
    rows = [
        [price.service, *(_dollars(bill[price]) for bill in by_count.values())] for price in ordered
    ]
    totals = [sum(bill.values()) for bill in by_count.values()]
    rows.append(["**together**", *(f"**{_dollars(total)}**" for total in totals)])
    each = [_dollars(total / count * 1000) for count, total in zip(by_count, totals, strict=True)]
    rows.append(["for each 1,000", *each])
    return table(["", *(f"{figure(count)} signatures" for count in by_count)], rows)


def _sensitivity(use: Use) -> str:
    total = sum(of_signatures(use, DRAWN).values())
    never = replace(use.assumed, missed=1.0)
    pages = dict(use.acts)
    pages[packaged_work.PAGE] = replace(pages[packaged_work.PAGE], count=never.views)
    uncached = sum(of_signatures(replace(use, acts=pages, assumed=never), DRAWN).values())
    before = prices.MAILS_BEFORE.dollars(use.mails * DRAWN)
    mails = prices.MAILS.dollars(use.mails * DRAWN)
    return (
        f"Were no view ever answered by CloudFront's cache, {figure(DRAWN)} signatures would cost "
        f"{_dollars(uncached - total)} more. With SES's older plan they cost "
        f"{_dollars(mails - before)} less. Each month more that they are kept is "
        f"{_dollars(_kept(use))}."
    )


def _kept(use: Use) -> float:
    held = DRAWN * use.stored_bytes / GIGABYTE
    return prices.STORAGE.dollars(held) + prices.RECOVERY.dollars(held)


def _month(dollars: Mapping[Price, float]) -> str:
    rows = [(price.service, _dollars(paid)) for price, paid in dollars.items()]
    rows.append(("**together**", f"**{_dollars(sum(dollars.values()))}**"))
    return table(("", "a month"), rows)


def _assumed(assumed: Assumptions) -> str:
    rows: Sequence[tuple[str, str]] = [
        (str(each.metadata["meaning"]), figure(getattr(assumed, each.name)))
        for each in fields(assumed)
    ]
    return table(("assumption", "value"), rows)


def _prices() -> str:
    rows = [
        (
            price.service,
            price.unit,
            " / ".join(f"{tier.dollars:.10f}".rstrip("0") for tier in price.tiers),
            price.page,
            f"{price.dated:%Y-%m-%d}",
            price.note,
        )
        for price in prices.ALL
    ]
    return table(("price", "unit", "dollars", "where it stands", "dated", "note"), rows)


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}" if amount >= 0.01 or amount == 0 else "<$0.01"
