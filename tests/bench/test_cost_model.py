"""Prices in tiers, what a signature uses, and what many ask of each resource."""

import pytest

from bench import capacity, cost_model, journeys, packaged_functions, stack_settings, usage
from bench.alert_calls import AlertCalls
from bench.call_recorder import Bill
from bench.calls import Bills
from bench.usage import Assumptions, Step, Usage

TIERS = [(0.0, 2.0), (10.0, 1.0), (100.0, 0.5)]
CONFIRMED = Bill(write_units=1)
MAILED = Bill(write_units=2)
MAILED.calls["sesv2.SendEmail"] = 1
BILLS = Bills(
    first={journeys.ASKED: Bill(), journeys.MAILED: Bill()},
    steady={
        journeys.CONFIRMED: CONFIRMED,
        journeys.MAILED: MAILED,
        journeys.COLD: Bill(read_units=5),
    },
    tally={},
    tally_with_fences=Bill(write_units=2),
    idle_tick=Bill(),
    alert=AlertCalls(subscriber_count=1, start=Bill()),
    signature_bytes=300,
)


def step(bill: Bill, function: str, *, seconds: float) -> Step:
    return Step(
        count=2, function=function, bill=bill, seconds=seconds, start_seconds=1, log_bytes=100
    )


USED = Usage(
    steps={
        packaged_functions.CONFIRM: step(CONFIRMED, packaged_functions.WEB, seconds=0.05),
        packaged_functions.SEND_MAIL: step(MAILED, "send_mail", seconds=0.2),
    },
    assumed=Assumptions(views=5, missed=0.2, cold=0.1, platform_log_bytes=300, access_log_bytes=50),
    page_bytes=1000,
    stored_bytes=400,
)


def demands(rate: float) -> dict[str, float]:
    return {demand.name: demand.amount for demand in capacity.demands(USED, BILLS, rate)}


@pytest.mark.parametrize(
    ("units", "dollars"), [(0, 0), (5, 10), (10, 20), (50, 60), (100, 110), (300, 210)]
)
def test_units_run_through_the_tiers(units: float, dollars: float) -> None:
    assert cost_model.in_tiers(TIERS, units) == dollars


def test_every_price_has_tiers_that_begin_at_nothing_and_rise() -> None:
    for page in cost_model.AWS["prices"]:
        for price in page["of"]:
            starts = [start for start, _ in price["tiers"]]
            assert starts[0] == 0
            assert starts == sorted(set(starts))


def test_usage_adds_up_what_every_step_uses() -> None:
    units = USED.units

    assert units[usage.API] == 2
    assert units[usage.EDGE_REQUESTS] == 2 + 5 * 0.8
    assert units[usage.EDGE_GIGABYTES] * usage.GIGABYTE == pytest.approx(6000)
    assert units[usage.MAILS] == 2
    assert units[usage.WRITES] == 2 * 1 + 2 * 2
    assert units[usage.LOGS] * usage.GIGABYTE == pytest.approx(4 * (100 + 300) + 2 * 50)


def test_new_processes_are_charged_by_their_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_settings, "memory_gb", lambda _function: 2)

    assert USED.units[usage.COMPUTE] == pytest.approx(2 * 2 * (0.05 + 0.2 + 2 * 0.1))


def test_functions_at_once_are_arrivals_times_how_long_they_take() -> None:
    assert capacity.at_once(USED, 1000, visited=True) == pytest.approx(100)
    assert capacity.at_once(USED, 1000, visited=False) == pytest.approx(400)


def test_writes_are_counted_for_the_table_that_they_go_to() -> None:
    amounts = demands(1000)

    assert amounts[f"{capacity.TABLE_WRITES}: signatures"] == 1000
    assert amounts[f"{capacity.TABLE_WRITES}: petitions"] == 6 * 1000 - 1000


def test_the_tally_costs_by_shards_and_not_by_signatures() -> None:
    tally = f"{capacity.PARTITION_WRITES}: the tally"

    assert demands(10)[tally] == demands(4000)[tally] == 4 * 4 * 2
    assert demands(8000)[tally] == 8 * 4 * 2
