"""Updates: their ids, names and languages."""

import pytest

from chalicelib.domain.update import split_id
from tests.builders import update


def test_an_id_names_petition_and_update() -> None:
    assert split_id(update().id) == ("open-door", "first-news")


@pytest.mark.parametrize("text", ["", "open-door", "open-door/", "/x", "a/b/c", "A/b", "../x"])
def test_text_that_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="petition/update-name"):
        split_id(text)


def test_an_update_cannot_have_the_name_of_a_weekly_digest() -> None:
    assert update(name="week-10").name == "week-10"
    with pytest.raises(ValueError, match="weekly digest"):
        update(name="week-2026-03-09")


def test_a_missing_language_falls_back_to_the_first() -> None:
    news = update()

    assert news.text("ru") == news.texts["en"]
    assert news.language("ru") == "en"
    assert news.language("be") == "be"
