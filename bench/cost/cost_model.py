"""What does a signature cost in dollars? Measured use, times AWS's dated prices in Frankfurt."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from bench.calls import Bills
from bench.cold_start import Starts
from bench.cost import stack_settings, usage
from bench.cost.usage import Amounts, Assumptions, Usage
from bench.instruments import packaged_functions
from bench.instruments.reporting import Chapter, figure, table

AWS: Final = tomllib.loads((Path(__file__).parent / "aws.toml").read_text("utf-8"))
SIGNATURES: Final = (1_000, 1_000_000, 100_000_000)
_MANY: Final = 1_000_000
_STORED: Final = ("DynamoDB storage", "point-in-time recovery")
_A_LA_CARTE: Final = "SES mails, à la carte"
_MINUTES: Final = 30 * 24 * 60
_LOOKS: Final = 30 * 24 * 6
"""Minutes of a month in which public figures are due, while few sign."""
_POLLS: Final = 5 * 3
"""Requests a minute to an empty queue: five processes of Lambda (Lambda developer guide,
"Configuring scaling behavior for SQS event source mappings"), with long polls that last 20 seconds
at most (SQS API reference)."""
_PRICES: Final[Mapping[str, Any]] = {
    price["name"]: {**page, **price} for page in AWS["prices"] for price in page["of"]
}


def in_tiers(tiers: Sequence[tuple[float, float]], units: float) -> float:
    """What `units` cost in tiers of (units from which it applies, dollars a unit)."""
    ends = [start for start, _ in tiers[1:]] + [units]
    return sum(
        max(0.0, min(units, end) - start) * price
        for (start, price), end in zip(tiers, ends, strict=True)
    )


def dollars_of(units: Amounts) -> Amounts:
    """Dollars for the units of one month, without free tier, discount or tax."""
    return {name: in_tiers(_PRICES[name]["tiers"], each) for name, each in units.items()}


def of_signatures(used: Usage, count: float) -> Amounts:
    """Dollars for so many signatures within one month, kept for one month."""
    stored = dict.fromkeys(_STORED, used.stored_bytes / usage.GIGABYTE)
    return dollars_of({name: each * count for name, each in {**used.units, **stored}.items()})


def of_idle_month(bills: Bills, starts: Starts) -> Amounts:
    """Dollars of a month without visitors: alarms, Lambda's polling, `every_minute`.

    That function's CPU time is an upper bound: it was measured with alerts open.
    """
    assumed = Assumptions()
    minutes = [
        usage.step(packaged_functions.EVERY_MINUTE, count, bill, starts, assumed)
        for count, bill in ((_MINUTES - _LOOKS, bills.idle_minute), (_LOOKS, bills.idle_look))
    ]
    memory = stack_settings.memory_gb(minutes[0].function)
    units = {
        "CloudWatch alarms": stack_settings.alarm_count(),
        usage.QUEUES: stack_settings.polled_queue_count() * _POLLS * _MINUTES,
        usage.COMPUTE: sum(each.seconds * each.count for each in minutes) * memory,
        usage.INVOCATIONS: _MINUTES,
        usage.READS: sum(each.bill.read_units * each.count for each in minutes),
        usage.WRITES: sum(each.bill.write_units * each.count for each in minutes),
        usage.LOGS: sum(
            (each.log_bytes + assumed.platform_log_bytes) * each.count for each in minutes
        )
        / usage.GIGABYTE,
    }
    return dollars_of(units)


def chapter(used: Usage, uncached: Usage, idle: Amounts) -> Chapter:
    """Dollars, and what they rest on; `uncached` is use when CloudFront caches no page."""
    units = used.units
    text = f"""
Measured counts of this run times AWS's prices for Frankfurt, in US dollars without tax, free tier
or discount. Each signature comes with its views, its mail, its confirmation and its share of the
tally; all of a column comes within one month and is kept for one month.

{_bills({count: of_signatures(used, count) for count in SIGNATURES})}
{_alternatives(used, uncached)}

