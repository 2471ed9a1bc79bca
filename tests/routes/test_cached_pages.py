"""Public pages are rendered once for each change, and at once when it comes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from chalicelib.rendering import templates
from chalicelib.usecases import pressure
from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import FORMS, SLUG, call, get, post
from tests.routes.test_headers import CACHED_PATHS
from tests.world import World

PAGE = f"/en/{SLUG}"


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The templates that were rendered, in order."""
    names: list[str] = []
    render = templates.render

    def record(language: str, name: str, variables: Any) -> str:
        names.append(name)
        return render(language, name, variables)

    monkeypatch.setattr(templates, "render", record)
    yield names  # noqa: PT022


@pytest.mark.parametrize("path", CACHED_PATHS)
def test_a_page_is_rendered_for_its_first_reader_only(
    with_update: World, renderings: list[str], path: str
) -> None:
    first = get(path)
    renderings.clear()

    again = get(path)
    head = call("HEAD", path)
    unchanged = get(path, {"If-None-Match": first.headers["ETag"]})

    assert renderings == []
    assert again == first
    assert (head.status, head.text, head.headers) == (200, "", first.headers)
    assert (unchanged.status, unchanged.text, unchanged.headers) == (304, "", first.headers)


def set_day(world: World, day: date) -> None:
    world.clock.moment = datetime.combine(day, time.min, UTC)


def amend(world: World) -> None:
    text = replace(builders.petition().texts["en"], summary="Amended.")
    world.publish(builders.petition(texts={**builders.petition().texts, "en": text}))


def require_proofs(world: World) -> None:
    pressure.require_proofs(world.services, SLUG, until=world.clock.now() + timedelta(hours=1))


def require_proofs_and_stop(world: World) -> None:
    require_proofs(world)
    get(PAGE)
    pressure.stop_requiring_proofs(world.services, SLUG)


def count_five(world: World) -> None:
    world.raise_tally(PL=5)
    world.set_figures()


def move(world: World) -> None:
    world.services.settings = replace(world.services.settings, public_url="https://moved.example")


CHANGES: dict[str, tuple[Callable[[World], object], str]] = {
    "an amendment": (amend, "Amended."),
    "an update": (lambda world: world.publish_update(), "/updates/first-news"),
    "new public figures": (count_five, "<strong>5</strong> people"),
    "required proofs": (require_proofs, "<altcha-widget"),
    "a changed setting": (move, "moved.example"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_page_changes_at_once_with(world: World, change: str) -> None:
    make_change, text = CHANGES[change]
    before = get(PAGE)

    make_change(world)
    after = get(PAGE, {"If-None-Match": before.headers["ETag"]})

    assert text not in before.text
    assert after.status == 200
    assert text in after.text


def test_a_page_is_as_before_when_proofs_are_no_longer_required(world: World) -> None:
    before = get(PAGE)

    require_proofs_and_stop(world)

    assert get(PAGE) == before


def test_required_proofs_end_by_the_clock(world: World) -> None:
    before = get(PAGE)
    require_proofs(world)
    gated = get(PAGE)

    world.clock.advance(hours=1)

    assert "<altcha-widget" in gated.text
    assert get(PAGE) == before


def test_a_petition_opens_and_closes_at_midnight(world: World) -> None:
    petition = builders.petition()
    pages = []
    for midnight in (petition.opens_on, petition.closes_on + timedelta(days=1)):
        for seconds in (-1, 0):
            set_day(world, midnight)
            world.clock.advance(seconds=seconds)
            pages.append(bool(ParsedPage(get(PAGE).text).all("input")))

    assert pages == [False, True, True, False]


def test_a_page_is_cached_for_each_language_apart(with_update: World) -> None:
    languages = [
        ParsedPage(get(f"/{code}/{SLUG}").text).one("html")["lang"]
        for code in ("en", "be", "ru", "en")
    ]

    assert languages == ["en", "be", "ru", "en"]


def test_a_card_is_cached_for_each_language_apart(with_update: World) -> None:
    cards = [
        ParsedPage(get(f"/embed/{SLUG}", {"Accept-Language": code}).text).one("html")["lang"]
        for code in ("be", "ru", "be")
    ]

    assert cards == ["be", "ru", "be"]


def test_a_form_that_comes_back_is_not_cached(world: World, renderings: list[str]) -> None:
    before = get(PAGE)
    renderings.clear()

    responses = [post(FORMS[0], builders.sign_form(name="", email=f"{n}@x")) for n in range(2)]

    assert renderings == ["pages/petition.html"] * 2
    assert all(response.headers["Cache-Control"] == "no-store" for response in responses)
    assert ["1@x" in response.text for response in responses] == [False, True]
    assert get(PAGE) == before
