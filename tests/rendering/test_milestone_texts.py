"""What the service writes at milestones is complete in every language, and safe."""

from datetime import date
from itertools import product

import pytest

from chalicelib.domain.alerts.milestone import Milestone, Occasion
from chalicelib.rendering import milestone_texts
from ops import compiling
from tests import builders

LANGUAGES = [*compiling.languages()]
OCCASIONS = [
    *(Occasion(milestone=Milestone.GOAL, goal=goal) for goal in (1, 2, 21, 100, 5000)),
    Occasion(milestone=Milestone.CLOSING),
    Occasion(milestone=Milestone.HANDED_IN),
]
TITLE = f"{'Ž & <b>' * 17}!"
"""As long as a title may be."""


@pytest.mark.parametrize(("language", "occasion"), [*product(LANGUAGES, OCCASIONS)])
def test_a_milestone_is_told_in_every_language(language: str, occasion: Occasion) -> None:
    text = builders.petition_text(title=TITLE, target="The <keeper>", outcome="Done & <done>.")
    petition = builders.petition(
        texts={language: text}, goals=(100, 5000, 10000), handed_in_on=date(2026, 12, 1)
    )

    [(written_in, written)] = milestone_texts.texts_of(petition, occasion).items()

    assert written_in == language
    everything = f"{written.title} {written.summary} {written.html} {written.text}"
    assert "{" not in everything
    assert ".." not in everything
    assert "Ž & <b>" in written.summary
    assert "Ž &amp; &lt;b&gt;" in written.html
    assert "<b>" not in written.html
    assert (0 < len(written.title) <= 120, 0 < len(written.summary) <= 300) == (True, True)
    assert max(map(len, written.text.split("\n"))) <= 72


def test_each_language_says_it_in_its_own_words() -> None:
    texts = {language: builders.petition_text() for language in LANGUAGES}
    petition = builders.petition(texts=texts, handed_in_on=date(2026, 12, 1))

    for occasion in OCCASIONS:
        written = milestone_texts.texts_of(petition, occasion)
        assert len({text.title for text in written.values()}) == len(LANGUAGES)
        assert len({text.html for text in written.values()}) == len(LANGUAGES)


def test_past_the_last_goal_no_next_one_is_named() -> None:
    petition = builders.petition(goals=(10, 100))

    first, last = (
        milestone_texts.texts_of(petition, Occasion(milestone=Milestone.GOAL, goal=goal))["en"].text
        for goal in (10, 100)
    )

    assert "The next goal is 100." in first
    assert "next goal" not in last


def test_the_outcome_is_told_where_it_is_known() -> None:
    told = builders.petition_text(outcome="The door is open.")
    petition = builders.petition(
        texts={"en": told, "be": builders.petition_text()}, handed_in_on=date(2026, 12, 1)
    )

    written = milestone_texts.texts_of(petition, Occasion(milestone=Milestone.HANDED_IN))

    assert "The door is open." in written["en"].text
    assert "The door is open." not in written["be"].text
    assert "The keeper of the door" in written["en"].text
