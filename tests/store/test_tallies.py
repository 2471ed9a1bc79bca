"""The tally counts each change of a shard once, and its fences expire with the stream's records."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.integrity.tally import FENCE_LIFETIME, Fence, Tally
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.integrity import counters, tallies
from tests.builders import NOW
from tests.faults import AwsCalls, recorded

SHARD = "shardId-1"
OLD_SHARD = "shardId-0"


def fence(sequence: str, *, counted_at: datetime = NOW) -> Fence:
    return Fence(sequence=sequence, counted_at=counted_at)


def _counted(
    table: Table,
    difference: int,
    *,
    moved: Fence,
    seen: Mapping[str, Fence] | None = None,
    shard: str = SHARD,
) -> bool:
    return tallies.add(
        table,
        "open-door",
        differences={"PL": difference},
        shard=shard,
        moved=moved,
        seen=seen or {},
    )


def test_changes_are_counted_once_by_their_fence(petitions_table: Table) -> None:
    first, second = fence("005"), fence("009")
    counted = [
        _counted(petitions_table, 3, moved=first),
        _counted(petitions_table, 3, moved=first),
        _counted(petitions_table, -1, moved=second, seen={SHARD: first}),
        _counted(petitions_table, -1, moved=second, seen={SHARD: first}),
    ]

    assert counted == [True, False, True, False]
    assert tallies.get(petitions_table, "open-door") == Tally(
        slug="open-door", count=2, countries={"PL": 2}
    )
    assert tallies.fences(petitions_table, "open-door") == {SHARD: second}


def test_a_second_repair_needs_the_tally_after_the_first(petitions_table: Table) -> None:
    first = tallies.get(petitions_table, "open-door")
    tallies.repair(petitions_table, first, count=2, countries={"PL": 2})
    second = tallies.get(petitions_table, "open-door")

    repaired = [
        tallies.repair(petitions_table, second, count=-1, countries={"PL": -2}) for _ in range(2)
    ]

    assert repaired == [True, False]
    assert not tallies.repair(petitions_table, first, count=2, countries={"PL": 2})
    # A country without signatures has no figure.
    assert tallies.get(petitions_table, "open-door") == Tally(slug="open-door", count=1, repairs=2)


def test_a_repair_is_done_once_and_keeps_the_additions_of_the_stream(
    petitions_table: Table,
) -> None:
    seen = tallies.get(petitions_table, "open-door")
    _counted(petitions_table, 1, moved=fence("005"))

    repaired = [
        tallies.repair(petitions_table, seen, count=4, countries={"PL": 3, "": 1}) for _ in range(2)
    ]

    assert repaired == [True, False]
    assert tallies.get(petitions_table, "open-door") == Tally(
        slug="open-door", count=5, countries={"PL": 4, "": 1}, repairs=1
    )


def test_many_countries_are_added_in_one_write(petitions_table: Table) -> None:
    many = dict.fromkeys(["", *sorted(COUNTRIES)[:40]], 1)

    with recorded(AwsCalls()) as calls:
        tallies.add(
            petitions_table,
            "open-door",
            differences=many,
            shard=SHARD,
            moved=fence("005"),
            seen={},
        )

    assert calls.made == ["dynamodb.UpdateItem"]
    assert tallies.get(petitions_table, "open-door").countries == many


def test_an_expression_with_all_countries_is_within_the_limit() -> None:
    additions = tallies._additions(1, dict.fromkeys(["", *COUNTRIES], 1))
    clause, _, _ = counters.additions_clause(additions)

    assert len(f"SET repairs = :repaired{clause}") <= 4096


def test_an_expired_fence_is_deleted_by_the_next_count(petitions_table: Table) -> None:
    old = fence("005")
    _counted(petitions_table, 1, moved=old, shard=OLD_SHARD)

    for age in (FENCE_LIFETIME, FENCE_LIFETIME + timedelta(seconds=1)):
        seen = tallies.fences(petitions_table, "open-door")
        moved = fence("009", counted_at=NOW + age)
        assert _counted(petitions_table, 1, moved=moved, seen=seen)
        kept = {OLD_SHARD: old} if age == FENCE_LIFETIME else {}
        assert tallies.fences(petitions_table, "open-door") == {**kept, SHARD: moved}

    assert tallies.get(petitions_table, "open-door").count == 3


def test_an_expired_fence_that_has_moved_since_is_not_deleted(petitions_table: Table) -> None:
    _counted(petitions_table, 1, moved=fence("005"), shard=OLD_SHARD)
    seen = tallies.fences(petitions_table, "open-door")
    later = NOW + timedelta(days=2)
    moved = fence("007", counted_at=later)
    assert _counted(petitions_table, 1, moved=moved, seen=seen, shard=OLD_SHARD)

    counted = _counted(petitions_table, 1, moved=fence("009", counted_at=later), seen=seen)

    assert not counted
    assert tallies.fences(petitions_table, "open-door") == {OLD_SHARD: moved}
    assert tallies.get(petitions_table, "open-door").count == 2
