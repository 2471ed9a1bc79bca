"""Trails in the table: lines are chained, whoever writes at once and whatever gets lost."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers import trail as rules
from chalicelib.domain.organisers.actor import OPERATOR, Actor
from chalicelib.domain.organisers.trail import Act, TrailEntry
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.keys import Key
from chalicelib.store.organisers import trail
from tests import faults
from tests.builders import NOW
from tests.faults import AwsCalls

HANNA = Actor(id="a1", name="Hanna")


def add(table: Table, detail: str = "", minutes: int = 0) -> TrailEntry:
    now = NOW + timedelta(minutes=minutes)
    return trail.append(table, "open-door", actor=HANNA, act=Act.INVITE, detail=detail, now=now)


def test_lines_are_numbered_and_chained(organisers_table: Table) -> None:
    written = [add(organisers_table, str(n), n) for n in range(3)]

    stored = list(trail.all_of(organisers_table, "open-door"))

    assert stored == written
    assert [entry.number for entry in stored] == [1, 2, 3]
    assert rules.find_break(stored) is None


def test_each_petition_has_a_trail_of_its_own(organisers_table: Table) -> None:
    add(organisers_table)

    other = trail.append(organisers_table, "other", actor=OPERATOR, act=Act.REMOVE, now=NOW)

    assert other.number == 1
    assert len(list(trail.all_of(organisers_table, "open-door"))) == 1


def test_pages_go_from_the_newest_line_to_the_first(organisers_table: Table) -> None:
    for number in range(5):
        add(organisers_table, str(number))

    newest, before = trail.page_of(organisers_table, "open-door", limit=3)
    oldest, end = trail.page_of(organisers_table, "open-door", before=before, limit=3)

    assert [entry.number for entry in newest] == [5, 4, 3]
    assert [entry.number for entry in oldest] == [2, 1]
    assert end is None


def test_a_detail_has_a_longest_length(organisers_table: Table) -> None:
    entry = add(organisers_table, "x" * 1000)

    assert len(entry.detail) == rules.MAX_DETAIL_CHARACTERS


def test_a_repeated_call_adds_no_second_line(
    organisers_table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_once = Table.add

    def add_twice(table: Table, key: Key, item: Mapping[str, Any]) -> None:
        add_once(table, key, item)
        add_once(table, key, item)  # as botocore does when the first answer is lost

    with monkeypatch.context() as patch:
        patch.setattr(Table, "add", add_twice)
        add(organisers_table)

    assert len(list(trail.all_of(organisers_table, "open-door"))) == 1


def test_lines_added_at_once_are_one_chain(organisers_table: Table) -> None:
    find_last = trail.find_last
    met: list[TrailEntry | None] = []

    def find_last_as_another_writes(table: Table, slug: str) -> TrailEntry | None:
        last = find_last(table, slug)
        if len(met) < 3:
            met.append(last)
            with pytest.MonkeyPatch.context() as undisturbed:
                undisturbed.setattr(trail, "find_last", find_last)
                add(table, "another")
        return last

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trail, "find_last", find_last_as_another_writes)
        add(organisers_table, "ours")

    stored = list(trail.all_of(organisers_table, "open-door"))
    assert [entry.detail for entry in stored] == ["another", "another", "another", "ours"]
    assert rules.find_break(stored) is None


def test_a_table_that_takes_nothing_is_unavailable(organisers_table: Table) -> None:
    calls = AwsCalls(at="dynamodb.PutItem")

    with faults.recorded(calls), pytest.raises(Unavailable):
        add(organisers_table)
