"""Posts: what a network and everybody may send, whatever the order in which forms come."""

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


def test_a_network_may_post_up_to_its_cap_each_hour(petitions_table: Table) -> None:
    shares = [quotas.count_post(petitions_table, NETWORK, cap=2, now=NOW) for _ in range(4)]
    another = quotas.count_post(petitions_table, OTHER, cap=2, now=NOW)
    later = quotas.count_post(petitions_table, NETWORK, cap=2, now=NOW + timedelta(hours=1))

    assert [share.counted for share in shares] == [True, True, False, False]
    assert [share.count for share in shares] == [1, 2, 2, 2]
    assert another.counted
    assert later.count == 1


@pytest.fixture(scope="module")
def hours() -> list[int]:
    """How many hours the examples of this run have used up: each begins in a new one."""
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
def test_no_order_of_forms_lets_more_in_than_the_caps(
    petitions_table: Table,
    hours: list[int],
    cap: int,
    slow_cap: int,
    unproven_cap: int,
    forms: list[tuple[str, int]],
) -> None:
    let_in: dict[int, list[str]] = {0: [], 1: [], 2: []}
    start = NOW + timedelta(hours=hours[0])
    hours[0] += 3
    for lane, hour in forms:
        now = start + timedelta(hours=hour)
        if lane == "slow":
            share = quotas.count_slow_post(
                petitions_table, NETWORK, cap=cap, slow_cap=slow_cap, now=now
            )
        else:
            own = min(cap, unproven_cap) if lane == "unproven" else cap
            share = quotas.count_post(petitions_table, NETWORK, cap=own, now=now)
        if share.counted:
            let_in[hour].append(lane)
        assert share.count == len(let_in[hour])

    for lanes in let_in.values():
        assert len(lanes) <= cap
        assert lanes.count("slow") <= slow_cap
        # Others may have come before them, but none after the network had its unproven share.
        assert all(place < unproven_cap for place, lane in enumerate(lanes) if lane == "unproven")


def test_a_new_hour_and_a_new_day_begin_anew(petitions_table: Table) -> None:
    counts = [
        quotas.count_post(petitions_table, NETWORK, cap=9, now=moment).count for moment in BORDERS
    ]

    assert counts == [1, 1, 1, 1]


def test_posts_of_all_parts_and_of_no_other_minute_are_summed(petitions_table: Table) -> None:
    for part in keys.PARTS:
        post_counts.add_of_minute(petitions_table, 10, part=part, now=NOW)
    post_counts.add_of_minute(petitions_table, 10, part="0", now=NOW)
    post_counts.add_of_minute(petitions_table, 7, part="0", now=NOW - timedelta(minutes=1))

    minutes = [NOW - timedelta(minutes=back) for back in range(3)]
    assert post_counts.of_minutes(petitions_table, minutes) == [50, 7, 0]


def test_a_proof_is_spent_once_and_its_spender_may_ask_again(petitions_table: Table) -> None:
    first = quotas.spend_proof(petitions_table, "5e" * 16, claim="a", expires_at=NOW)
    # The answer to the first try was lost, and botocore tries again.
    repeated = quotas.spend_proof(petitions_table, "5e" * 16, claim="a", expires_at=NOW)
    replayed = quotas.spend_proof(petitions_table, "5e" * 16, claim="b", expires_at=NOW)

    assert (first, repeated, replayed) == (True, True, False)


def test_everything_that_is_counted_is_forgotten(petitions_table: Table) -> None:
    quotas.count_slow_post(petitions_table, OTHER, cap=9, slow_cap=9, now=NOW)
    post_counts.add_of_minute(petitions_table, 10, part="3", now=NOW)
    quotas.spend_proof(
        petitions_table, "ab" * 16, claim="a", expires_at=NOW + timedelta(minutes=30)
    )

    left = [
        petitions_table.find(key)
        for key in (
            keys.post_limit(NOW, OTHER),
            keys.post_total(NOW, "3"),
            keys.spent_proof("ab" * 16),
        )
    ]
    lives = [item["expires_at"] - NOW.timestamp() for item in left if item]
    assert lives == [7_200, 3_600, 1_800]


def test_unwritten_posts_are_taken_once_and_those_of_another_minute_never() -> None:
    unwritten = post_counts.UnflushedPostCounts()
    next_minute = NOW + timedelta(minutes=1)

    unwritten.add(NOW, 2)
    too_few = unwritten.take(NOW, at_least=3)
    unwritten.add(NOW)
    taken = [unwritten.take(NOW, at_least=3), unwritten.take(NOW, at_least=1)]
    unwritten.add(next_minute)
    unwritten.add(NOW, 5)
    late = [unwritten.take(NOW, at_least=1), unwritten.take(next_minute, at_least=1)]

    assert (too_few, taken, late) == (0, [3, 0], [0, 1])
