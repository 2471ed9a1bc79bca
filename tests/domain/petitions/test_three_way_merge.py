"""What two people have written comes together, and nobody's words go without a choice."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.petitions import three_way_merge
from chalicelib.domain.petitions.three_way_merge import Choices, EditConflict, MergeChoice

BODY = "texts.en.body"
LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=6).map("\n".join)


def merge(before: str, theirs: str, mine: str, *choices: MergeChoice) -> Any:
    """The merged text, or the conflicts without a choice."""
    chosen: Choices = {(BODY, place): choice for place, choice in enumerate(choices)}
    changes, conflicts = three_way_merge.merged(
        {BODY: before}, {BODY: theirs}, {BODY: mine}, chosen
    )
    return list(conflicts) or {BODY: theirs, **changes}[BODY]


def test_only_the_lines_that_both_have_changed_are_asked() -> None:
    before, theirs, mine = "1\n2\n3\n4\n5\n6", "1\n2a\n3\n4\n5a\n6", "1\n2b\n3\n4\n5b\n6"

    conflicts = merge(before, theirs, mine)

    assert conflicts == [
        EditConflict(path=BODY, place=0, theirs="2a", mine="2b", above="1"),
        EditConflict(path=BODY, place=1, theirs="5a", mine="5b", above="4"),
    ]


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        (MergeChoice.THEIRS, "1\n2a\n3\n4b"),
        (MergeChoice.MINE, "1\n2b\n3\n4b"),
        (MergeChoice.BOTH, "1\n2a\n\n2b\n3\n4b"),
    ],
)
def test_a_choice_decides_its_place_and_the_rest_of_both_stays(
    choice: MergeChoice, text: str
) -> None:
    assert merge("1\n2\n3\n4", "1\n2a\n3\n4", "1\n2b\n3\n4b", choice) == text


def test_a_place_without_a_choice_is_asked_again() -> None:
    [open_] = merge("1\n2\n3", "1a\n2\n3a", "1b\n2\n3b", MergeChoice.MINE)

    assert open_ == EditConflict(path=BODY, place=1, theirs="3a", mine="3b", above="2")


def test_lines_that_one_deletes_and_another_changes_are_asked() -> None:
    before = "1\n2\n3"

    [conflict] = merge(before, "1\n3", "1\n2b\n3")

    assert (conflict.theirs, conflict.mine, conflict.takes_both) == ("", "2b", False)
    assert merge(before, "1\n3", "1\n2b\n3", MergeChoice.THEIRS) == "1\n3"
    assert merge(before, "1\n3", "1\n2b\n3", MergeChoice.MINE) == "1\n2b\n3"


def test_two_people_who_begin_the_same_text_can_keep_both() -> None:
    changes, conflicts = three_way_merge.merged({}, {BODY: "A"}, {BODY: "B"}, {})
    kept, _ = three_way_merge.merged({}, {BODY: "A"}, {BODY: "B"}, {(BODY, 0): MergeChoice.BOTH})

    assert (changes, len(conflicts)) == ({}, 1)
    assert kept == {BODY: "A\n\nB"}


@pytest.mark.parametrize("path", ["texts.en.title", "goals"])
def test_of_a_line_or_a_list_only_one_stays(path: str) -> None:
    values = ("a", "b", "c") if path.startswith("texts") else ([1], [2], [3])
    base, theirs, mine = ({path: value} for value in values)

    _, conflicts = three_way_merge.merged(base, theirs, mine, {(path, 0): MergeChoice.BOTH})

    assert [each.path for each in conflicts] == [path]


def test_a_text_that_one_has_taken_away_is_taken_or_kept_whole() -> None:
    base, theirs, mine = {BODY: "1"}, {BODY: "2"}, {BODY: None}

    _, [conflict] = three_way_merge.merged(base, theirs, mine, {})
    gone, _ = three_way_merge.merged(base, theirs, mine, {(BODY, 0): MergeChoice.MINE})
    kept, _ = three_way_merge.merged(base, theirs, mine, {(BODY, 0): MergeChoice.THEIRS})

    assert (conflict.theirs, conflict.mine) == ("2", "")
    assert (gone, kept) == ({BODY: None}, {BODY: "2"})


@given(LINES, LINES, LINES)
def test_choosing_one_side_at_every_place_loses_no_line_of_it(
    before: str, theirs: str, mine: str
) -> None:
    for choice, own in ((MergeChoice.THEIRS, theirs), (MergeChoice.MINE, mine)):
        text = merge(before, theirs, mine, *[choice] * 20)
        assert isinstance(text, str)
        added = set(own.split("\n")) - set(before.split("\n"))
        assert added <= set(text.split("\n"))


@given(LINES, LINES)
def test_what_only_one_has_changed_is_theirs(before: str, changed: str) -> None:
    assert merge(before, changed, before) == changed
    assert merge(before, before, changed) == changed
    assert merge(before, changed, changed) == changed
