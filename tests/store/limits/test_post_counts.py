"""Post quotas of networks, post totals and spent proofs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chalicelib.store import keys
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.limits import post_counts, quotas
from tests.builders import NOW

NETWORK, OTHER = "77" * 16, "9c" * 16
BORDERS = (
    datetime(2026, 3, 8, 12, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 3, 8, 13, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 3, 9, 0, 0, tzinfo=UTC),
)


def test_a_network_may_post_up_to_its_cap_each_hour(limits_table: Table) -> None:
    quotas_of_network = [
        quotas.count_post(limits_table, [NETWORK], caps=[2], now=NOW) for _ in range(4)
    ]
    another = quotas.count_post(limits_table, [OTHER], caps=[2], now=NOW)
    later = quotas.count_post(limits_table, [NETWORK], caps=[2], now=NOW + timedelta(hours=1))

    assert [quota.counted for quota in quotas_of_network] == [True, True, False, False]
    assert [quota.counts[0] for quota in quotas_of_network] == [1, 2, 2, 2]
    assert another.counted
    assert later.counts[0] == 1


@pytest.fixture(scope="module")
def hours() -> list[int]:
    """The hours that the examples of this run have used: each begins in a new one."""
    return [0]


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cap=st.integers(1, 6),
    slow_cap=st.integers(1, 4),
    unproven_cap=st.integers(1, 6),
    forms=st.lists(
        st.tuples(st.sampled_from(["proven", "unproven", "slow"]), st.integers(0, 2)), max_size=20
    ),
)
def test_no_order_of_forms_exceeds_the_caps(
    limits_table: Table,
    hours: list[int],
    cap: int,
    slow_cap: int,
    unproven_cap: int,
    forms: list[tuple[str, int]],
) -> None:
    admitted: dict[int, list[str]] = {0: [], 1: [], 2: []}
    start = NOW + timedelta(hours=hours[0])
    hours[0] += 3
    for lane, hour in forms:
        now = start + timedelta(hours=hour)
        if lane == "slow":
            quota = quotas.count_post(
                limits_table, [NETWORK], caps=[cap], slow_caps=[slow_cap], now=now
            )
        else:
            own = min(cap, unproven_cap) if lane == "unproven" else cap
            quota = quotas.count_post(limits_table, [NETWORK], caps=[own], now=now)
        if quota.counted:
            admitted[hour].append(lane)
        assert quota.counts[0] == len(admitted[hour])

    for lanes in admitted.values():
        assert len(lanes) <= cap
        assert lanes.count("slow") <= slow_cap
        # None may come after the network has used up its cap for unproven posts.
        assert all(place < unproven_cap for place, lane in enumerate(lanes) if lane == "unproven")


def test_a_new_hour_and_a_new_day_begin_at_zero(limits_table: Table) -> None:
    counts = [
        quotas.count_post(limits_table, [NETWORK], caps=[9], now=moment).counts[0]
        for moment in BORDERS
    ]

    assert counts == [1, 1, 1, 1]


def test_a_total_sums_all_parts_of_its_minute_only(limits_table: Table) -> None:
    for part in keys.PARTS:
        post_counts.add_of_minute(limits_table, 10, part=part, now=NOW)
    post_counts.add_of_minute(limits_table, 10, part="0", now=NOW)
    post_counts.add_of_minute(limits_table, 7, part="0", now=NOW - timedelta(minutes=1))

    minutes = [NOW - timedelta(minutes=back) for back in range(3)]
    assert post_counts.of_minutes(limits_table, minutes) == [50, 7, 0]


def test_a_proof_is_spent_once_and_the_same_claim_may_be_repeated(limits_table: Table) -> None:
    first = quotas.spend_proof(limits_table, "5e" * 16, claim="a", expires_at=NOW)
    # botocore repeats a write whose answer was lost.
    repeated = quotas.spend_proof(limits_table, "5e" * 16, claim="a", expires_at=NOW)
    replayed = quotas.spend_proof(limits_table, "5e" * 16, claim="b", expires_at=NOW)

    assert (first, repeated, replayed) == (True, True, False)


def test_every_count_expires(limits_table: Table) -> None:
    quotas.count_post(limits_table, [OTHER], caps=[9], slow_caps=[9], now=NOW)
    post_counts.add_of_minute(limits_table, 10, part="3", now=NOW)
    quotas.spend_proof(limits_table, "ab" * 16, claim="a", expires_at=NOW + timedelta(minutes=30))

    items = [
        limits_table.find(key)
        for key in (
            keys.post_limit(NOW, OTHER),
            keys.post_total(NOW, "3"),
            keys.spent_proof("ab" * 16),
        )
    ]
    lives = [item["expires_at"] - NOW.timestamp() for item in items if item]
    assert lives == [7_200, 3_600, 1_800]


def test_unflushed_posts_are_taken_once_and_only_in_their_minute() -> None:
    unflushed = post_counts.UnflushedPostCounts()
    next_minute = NOW + timedelta(minutes=1)

    unflushed.add(NOW, 2)
    too_few = unflushed.take(NOW, at_least=3)
    unflushed.add(NOW)
    taken = [unflushed.take(NOW, at_least=3), unflushed.take(NOW, at_least=1)]
    unflushed.add(next_minute)
    unflushed.add(NOW, 5)
    late = [unflushed.take(NOW, at_least=1), unflushed.take(next_minute, at_least=1)]

    assert (too_few, taken, late) == (0, [3, 0], [0, 1])
