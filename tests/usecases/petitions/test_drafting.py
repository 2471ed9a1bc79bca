"""Nothing that organisers type into a draft is lost, however often and by whomever it is saved."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import InvalidForm, NotFound, Unavailable
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.petitions.draft import Draft
from chalicelib.domain.petitions.source import (
    PetitionSource,
    TextSource,
    UpdateSource,
    values_of,
    with_values,
)
from chalicelib.domain.petitions.three_way_merge import MergeChoice
from chalicelib.store.organisers import drafts
from chalicelib.usecases.petitions import drafting, editing
from chalicelib.usecases.petitions.drafting import Decided, EditedMeanwhile
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

SLUG = "open-door"
HANNA, IVAN = Actor(id="hanna", name="Hanna"), Actor(id="ivan", name="Ivan")
TITLE, LEAD, BODY = "texts.en.title", "texts.en.lead", "texts.en.body"
FIRST: dict[str, Any] = {"languages": ["en"], TITLE: "Open the door", LEAD: "It is shut."}


def save(world: World, base: int, by: Actor = HANNA, **decided: Any) -> Draft:
    values = decided.pop("values", FIRST)
    return drafting.save(world.services, SLUG, base=base, values=values, by=by, **decided)


def now(world: World) -> dict[str, Any]:
    return values_of(drafting.get_draft(world.services, SLUG).source)


def test_every_save_is_a_version_that_says_who_and_what(world: World) -> None:
    save(world, 0)
    world.clock.advance(days=1)
    saved = save(world, 1, IVAN, values={TITLE: "Open both", "opens_on": date(2026, 1, 1)})

    newest, oldest = drafting.list_versions(world.services, SLUG)
    assert (newest, oldest.number) == (saved.version, 1)
    assert (newest.number, newest.saved_by, newest.changed) == (2, IVAN, (TITLE, "opens_on"))
    assert drafting.get_version(world.services, SLUG, 1).source.settings == {"languages": ["en"]}
    (title, day) = sorted(
        drafting.changes_of(world.services, SLUG, 2), key=lambda change: change.before, reverse=True
    )
    assert (title.before, title.after) == ("Open the door", "Open both")
    assert (day.before, day.after) == ("", "2026-01-01")


def test_what_is_wrong_or_half_done_is_kept_as_it_was_typed(world: World) -> None:
    wrong = {"closes_on": "soon", "goals": ["many"], BODY: "##1 no", TITLE: "\u202eevil<script>"}

    save(world, 0, values=wrong)

    assert now(world) == wrong


def test_a_save_that_changes_nothing_makes_no_version(world: World) -> None:
    first = save(world, 0)

    assert save(world, 1) == first
    assert len(drafting.list_versions(world.services, SLUG)) == 1


def test_two_people_who_change_different_things_both_win(world: World) -> None:
    save(world, 0)
    save(world, 1, values={TITLE: "Open both doors", LEAD: "It is shut."})

    save(world, 1, IVAN, values={TITLE: "Open the door", LEAD: "It has been shut for long."})

    assert now(world)[TITLE] == "Open both doors"
    assert now(world)[LEAD] == "It has been shut for long."


def test_two_people_who_change_the_same_thing_are_shown_both(world: World) -> None:
    save(world, 0)
    save(world, 1, values={TITLE: "Open both doors"})

    with pytest.raises(EditedMeanwhile) as meanwhile:
        save(world, 1, IVAN, values={TITLE: "Open no door", LEAD: "Long."})

    (conflict,) = meanwhile.value.conflicts
    assert (conflict.path, conflict.theirs, conflict.mine) == (
        TITLE,
        "Open both doors",
        "Open no door",
    )
    assert now(world)[TITLE] == "Open both doors"


def test_changes_of_different_lines_of_one_text_both_stay(world: World) -> None:
    save(world, 0, values={BODY: "Open it.\n\nIt is shut.\n\nThank you."})
    save(world, 1, values={BODY: "Open it now.\n\nIt is shut.\n\nThank you."})

    save(world, 1, IVAN, values={BODY: "Open it.\n\nIt is shut.\n\nThank you all.\nBye."})

    assert now(world)[BODY] == "Open it now.\n\nIt is shut.\n\nThank you all.\nBye."


@pytest.mark.parametrize("mine", ["Open both.\n\nIt is shut.", "Shut it.\n\nIt is shut.", ""])
def test_changes_of_the_same_line_ask(world: World, mine: str) -> None:
    save(world, 0, values={BODY: "Open it.\n\nIt is shut."})
    save(world, 1, values={BODY: "Open it now.\n\nIt is shut."})

    with pytest.raises(EditedMeanwhile):
        save(world, 1, IVAN, values={BODY: mine or None})


@pytest.mark.parametrize(
    ("choice", "title"),
    [(MergeChoice.MINE, "Open no door"), (MergeChoice.THEIRS, "Open both doors")],
)
def test_who_is_shown_both_chooses_and_keeps_the_rest(
    world: World, choice: MergeChoice, title: str
) -> None:
    save(world, 0)
    save(world, 1, values={TITLE: "Open both doors"})
    decided = Decided(seen=2, choices={(TITLE, 0): choice})

    save(world, 1, IVAN, values={TITLE: "Open no door", LEAD: "Long."}, decided=decided)

    assert (now(world)[TITLE], now(world)[LEAD]) == (title, "Long.")


def test_a_choice_is_asked_again_if_a_third_save_came_between(world: World) -> None:
    save(world, 0)
    save(world, 1, values={TITLE: "Open both doors"})
    save(world, 2, values={TITLE: "Open three doors"})
    decided = Decided(seen=2, choices={(TITLE, 0): MergeChoice.MINE})

    with pytest.raises(EditedMeanwhile):
        save(world, 1, IVAN, values={TITLE: "Open no door"}, decided=decided)

    assert now(world)[TITLE] == "Open three doors"


def test_a_choice_stands_if_a_third_save_changed_other_lines(world: World) -> None:
    save(world, 0, values={BODY: "Open it.\n\nIt is shut.\n\nThank you."})
    save(world, 1, values={BODY: "Open it now.\n\nIt is shut.\n\nThank you."})
    save(world, 2, values={BODY: "Open it now.\n\nIt is shut.\n\nThank you all."})
    decided = Decided(seen=2, choices={(BODY, 0): MergeChoice.MINE})
    typed = {BODY: "Open both.\n\nIt is shut.\n\nThank you."}

    save(world, 1, IVAN, values=typed, decided=decided)
    again = save(world, 1, IVAN, values=typed, decided=decided)

    assert now(world)[BODY] == "Open both.\n\nIt is shut.\n\nThank you all."
    assert again.version.number == 4


def test_two_saves_at_the_same_moment_both_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(world, 0)
    add = drafts.add
    raced: list[bool] = []

    def raced_add(*arguments: Any, **options: Any) -> None:
        if not raced:
            raced.append(True)
            save(world, 1, IVAN, values={LEAD: "Ivan was faster."})
        add(*arguments, **options)

    monkeypatch.setattr(drafts, "add", raced_add)

    save(world, 1, values={TITLE: "Open both doors"})

    assert (now(world)[TITLE], now(world)[LEAD]) == ("Open both doors", "Ivan was faster.")


def test_an_older_version_comes_back_as_a_new_one(world: World) -> None:
    save(world, 0)
    drafting.save_picture(world.services, SLUG, builders.DRAWING, by=HANNA)
    save(world, 2, values={TITLE: "Wrong"})
    drafting.save_picture(world.services, SLUG, b"", by=HANNA)

    restored = drafting.restore(world.services, SLUG, 2, by=IVAN)

    assert (restored.version.number, restored.version.saved_by) == (5, IVAN)
    assert "Version 2" in restored.version.note
    assert restored.source == drafting.get_version(world.services, SLUG, 2).source
    assert b"<path" in drafting.get_picture(world.services, restored)
    with pytest.raises(NotFound):
        drafting.restore(world.services, SLUG, 99, by=IVAN)


def test_a_language_without_a_word_is_no_text(world: World) -> None:
    save(world, 0)

    save(world, 1, values={TITLE: None, LEAD: None})

    assert drafting.get_draft(world.services, SLUG).source.texts == {}


@pytest.mark.parametrize("fault", Fault)
def test_a_save_that_fails_stores_all_or_nothing_and_can_be_repeated(
    world: World, fault: Fault
) -> None:
    save(world, 0)
    failing = AwsCalls(at="dynamodb.TransactWriteItems", fault=fault)

    with recorded(failing), pytest.raises((Crash, Unavailable)):
        save(world, 1, values={TITLE: "Open both doors"})
    again = save(world, 1, values={TITLE: "Open both doors"})

    assert again.version.number == 2
    assert now(world)[TITLE] == "Open both doors"


def test_what_no_item_can_hold_is_refused_by_its_field(world: World) -> None:
    with pytest.raises(InvalidForm) as refused:
        save(world, 0, values={BODY: "я" * 200_000})

    assert list(refused.value.errors) == [BODY]


def test_a_text_that_no_file_could_hold_is_not_rendered() -> None:
    texts = {"en": TextSource(lines={}, body="# " * 60_000)}
    source = UpdateSource(slug=SLUG, name="news", settings={}, texts=texts)
    errors: list[Any] = []

    editing.parse_update(source, errors, languages=["en"])

    assert any("larger than" in error.what for error in errors)


WORDS = st.text(max_size=20)
PATHS = st.sampled_from(
    ["opens_on", "languages", "organiser", "organiser.name", TITLE, BODY, "texts.be.body", "texts"]
)


@given(st.dictionaries(PATHS, WORDS), st.dictionaries(PATHS, WORDS | st.none()))
def test_values_are_read_as_they_were_written(
    before: dict[str, str], changes: dict[str, str | None]
) -> None:
    if "organiser" in {*before, *changes}:
        for values in (before, changes):
            values.pop("organiser.name", None)
    empty = PetitionSource(slug=SLUG, settings={}, texts={})
    source = with_values(with_values(empty, before), changes)

    expected = {path: words for path, words in {**before, **changes}.items() if words is not None}
    kept = {
        path: words
        for path, words in values_of(source).items()
        # A text without a body has an empty one.
        if words or path in expected
    }
    assert kept == {path: words for path, words in expected.items() if path in kept}
    assert {path for path, words in expected.items() if words} <= kept.keys()