### A month in which nobody comes

{_month(idle)}
Alarms, and Lambda's asking of {stack_settings.polled_queue_count()} empty queues {_POLLS} times a
minute each, are what an idle stack costs.

### What the dollars rest on

Measured for each confirmed signature: {figure(units[usage.EDGE_REQUESTS])} requests to CloudFront,
{figure(units[usage.API])} to API Gateway, {figure(units[usage.INVOCATIONS])} calls of functions,
{figure(units[usage.COMPUTE])} GB-seconds, {figure(units[usage.WRITES])} write and
{figure(units[usage.READS])} read units, {figure(units[usage.QUEUES])} requests to SQS,
{figure(units[usage.MAILS])} mails, {figure(units[usage.LOGS] * usage.GIGABYTE)} bytes of log,
{figure(used.stored_bytes)} bytes stored. CPU times are of this machine, taken for those of arm64,
and stretched by the share of a core that a function's memory buys. Assumed, since nobody has
visited yet:

{_assumed(used.assumed)}
Left out: requests from CloudFront to the API, KMS for the secrets and the tables (each process asks
for a handful), exports and their bucket, the domain's name. Traffic from API Gateway to CloudFront
is free (CloudFront pricing page).

### Prices

Read in public transcripts of AWS's Price List, not at AWS itself; see `bench/cost/aws.toml`.

{_prices()}"""
    return Chapter(title="What it costs in dollars", command="make bench", text=text)


def _alternatives(used: Usage, uncached: Usage) -> str:
    dollars = of_signatures(used, _MANY)
    dearer = sum(of_signatures(uncached, _MANY).values()) - sum(dollars.values())
    a_la_carte = dollars_of({_A_LA_CARTE: used.units[usage.MAILS] * _MANY})[_A_LA_CARTE]
    stored = sum(dollars[name] for name in _STORED)
    return (
        f"If CloudFront cached no page, {figure(_MANY)} signatures would cost {money(dearer)} "
        f"more; with SES's older plan, {money(dollars[usage.MAILS] - a_la_carte)} less. Each "
        f"further month that they are kept costs {money(stored)}."
    )


def money(amount: float) -> str:
    """Dollars and cents."""
    return f"${amount:,.2f}" if amount >= 0.01 or amount == 0 else "<$0.01"


def _bills(by_count: Mapping[int, Amounts]) -> str:
    dearest, share_of = by_count[SIGNATURES[-1]], by_count[_MANY]
    totals = {count: sum(bill.values()) for count, bill in by_count.items()}
    rows = [
        [name, *(money(bill[name]) for bill in by_count.values()),
         f"{share_of[name] / totals[_MANY]:.1%}"]
        for name in sorted(dearest, key=lambda name: -dearest[name])
    ]  # fmt: skip
    rows.append(["**together**", *(f"**{money(total)}**" for total in totals.values()), "100%"])
    each = [money(total / count * 1000) for count, total in totals.items()]
    rows.append(["for each 1,000", *each, ""])
    heads = ("", *(f"{figure(count)} signatures" for count in by_count))
    return table((*heads, f"share of {figure(_MANY)}'s"), rows)


def _month(idle: Amounts) -> str:
    rows = [(name, money(paid)) for name, paid in idle.items()]
    rows.append(("**together**", f"**{money(sum(idle.values()))}**"))
    return table(("", "a month"), rows)


def _assumed(assumed: Assumptions) -> str:
    rows = [
        (each.metadata["meaning"], figure(getattr(assumed, each.name))) for each in fields(assumed)
    ]
    return table(("assumption", "value"), rows)


def _prices() -> str:
    rows = [
        (
            name,
            price["unit"],
            " / ".join(f"{dollars:.10f}".rstrip("0") for _, dollars in price["tiers"]),
            price["page"],
            f"{price['dated']}",
            price.get("note", ""),
        )
        for name, price in _PRICES.items()
    ]
    return table(("price", "unit", "dollars", "page", "dated", "note"), rows)
