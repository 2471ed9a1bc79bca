"""Public figures: rounded counts that reveal no single signature."""

import re
from collections.abc import Mapping

import pytest

import app
from chalicelib import wiring
from chalicelib.domain.countries import COUNTRIES
from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import GET, SLUG, get, path_of
from tests.world import World

_CHANGING = re.compile(r'name="challenge" value="[^"]*"')


def public_responses() -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """Body and headers of every page, feed and JSON response without a token, by its path."""
    paths = [
        path_of(route)
        for route, methods in app.app.routes.items()
        if GET in methods and "{token}" not in route and SLUG in path_of(route)
    ]
    responses = {path: get(path) for path in paths}
    return {
        path: (_CHANGING.sub("", response.text), response.headers)
        for path, response in responses.items()
    }


def country_entries(page: ParsedPage) -> list[str]:
    """The entries of the list of countries."""
    return [item.text for item in page.all("li") if re.search(r": [\d, ]+$", item.text)]


@pytest.mark.parametrize("more", [1, 4])
def test_signatures_below_the_next_step_change_nothing_public(world: World, more: int) -> None:
    world.raise_tally(PL=20, LT=15, DE=10, without_country=5)
    world.set_figures()
    before = public_responses()

    world.raise_tally(PL=more)
    world.set_figures()

    assert public_responses() == before
    assert '"count": 50' in before[f"/api/petitions/{SLUG}"][0]
    assert "Poland: <b>20</b>" in before[f"/en/{SLUG}"][0]


def test_between_two_moments_no_signature_changes_a_byte_of_a_page_or_header(
    world: World,
) -> None:
    """Not the body, and no ETag or date beside it."""
    world.raise_tally(PL=20, LT=15, DE=10, without_country=5)
    world.set_figures()
    before = public_responses()

    for more in (1, 6, 400):
        world.raise_tally(PL=more, BY=more)
        world.run_every_minute()
        assert public_responses() == before

    assert not {name for _, headers in before.values() for name in headers} & {
        "Last-Modified",
        "Date",
        "Age",
    }


def test_an_exact_figure_reaches_no_public_response(world: World) -> None:
    world.raise_tally(PL=7717, LT=7717, DE=7717)
    world.set_figures()
    world.raise_tally(BY=7717)

    for text, headers in public_responses().values():
        assert not re.search(r"7[,. \u00a0\u202f]?717|23[,. \u00a0\u202f]?151|30868", text)
        assert "7717" not in str(headers)
    assert '"count": 23150' in get(f"/api/petitions/{SLUG}").text


def test_the_count_rises_at_the_next_step(world: World) -> None:
    world.raise_tally(PL=44)
    world.set_figures()
    assert "At least 40 people have signed" in ParsedPage(get(f"/en/{SLUG}").text).text

    world.raise_tally(PL=1)
    world.set_figures()

    assert "At least 45 people have signed" in ParsedPage(get(f"/en/{SLUG}").text).text


def test_a_country_below_the_minimum_changes_nothing_public(world: World) -> None:
    world.raise_tally(PL=20, LT=15, DE=10, without_country=55)
    world.set_figures()
    before = public_responses()

    world.raise_tally(without_country=-9, BY=9)
    world.set_figures()

    assert public_responses() == before
    assert "Poland: <b>20</b>" in before[f"/en/{SLUG}"][0]


def test_the_bar_and_the_goal_follow_the_public_count(world: World) -> None:
    world.raise_tally(PL=9)
    world.set_figures()

    page = ParsedPage(get(f"/en/{SLUG}").text)

    assert "5 more to reach 10" in page.text
    assert "5 of 10" in page.text
    assert [bar["width"] for bar in page.all("rect")] == ["50", "50"]


def test_the_bar_has_ticks_at_the_goals_that_were_reached(world: World) -> None:
    world.publish(builders.petition(goals=(10, 50, 200)))
    world.raise_tally(PL=120)
    world.set_figures()

    page = ParsedPage(get(f"/en/{SLUG}").text)

    ticks = [tick["d"] for tick in page.all("path") if tick["d"].endswith(" 0v1")]
    assert ticks == ["M5 0v1", "M25 0v1"] * 2


def test_below_the_first_step_the_page_invites_to_sign(world: World) -> None:
    world.raise_tally(PL=4)
    world.set_figures()

    text = ParsedPage(get(f"/en/{SLUG}").text).text

    assert "Be among the first to sign." in text
    assert "At least" not in text


def test_a_closed_petition_invites_nobody(world: World) -> None:
    world.raise_tally(PL=4)
    world.set_figures()
    world.clock.advance(days=500)

    text = ParsedPage(get(f"/en/{SLUG}").text).text

    assert "This petition closed on" in text
    assert "Be among the first" not in text
    assert "At least" not in text


def test_countries_are_listed_from_three_on_the_largest_first(world: World) -> None:
    world.raise_tally(PL=44, LT=12, BY=9, without_country=80)
    world.set_figures()
    assert country_entries(ParsedPage(get(f"/en/{SLUG}").text)) == []

    world.raise_tally(DE=14)
    world.set_figures()
    page = ParsedPage(get(f"/en/{SLUG}").text)

    assert country_entries(page) == ["Poland: 40", "Germany: 10", "Lithuania: 10"]
    assert [bar["width"] for bar in page.all("rect")[2:]] == ["100", "25", "25"]
    assert "Signatures by country" in [heading.text.strip() for heading in page.all("h2")]
    assert "Belarus: " not in page.text


def test_at_most_twelve_countries_are_listed(world: World) -> None:
    codes = sorted(COUNTRIES)[:20]
    world.raise_tally(**dict.fromkeys(codes, 30))
    world.set_figures()

    assert len(country_entries(ParsedPage(get(f"/en/{SLUG}").text))) == 12


def test_with_a_step_of_one_the_count_is_exact(world: World) -> None:
    world.environment |= {"ZAKLIK_COUNT_STEP": "1", "ZAKLIK_COUNTRY_MINIMUM": "2"}
    world.restart()
    world.raise_tally(PL=1)
    world.set_figures()

    assert "At least 1 person has signed" in ParsedPage(get(f"/en/{SLUG}").text).text
    world.reset()
    assert wiring.services().settings.count_step == 5


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("5", "changes only at set times, mostly on the hour, and by 5 or more"),
        ("1", "The number on the petition’s page will follow within an hour."),
    ],
)
def test_the_thank_you_page_says_when_the_count_moves(world: World, step: str, words: str) -> None:
    world.environment["ZAKLIK_COUNT_STEP"] = step
    world.restart()
    world.sign(**builders.sign_form())
    world.deliver_all()

    thanks = world.post(world.link_to("confirm"), {}).body.decode()

    assert words in ParsedPage(thanks).text
