"""Updates: their ids, names and languages."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

from chalicelib.domain.petitions.update import Update, split_id
from tests.builders import NOW, update

LATER: Final = NOW + timedelta(hours=1)


def test_an_id_names_petition_and_update() -> None:
    assert split_id(update().id) == ("open-door", "first-news")


@pytest.mark.parametrize("text", ["", "open-door", "open-door/", "/x", "a/b/c", "A/b", "../x"])
def test_text_that_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="petition/update-name"):
        split_id(text)


@pytest.mark.parametrize("name", ["week-2026-03-09", "day-2026-03-09"])
def test_an_update_cannot_have_the_name_of_a_digest(name: str) -> None:
    assert update(name="week-10").name == "week-10"
    with pytest.raises(ValueError, match="name of a digest"):
        update(name=name)


@pytest.mark.parametrize("name", ["goal-100", "closing-in-a-week", "handed-in"])
def test_only_the_service_can_give_an_update_the_name_of_a_milestone(name: str) -> None:
    assert update(name=name, automatic=True).automatic
    for wrong in ({"name": name}, {"name": "first-news", "automatic": True}):
        with pytest.raises(ValueError, match="milestones"):
            update(**wrong)


def test_news_is_dated_after_today_by_the_clock_of_its_zone() -> None:
    tomorrow = update(published_on=date(2026, 3, 9))
    evening = datetime(2026, 3, 8, 22, tzinfo=UTC)

    assert tomorrow.is_dated_after(evening)
    assert not replace(tomorrow, send_zone="Europe/Minsk").is_dated_after(evening)
    assert not tomorrow.is_dated_after(evening + timedelta(hours=2))


def test_a_missing_language_falls_back_to_the_first() -> None:
    news = update()

    assert news.text("ru") == news.texts["en"]
    assert news.language("ru") == "en"
    assert news.language("be") == "be"


def amended() -> Update:
    news = update()
    text = replace(news.texts["en"], text="It moved back.")
    return replace(news, texts={**news.texts, "en": text})


def test_another_text_is_a_change_and_another_time_is_not() -> None:
    first = update().published_after(None, now=NOW)
    moved = update(send_at=NOW, published_on=date(2026, 3, 2)).published_after(first, now=LATER)
    changed = amended().published_after(first, now=LATER)
    unchanged = amended().published_after(changed, now=LATER + timedelta(days=1))
    new_language = update(texts={"en": first.texts["en"]}).published_after(first, now=LATER)

    assert (first.changed_at, moved.changed_at) == (None, None)
    assert changed.changed_at == unchanged.changed_at == new_language.changed_at == LATER


def test_an_update_is_as_new_as_its_day_or_its_last_change() -> None:
    midnight = datetime(2026, 3, 1, tzinfo=UTC)

    assert update().updated_at == midnight
    assert update(changed_at=NOW).updated_at == NOW
    # It was amended before its day.
    assert update(changed_at=midnight - timedelta(days=1)).updated_at == midnight
