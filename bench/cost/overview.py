"""What do a signer, an organiser and an operator pay? One screen, beside the best-kept peer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench import export_memory, keystrokes, paint, proof
from bench.calls import Bills
from bench.cold_start import Starts
from bench.cost import capacity, cost_model
from bench.cost.usage import Amounts, Usage
from bench.growth import Growth
from bench.instruments import packaged_functions, reporting
from bench.instruments.reporting import figure, table
from bench.journeys import steps
from bench.keystrokes import Efforts
from bench.page import Weight
from bench.paint import Visits
from bench.proof import Cost

PEER: Final = "Pytition 2.9, quoted"
_NONE: Final = "–"
_NO_BROWSER: Final = "no browser here"
_WEIGHT: Final = "341 KB in 9 requests, 84 KB compressed"
_PAINT: Final = "1.87 s"
_EFFORT: Final = "4 taps, 37 letters: 23.9 s"
_FORM: Final = "14 SQL statements"
_SIGNATURE: Final = "47 SQL statements"
_EXPORT: Final = "4.0 s; 176 MB of memory"
_PEER_LOAD: Final = (
    "117 pages a second of an empty petition, 8.7 with 100,000 signatures and 7.5 with 500,000; "
    "5.3 sign forms a second, 1.1 with 500,000 signatures; 646 MB of memory to export 500,000"
)


@dataclass(frozen=True, kw_only=True)
class Results:
    """What one run has measured, and what follows from it."""

    bills: Bills
    weights: Mapping[str, Weight]
    visits: Visits | None
    efforts: Efforts | None
    proof: Cost
    growth: Growth
    starts: Starts
    used: Usage
    idle: Amounts


def screen(results: Results) -> str:
    """The table of who pays what, and how far the peer's figures compare."""
    rows = [*_signer(results), *_organiser(results), *_operator(results)]
    return f"""
{table(("who", "pays", "Zaklik, this run", PEER), rows)}
Seconds of functions are CPU time of this machine, without network and database. The peer's figures
are **of another day and machine**: autumn 2026, 2 cores, over HTTP, with Django, MariaDB and three
gunicorn workers, and for what a signer loads an nginx that compresses. AWS calls and SQL statements
are both round trips to the data; one of our calls may take longer than a statement on the same
host. The peer exports plain data; we export sealed data, which is opened elsewhere. Also of that
day: {_PEER_LOAD}. Those are rates of its whole
server, so no figure of ours stands beside them.
"""


def _signer(results: Results) -> Sequence[Sequence[str]]:
    heaviest = max(results.weights.values(), key=lambda weight: weight.transferred)
    weight = (
        f"{(heaviest.raw + heaviest.picture) / 1024:.0f} KB in {heaviest.requests} requests, "
        f"{heaviest.transferred / 1024:.0f} KB compressed"
    )
    warm = [
        figure(results.starts.warm[name].cpu * 1000)
        for name in (packaged_functions.PAGE, packaged_functions.SIGN, packaged_functions.CONFIRM)
    ]
    asked = results.bills.steady[steps.ASKED].call_count
    wait = _NO_BROWSER
    if results.proof.seconds:
        wait = f"{figure(proof.old_phone_seconds(results.proof))} s on an old phone, computed"
    return (
        ("signer", "the page with all its files", weight, _WEIGHT),
        ("", "until its largest part shows on a slow phone", _paint(results.visits), _PAINT),
        ("", "from the link to the answer, by such a phone", _effort(results.efforts), _EFFORT),
        ("", "functions for page, form, confirmation", f"{', '.join(warm)} ms", _NONE),
        ("", "round trips before the form is answered", f"{asked} AWS calls", _FORM),
        ("", "a proof of work, only under pressure", wait, "none"),
    )


def _paint(visits: Visits | None) -> str:
    return f"{figure(paint.median(visits[reporting.OURS]))} s" if visits else _NO_BROWSER


def _effort(efforts: Efforts | None) -> str:
    if efforts is None:
        return _NO_BROWSER
    tried = efforts[keystrokes.ON_PHONE.name, reporting.OURS]
    return (
        f"{tried[0].points} taps, {tried[0].characters} letters: "
        f"{figure(keystrokes.seconds(tried))} s"
    )


def _organiser(results: Results) -> Sequence[Sequence[str]]:
    size, file = max(results.growth.files.items())
    export = (
        f"{figure(file.export.seconds)} s, and {figure(file.unseal.seconds)} s to open it; "
        f"{file.peak / 1024**2:.1f} MB of memory"
    )
    peer = _EXPORT if size == export_memory.LARGEST else _NONE
    alert = results.bills.alert
    calls = figure(alert.calls_per_thousand)
    people = figure(alert.subscriber_count)
    return (
        ("organiser", f"an export of {figure(size)} signatures", export, peer),
        ("", f"an alert to {people} subscribers", f"{calls} AWS calls for 1,000", _NONE),
    )


def _operator(results: Results) -> Sequence[Sequence[str]]:
    whole, start = results.bills.signature, results.starts.cpu(packaged_functions.PAGE)
    signature = (
        f"{whole.call_count} AWS calls, {figure(whole.write_units)} write and "
        f"{figure(whole.read_units)} read units"
    )
    dollars = {
        f"{figure(count)} signatures in a month": cost_model.of_signatures(results.used, count)
        for count in cost_model.SIGNATURES
    } | {"a month in which nobody comes": results.idle}
    first = capacity.demands(results.used, results.bills, capacity.A_MINUTE / 60)[0].name
    crowd = f"first to break at {figure(capacity.A_MINUTE)} signatures a minute"
    return (
        ("operator", "one confirmed signature", signature, _SIGNATURE),
        *(
            ("", what, cost_model.money(sum(paid.values())), _NONE)
            for what, paid in dollars.items()
        ),
        ("", "first page of a new process", f"{start * 1000:.0f} ms", _NONE),
        ("", crowd, f"{first}, computed", _NONE),
    )
