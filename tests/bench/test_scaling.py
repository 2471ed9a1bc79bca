"""The crowd: what it asks of every resource, and what becomes of its mails."""

import pytest

from bench import crowd, deployed, journeys, packaged_work, quotas, scaling
from bench.alert_bills import AlertBills
from bench.calls import Bills
from bench.gate import Bill
from bench.using import Act, Assumptions, Use

NO_ALERT = AlertBills(
    start=Bill(),
    fan_out=Bill(),
    chunks=Bill(),
    feedback=Bill(),
    ticks=Bill(),
    chunk_count=0,
    tick_count=0,
)
CONFIRMED = Bill(write_units=1)
MAILED = Bill(write_units=2)
MAILED.calls["sesv2.SendEmail"] = 1
FIRST = Bill()
FIRST.calls["ssm.GetParameters"] = 1
BILLS = Bills(
    first={journeys.ASKED: FIRST, journeys.MAILED: Bill()},
    steady={
        journeys.CONFIRMED: CONFIRMED,
        journeys.MAILED: MAILED,
        journeys.COLD: Bill(read_units=5),
    },
    tally={},
    tally_with_fences=Bill(write_units=2),
    idle_tick=Bill(),
    alert=NO_ALERT,
    signature_bytes=300,
)


def act(bill: Bill, *, visited: bool, seconds: float) -> Act:
    return Act(
        count=1,
        function="api_handler" if visited else "send_mail",
        visited=visited,
        seconds=seconds,
        cold_seconds=0,
        bill=bill,
        log_bytes=0,
    )


def crowd_of(rate: float) -> crowd.Crowd:
    acts = {
        packaged_work.CONFIRM: act(CONFIRMED, visited=True, seconds=0.05),
        packaged_work.SEND_MAIL: act(MAILED, visited=False, seconds=0.2),
    }
    use = Use(acts=acts, assumed=Assumptions(), page_bytes=8000, stored_bytes=400)
    return crowd.Crowd(use=use, bills=BILLS, rate=rate)


def demands(rate: float) -> dict[str, float]:
    return {load.quota.name: load.demand for load in crowd.loads(crowd_of(rate))}


def test_functions_at_once_are_arrivals_times_how_long_they_take() -> None:
    many = crowd_of(1000)

    assert many.at_once(visited=True) == pytest.approx(50)
    assert many.at_once(visited=False) == pytest.approx(200)
    assert demands(1000)[quotas.CONCURRENCY.name] == pytest.approx(250)


def test_writes_fall_on_the_table_that_they_go_to() -> None:
    asked = demands(1000)

    assert asked[f"{quotas.TABLE_WRITES.name}: signatures"] == pytest.approx(1000)
    assert asked[f"{quotas.TABLE_WRITES.name}: desk"] == pytest.approx(2000)
    assert asked[f"{quotas.PARTITION_WRITES.name}: a bucket of signatures"] == pytest.approx(
        1000 / 256
    )


def test_the_tally_costs_by_shards_and_not_by_signatures() -> None:
    tally = f"{quotas.PARTITION_WRITES.name}: the tally"

    assert demands(10)[tally] == demands(4000)[tally] == 4 * 4 * 2
    assert demands(8000)[tally] == 8 * 4 * 2


def test_the_most_burdened_resource_comes_first() -> None:
    shares = [load.share for load in crowd.loads(crowd_of(1000))]

    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize(("share", "aside"), [(0, 1), (0.5, 0.25), (1, 0), (2, 0)])
def test_mails_are_set_aside_when_no_try_gets_through(share: float, aside: float) -> None:
    assert scaling.set_aside(share, 2) == aside


def test_the_argument_names_what_breaks() -> None:
    text = scaling.chapter(crowd_of(1).use, BILLS).markdown

    assert f"in this order: 1. {quotas.MAIL_RATE.name}" in text


def test_the_template_says_what_figures_depend_on() -> None:
    assert deployed.memory("send_mail") >= 128
    assert deployed.alarm_count() > 0
    assert deployed.polled_queue_count() == 3
    assert deployed.mail_concurrency() >= 2
    assert deployed.mail_patience()[1] > 1
