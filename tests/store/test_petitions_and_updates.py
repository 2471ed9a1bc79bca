"""Petitions, their versions, updates and the schedule."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from markupsafe import Markup

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.petitions.petition import FormerKey, VerificationKeys
from chalicelib.domain.petitions.update import Update
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.petitions import petition_items, petitions, updates
from tests import builders
from tests.builders import NOW


def _save(petitions_table: Table, update: Update) -> None:
    updates.change(petitions_table, update.slug, update.name, lambda _: update)


def test_a_saved_petition_comes_back_unchanged(petitions_table: Table) -> None:
    petition = builders.petition()

    petitions.save(petitions_table, petition)

    assert petitions.get(petitions_table, petition.slug) == petition
    assert petitions.get(petitions_table, petition.slug).languages == ("en", "be", "ru")
    assert petitions.list_all(petitions_table) == [petition]


def test_a_petition_with_a_picture_comes_back_unchanged(petitions_table: Table) -> None:
    petition = builders.petition(picture=builders.PICTURE)

    petitions.save(petitions_table, petition)

    assert petitions.get(petitions_table, petition.slug) == petition


def test_a_missing_petition_is_not_found(petitions_table: Table) -> None:
    with pytest.raises(NotFound):
        petitions.get(petitions_table, "open-door")


def test_petitions_are_listed_by_slug(petitions_table: Table) -> None:
    for slug in ("window", "door", "house"):
        petitions.save(petitions_table, builders.petition(slug=slug))

    assert [petition.slug for petition in petitions.list_all(petitions_table)] == [
        "door",
        "house",
        "window",
    ]


def test_an_old_version_stays_unchanged(petitions_table: Table) -> None:
    old = builders.petition()
    petitions.save(petitions_table, old)

    petitions.save(petitions_table, replace(old, version=2, goals=(500,)))

    assert petitions.get(petitions_table, old.slug).goals == (500,)
    version = petitions_table.find(keys.petition_version(old.slug, 1))
    assert version
    assert petition_items.from_item(version) == old


def test_of_two_concurrent_publications_the_second_fails(petitions_table: Table) -> None:
    petitions.save(petitions_table, builders.petition())
    mine, yours = builders.petition(version=2, goals=(5,)), builders.petition(version=2, goals=(9,))

    petitions.save(petitions_table, mine)
    with pytest.raises(ConditionFailed):
        petitions.save(petitions_table, yours)

    assert petitions.get(petitions_table, mine.slug) == mine


def test_keys_and_their_days_come_back_unchanged(petitions_table: Table) -> None:
    petition = builders.petition(
        key_since=date(2026, 3, 8),
        former_keys=(
            FormerKey(fingerprint="1a2b", since=date(2026, 1, 1), until=date(2026, 3, 8)),
        ),
        verification=VerificationKeys(attestation=(b"a" * 32, b"b" * 32), export=(b"c" * 32,)),
    )

    petitions.save(petitions_table, petition)

    assert petitions.get(petitions_table, petition.slug) == petition


def test_the_largest_petition_that_is_ready_can_be_amended(petitions_table: Table) -> None:
    room = petitions.MAX_BYTES - petitions.stored_bytes(builders.petition())
    text = builders.petition_text()
    longest = replace(text, background_html=text.background_html + Markup("b") * room)
    petition = builders.petition(texts={**builders.petition().texts, "en": longest})
    amended = replace(petition, version=2, amendments=(builders.amendment(),))
    petitions.save(petitions_table, petition)

    petitions.save(petitions_table, amended)

    assert petitions.stored_bytes(petition) == petitions.MAX_BYTES
    assert petitions.get(petitions_table, petition.slug) == amended


def test_a_key_file_is_stored_with_its_version_or_not_at_all(petitions_table: Table) -> None:
    assert petitions.find_key_file(petitions_table, "open-door") is None
    petitions.save(petitions_table, builders.petition(), key_file="mine")

    with pytest.raises(ConditionFailed):
        petitions.save(petitions_table, builders.petition(), key_file="yours")

    assert petitions.find_key_file(petitions_table, "open-door") == "mine"
    petitions.save_key_file(petitions_table, "open-door", "mine, shared")
    assert petitions.find_key_file(petitions_table, "open-door") == "mine, shared"


def test_an_older_version_cannot_replace_a_newer_one(petitions_table: Table) -> None:
    petitions.save(petitions_table, builders.petition(version=3))

    with pytest.raises(ConditionFailed):
        petitions.save(petitions_table, builders.petition(version=2))

    assert petitions.get(petitions_table, "open-door").version == 3
    assert petitions_table.find(keys.petition_version("open-door", 2)) is None


@pytest.mark.parametrize("moment", [None, NOW])
def test_a_saved_update_comes_back_unchanged(petitions_table: Table, moment: object) -> None:
    update = builders.update(send_at=moment, changed_at=moment)

    _save(petitions_table, update)

    assert updates.get(petitions_table, update.slug, update.name) == update
    assert updates.list_of(petitions_table, update.slug) == [update]


def test_a_missing_update_is_not_found(petitions_table: Table) -> None:
    with pytest.raises(NotFound):
        updates.get(petitions_table, "open-door", "first-news")


def test_updates_are_listed_newest_first(petitions_table: Table) -> None:
    for name, day in (("a", 2), ("b", 3), ("c", 1), ("d", 3)):
        _save(petitions_table, builders.update(name=name, published_on=date(2026, 3, day)))

    assert [update.name for update in updates.list_of(petitions_table, "open-door")] == [
        "d",
        "b",
        "a",
        "c",
    ]


def _due(petitions_table: Table, minutes: float) -> list[str]:
    due = updates.due_by(petitions_table, NOW + timedelta(minutes=minutes))
    return [each.update_id for each in due]


def test_an_update_is_due_at_its_second_and_not_before(petitions_table: Table) -> None:
    _save(petitions_table, builders.update(send_at=NOW))

    assert _due(petitions_table, -1 / 60) == []
    assert _due(petitions_table, 0) == ["open-door/first-news"]
    assert _due(petitions_table, 10_000) == ["open-door/first-news"]


def test_a_postponed_update_is_due_once_at_its_new_time(petitions_table: Table) -> None:
    _save(petitions_table, builders.update(send_at=NOW))

    _save(petitions_table, builders.update(send_at=NOW + timedelta(minutes=30)))

    assert _due(petitions_table, 29) == []
    assert _due(petitions_table, 30) == ["open-door/first-news"]


def test_an_update_without_a_time_is_never_due(petitions_table: Table) -> None:
    _save(petitions_table, builders.update(send_at=NOW))

    _save(petitions_table, builders.update(send_at=None))

    assert _due(petitions_table, 10_000) == []


def test_an_amended_update_is_due_once(petitions_table: Table) -> None:
    _save(petitions_table, builders.update(send_at=NOW))

    _save(petitions_table, builders.update(send_at=NOW, published_on=date(2026, 3, 2)))

    assert _due(petitions_table, 0) == ["open-door/first-news"]


def test_a_change_meanwhile_is_changed_and_not_overwritten(petitions_table: Table) -> None:
    _save(petitions_table, builders.update())
    others = iter([builders.update(published_on=date(2026, 3, 2))])

    def postponed(current: Update | None) -> Update:
        assert current
        for other in others:
            _save(petitions_table, other)
        return replace(current, send_at=NOW)

    stored = updates.change(petitions_table, "open-door", "first-news", postponed)

    assert (stored.published_on, stored.send_at) == (date(2026, 3, 2), NOW)
    assert updates.get(petitions_table, "open-door", "first-news") == stored


def test_an_update_that_others_keep_changing_is_refused(petitions_table: Table) -> None:
    _save(petitions_table, builders.update())

    def too_late(current: Update | None) -> Update:
        _save(petitions_table, builders.update())
        assert current
        return current

    with pytest.raises(Unavailable):
        updates.change(petitions_table, "open-door", "first-news", too_late)


def test_an_entry_deleted_from_the_schedule_is_no_longer_due(petitions_table: Table) -> None:
    _save(petitions_table, builders.update(send_at=NOW))
    _save(petitions_table, builders.update(name="second", send_at=NOW - timedelta(hours=1)))

    first, _ = updates.due_by(petitions_table, NOW)
    updates.delete_scheduled(petitions_table, first.entry)

    assert first.update_id == "open-door/second"
    assert _due(petitions_table, 0) == ["open-door/first-news"]
