"""Prices: tiers, and a month's bill."""

from datetime import date

import pytest

from bench import deployed, dollars, prices
from bench.gate import Bill
from bench.prices import Price, Tier
from bench.using import Act, Assumptions, Use

TIERED = Price(
    service="paper",
    unit="sheet",
    tiers=(Tier(start=0, dollars=2), Tier(start=10, dollars=1), Tier(start=100, dollars=0.5)),
    page="the stationer's list",
    dated=date(2026, 1, 1),
)
SIGN = Act(
    count=2,
    function="api_handler",
    visited=True,
    seconds=0.5,
    cold_seconds=1.0,
    bill=Bill(write_units=3, read_units=1),
    log_bytes=100,
)
ASSUMED = Assumptions(
    views=5, missed=0.2, cold=0.1, platform_log_bytes=300, access_log_bytes=50, batch=100
)
USE = Use(acts={"sign": SIGN}, assumed=ASSUMED, page_bytes=1000, stored_bytes=400)


@pytest.mark.parametrize(
    ("units", "paid"), [(0, 0), (5, 10), (10, 20), (50, 60), (100, 110), (300, 210)]
)
def test_units_run_through_the_tiers(units: float, paid: float) -> None:
    assert TIERED.dollars(units) == pytest.approx(paid)


def test_every_price_has_tiers_that_begin_at_nothing_and_rise() -> None:
    for price in prices.ALL:
        starts = [tier.start for tier in price.tiers]
        assert starts[0] == 0
        assert starts == sorted(set(starts))


def test_use_adds_up_what_every_act_costs() -> None:
    assert USE.api_requests == 2
    assert USE.edge_requests == 2 + 5 * 0.8
    assert USE.edge_bytes == 6000
    assert (USE.write_units, USE.read_units) == (6, 2)
    assert USE.log_bytes == 2 * (100 + 300 + 50)


def test_fresh_processes_are_paid_for_by_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployed, "memory", lambda _function: 2048)

    assert USE.gigabyte_seconds == pytest.approx(2 * 2 * (0.5 + 0.1 * 1.0))


def test_a_million_signatures_cost_a_million_times_one() -> None:
    one, million = dollars.of_signatures(USE, 1), dollars.of_signatures(USE, 1_000_000)

    assert million[prices.WRITES] == pytest.approx(6 * 0.7625)
    assert million[prices.API] == pytest.approx(one[prices.API] * 1_000_000)


def test_the_picture_shows_the_dearest_first_and_all_of_them() -> None:
    lines = dollars.drawn({prices.API: 1.0, prices.MAILS: 3.0}).splitlines()

    assert lines[0] == lines[-1] == "```"
    assert [line.split("█")[0].strip() for line in lines[1:-1]] == [
        "SES mails",
        "API Gateway, REST",
    ]
    assert [line.count("█") for line in lines[1:-1]] == [30, 10]
    assert [line.split()[-1] for line in lines[1:-1]] == ["75.0%", "25.0%"]
