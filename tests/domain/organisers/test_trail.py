"""A trail says where somebody has changed it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.organisers import trail
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.trail import NO_LINE, Act, TrailEntry

AT = datetime(2026, 3, 8, 12, 0, 0, 123000, tzinfo=UTC)


def line(number: int, previous: str = NO_LINE, **changes: Any) -> TrailEntry:
    entry = TrailEntry(
        slug="open-door",
        number=number,
        id=f"{number:016x}",
        at=AT + timedelta(minutes=number),
        actor=Actor(id="a1", name="Ганна"),
        act=Act.INVITE,
        detail="as viewer",
        refused=False,
        previous=previous,
    )
    entry = replace(entry, **changes)
    return replace(entry, hash=trail.chained(entry))


def lines(count: int) -> Sequence[TrailEntry]:
    made: list[TrailEntry] = []
    for number in range(1, count + 1):
        made.append(line(number, made[-1].hash if made else NO_LINE))
    return made


def test_a_trail_as_it_was_written_has_no_break() -> None:
    assert trail.find_break([]) is None
    assert trail.find_break(lines(5)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"detail": "as steward"},
        {"at": AT},
        {"actor": Actor(id="a1", name="Maria")},
        {"actor": Actor(id="a2", name="Ганна")},
        {"act": Act.REMOVE},
        {"refused": True},
        {"id": "0" * 16},
        {"slug": "other"},
    ],
)
def test_a_changed_line_is_named(change: dict[str, Any]) -> None:
    stored = list(lines(4))
    stored[2] = replace(stored[2], **change)

    found = trail.find_break(stored)

    assert found
    assert (found.number, found.reason) == (3, "the line was changed")


def test_a_changed_line_with_a_new_hash_breaks_the_next_one() -> None:
    stored = list(lines(4))
    stored[1] = line(2, stored[0].hash, detail="as steward")

    found = trail.find_break(stored)

    assert found
    assert found.number == 3


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_missing_line_is_named(place: int) -> None:
    stored = list(lines(4))
    del stored[place]

    found = trail.find_break(stored)

    assert found
    assert found.number == place + 1


def test_two_lines_in_another_order_are_named() -> None:
    stored = list(lines(4))
    stored[1], stored[2] = stored[2], stored[1]

    found = trail.find_break(stored)

    assert found
    assert found.number == 2


def test_lines_cut_off_are_seen_by_an_earlier_copy_alone() -> None:
    stored = lines(4)

    assert trail.find_break(stored[:2]) is None
    found = trail.find_difference(stored, stored[:2])
    assert found
    assert found.number == 3


def test_a_trail_that_was_written_anew_differs_from_an_earlier_copy() -> None:
    anew = [line(1, detail="other"), *lines(3)[1:]]

    found = trail.find_difference(lines(3), anew)

    assert found
    assert found.number == 1


def test_an_earlier_copy_of_a_longer_trail_agrees() -> None:
    assert trail.find_difference(lines(2), lines(4)) is None


def test_a_line_survives_its_export() -> None:
    [entry] = lines(1)

    read = trail.from_values(trail.to_values(entry))

    assert read == entry
    assert trail.chained(replace(read, hash="")) == entry.hash


@pytest.mark.parametrize("values", [{}, {"at": 1}, {"at": "x"}, {"at": "2026-01-01", "actor": {}}])
def test_anything_else_is_no_line(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        trail.from_values(values)
