"""Public pages are made once for each change, not for each reader: and at once when it comes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from chalicelib.rendering import templates
from chalicelib.usecases import pressure
from tests import builders
from tests.routes.markup import Page
from tests.routes.requests import FORMS, SLUG, knock, read, send
from tests.routes.test_headers import KEPT
from tests.world import World

PAGE = f"/en/{SLUG}"


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The templates that were rendered, one after another."""
    names: list[str] = []
    render = templates.render

    def noted(language: str, name: str, variables: Any) -> str:
        names.append(name)
        return render(language, name, variables)

    monkeypatch.setattr(templates, "render", noted)
    yield names  # noqa: PT022


@pytest.mark.parametrize("path", KEPT)
def test_a_page_is_made_for_the_first_reader_only(
    shared: World, renderings: list[str], path: str
) -> None:
    first = read(path)
    renderings.clear()

    again = read(path)
    asked = knock("HEAD", path)
    known = read(path, {"If-None-Match": first.headers["ETag"]})

    assert renderings == []
    assert again == first
    assert (asked.status, asked.text, asked.headers) == (200, "", first.headers)
    assert (known.status, known.text, known.headers) == (304, "", first.headers)


def moved_to(world: World, day: date) -> None:
    world.clock.moment = datetime.combine(day, time.min, UTC)


def amended(world: World) -> None:
    text = replace(builders.petition().texts["en"], summary="Amended.")
    world.publish(builders.petition(texts={**builders.petition().texts, "en": text}))


def asked_for_proofs(world: World) -> None:
    pressure.require_proofs(world.services, SLUG, until=world.clock.now() + timedelta(hours=1))


def asked_for_none(world: World) -> None:
    asked_for_proofs(world)
    read(PAGE)
    pressure.stop_requiring_proofs(world.services, SLUG)


def moved(world: World) -> None:
    world.services.settings = replace(world.services.settings, public_url="https://moved.example")


CHANGES: dict[str, tuple[Callable[[World], object], str]] = {
    "a new version": (amended, "Amended."),
    "an update": (lambda world: world.publish_update(), "/updates/first-news"),
    "a step of the count": (lambda world: world.raise_tally(PL=5), "<strong>5</strong> people"),
    "proofs that are asked for": (asked_for_proofs, "<altcha-widget"),
    "a setting": (moved, "moved.example"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_page_changes_the_moment_something_in_it_changes(world: World, change: str) -> None:
    make, sign = CHANGES[change]
    before = read(PAGE)

    make(world)
    after = read(PAGE, {"If-None-Match": before.headers["ETag"]})

    assert sign not in before.text
    assert after.status == 200
    assert sign in after.text


def test_a_page_is_again_what_it_was_when_proofs_are_asked_for_no_longer(world: World) -> None:
    before = read(PAGE)

    asked_for_none(world)

    assert read(PAGE) == before


def test_proofs_end_by_the_clock_without_anything_being_written(world: World) -> None:
    before = read(PAGE)
    asked_for_proofs(world)
    gated = read(PAGE)

    world.clock.advance(hours=1)

    assert "<altcha-widget" in gated.text
    assert read(PAGE) == before


def test_a_petition_opens_and_closes_at_midnight(world: World) -> None:
    petition = builders.petition()
    pages = []
    for midnight in (petition.opens_on, petition.closes_on + timedelta(days=1)):
        for seconds in (-1, 0):
            moved_to(world, midnight)
            world.clock.advance(seconds=seconds)
            pages.append(bool(Page(read(PAGE).text).all("input")))

    assert pages == [False, True, True, False]


def test_a_page_of_one_language_is_not_shown_for_another(shared: World) -> None:
    languages = [
        Page(read(f"/{code}/{SLUG}").text).one("html")["lang"] for code in ("en", "be", "ru", "en")
    ]

    assert languages == ["en", "be", "ru", "en"]


def test_a_card_for_other_sites_is_kept_in_each_language_apart(shared: World) -> None:
    cards = [
        Page(read(f"/embed/{SLUG}", {"Accept-Language": code}).text).one("html")["lang"]
        for code in ("be", "ru", "be")
    ]

    assert cards == ["be", "ru", "be"]


def test_a_form_that_comes_back_is_for_who_sent_it_alone(
    world: World, renderings: list[str]
) -> None:
    before = read(PAGE)
    renderings.clear()

    answers = [send(FORMS[0], builders.sign_form(name="", email=f"{n}@x")) for n in range(2)]

    assert renderings == ["pages/petition.html"] * 2
    assert all(answer.headers["Cache-Control"] == "no-store" for answer in answers)
    assert ["1@x" in answer.text for answer in answers] == [False, True]
    assert read(PAGE) == before
