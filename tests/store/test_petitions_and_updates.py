"""Petitions and updates: what is kept is what was published."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.store import keys, petitions, updates
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table
from tests import builders
from tests.builders import NOW


def test_a_petition_comes_back_as_it_was_saved(desk: Table) -> None:
    petition = builders.petition()

    petitions.save(desk, petition)

    assert petitions.get(desk, petition.slug) == petition
    assert petitions.get(desk, petition.slug).languages == ("en", "be", "ru")
    assert petitions.list_all(desk) == [petition]


def test_a_petition_that_is_not_there_is_not_found(desk: Table) -> None:
    with pytest.raises(NotFound):
        petitions.get(desk, "open-door")


def test_petitions_are_listed_by_slug(desk: Table) -> None:
    for slug in ("window", "door", "house"):
        petitions.save(desk, builders.petition(slug=slug))

    assert [petition.slug for petition in petitions.list_all(desk)] == ["door", "house", "window"]


def test_an_old_version_is_kept_as_it_was(desk: Table) -> None:
    old = builders.petition()
    petitions.save(desk, old)

    petitions.save(desk, replace(old, version=2, goals=(500,)))

    assert petitions.get(desk, old.slug).goals == (500,)
    kept = desk.find(keys.petition_version(old.slug, 1))
    assert kept
    assert petitions.from_item(kept) == old


def test_of_two_who_publish_at_once_the_second_learns_of_it(desk: Table) -> None:
    petitions.save(desk, builders.petition())
    mine, yours = builders.petition(version=2, goals=(5,)), builders.petition(version=2, goals=(9,))

    petitions.save(desk, mine)
    with pytest.raises(ConditionFailed):
        petitions.save(desk, yours)

    assert petitions.get(desk, mine.slug) == mine


def test_an_older_version_cannot_replace_a_newer_one(desk: Table) -> None:
    petitions.save(desk, builders.petition(version=3))

    with pytest.raises(ConditionFailed):
        petitions.save(desk, builders.petition(version=2))

    assert petitions.get(desk, "open-door").version == 3
    assert desk.find(keys.petition_version("open-door", 2)) is None


@pytest.mark.parametrize("send_at", [None, NOW])
def test_an_update_comes_back_as_it_was_saved(desk: Table, send_at: object) -> None:
    update = builders.update(send_at=send_at)

    updates.save(desk, update)

    assert updates.get(desk, update.slug, update.name) == update
    assert updates.list_of(desk, update.slug) == [update]


def test_an_update_that_is_not_there_is_not_found(desk: Table) -> None:
    with pytest.raises(NotFound):
        updates.get(desk, "open-door", "first-news")


def test_updates_are_listed_newest_first(desk: Table) -> None:
    for name, day in (("a", 2), ("b", 3), ("c", 1), ("d", 3)):
        updates.save(desk, builders.update(name=name, published_on=date(2026, 3, day)))

    assert [update.name for update in updates.list_of(desk, "open-door")] == ["d", "b", "a", "c"]


def _due(desk: Table, minutes: float) -> list[str]:
    due = updates.due_by(desk, NOW + timedelta(minutes=minutes))
    return [update_id for _, update_id in due]


def test_an_update_falls_due_at_its_second_and_not_before(desk: Table) -> None:
    updates.save(desk, builders.update(send_at=NOW))

    assert _due(desk, -1 / 60) == []
    assert _due(desk, 0) == ["open-door/first-news"]
    assert _due(desk, 10_000) == ["open-door/first-news"]


def test_an_update_that_is_put_off_falls_due_once_at_its_new_time(desk: Table) -> None:
    updates.save(desk, builders.update(send_at=NOW))

    updates.save(desk, builders.update(send_at=NOW + timedelta(minutes=30)))

    assert _due(desk, 29) == []
    assert _due(desk, 30) == ["open-door/first-news"]


def test_an_update_that_is_taken_back_never_falls_due(desk: Table) -> None:
    updates.save(desk, builders.update(send_at=NOW))

    updates.save(desk, builders.update(send_at=None))

    assert _due(desk, 10_000) == []


def test_an_amended_update_falls_due_once(desk: Table) -> None:
    updates.save(desk, builders.update(send_at=NOW))

    updates.save(desk, builders.update(send_at=NOW, published_on=date(2026, 3, 2)))

    assert _due(desk, 0) == ["open-door/first-news"]


def test_what_is_taken_off_the_schedule_is_due_no_more(desk: Table) -> None:
    updates.save(desk, builders.update(send_at=NOW))
    updates.save(desk, builders.update(name="second", send_at=NOW - timedelta(hours=1)))

    [(entry, first), _] = updates.due_by(desk, NOW)
    updates.delete_scheduled(desk, entry)

    assert first == "open-door/second"
    assert _due(desk, 0) == ["open-door/first-news"]
