"""Reading pages: every route by GET and HEAD, the choice of language, and what is not there."""

import pytest

import app
from chalicelib.domain.errors import Message, NotFound
from chalicelib.rendering.translations import translate
from tests import builders
from tests.routes.markup import Page
from tests.routes.requests import READ, SLUG, filled, knock, read
from tests.world import World

LANGUAGES = ("en", "be", "ru")
PAGES = (
    "/{language}",
    "/{language}/privacy",
    "/{language}/{slug}",
    "/{language}/{slug}/manage",
    "/{language}/{slug}/subscribe",
    "/{language}/{slug}/updates/{name}",
    "/{language}/{slug}/share",
    "/{language}/{slug}/poster",
)


def test_every_route_for_reading_also_answers_head() -> None:
    methods = [set(methods) for methods in app.app.routes.values() if READ in methods]

    assert methods
    assert all("HEAD" in known for known in methods)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_a_whole_page_in_its_language_with_links_to_the_others(
    shared: World, route: str, language: str
) -> None:
    answer = read(filled(route, language=language))

    page = Page(answer.text)
    links = [link["href"] for link in page.all("a") if link.get("hreflang")]
    assert answer.status == 200
    assert page.one("html")["lang"] == language
    assert links == [filled(route, language=other) for other in LANGUAGES if other != language]


@pytest.mark.parametrize("route", [*PAGES, "/", "/{language}/{slug}/feed.atom"])
def test_head_answers_as_get_does_but_without_a_body(shared: World, route: str) -> None:
    got = read(filled(route))
    asked = knock("HEAD", filled(route))

    assert asked.text == ""
    assert (asked.status, asked.headers) == (got.status, got.headers)


@pytest.mark.parametrize(
    "path",
    [
        "/xx",
        "/xx/open-door",
        "/EN/open-door",
        "/en/no-such-petition",
        "/en/no-such-petition/subscribe",
        "/en/no-such-petition/manage",
        "/en/open-door/updates/no-such-update",
        "/en/no-such-petition/updates/first-news",
        "/en/no-such-petition/feed.atom",
        "/api/petitions/no-such-petition",
        "/en/Open-Door",
        "/en/" + "a" * 3000,
        "/en/open-door/updates/" + "a" * 3000,
        "/en/" + "a" * 3000 + "/updates/first-news",
        "/en/%00",
        "/en/%FF%FE",
        "/en/..%2f..%2fetc",
        "/en/<script>alert(1)<%2Fscript>",
        "/%D1%8B",
    ],
)
def test_what_is_not_there_gets_a_kind_page(shared: World, path: str) -> None:
    answer = read(path)

    page = Page(answer.text)
    assert answer.status == 404
    assert page.one("h1").text == NotFound.title
    assert "/en" in [link["href"] for link in page.all("a")]
    assert "script" not in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_is_not_there_speaks_the_language_of_its_address(
    shared: World, language: str
) -> None:
    page = Page(read(f"/{language}/no-such-petition", {"Accept-Language": "en"}).text)

    assert page.one("html")["lang"] == language
    assert page.one("h1").text == _title_in(language)


def test_without_a_language_in_the_address_the_browsers_counts(shared: World) -> None:
    page = Page(read("/xx/open-door", {"Accept-Language": "ru;q=0.8, be"}).text)

    assert page.one("html")["lang"] == "be"


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("be", "be"),
        ("be-BY, ru;q=0.8, en;q=0.5", "be"),
        ("ru;q=0.3, be;q=0.9", "be"),
        ("ru;Q=0.3, be;Q=0.9", "be"),
        ("de, fr;q=0.9, ru;q=0.1", "ru"),
        ("de", "en"),
        ("*", "en"),
        ("be;q=0", "en"),
        ("be;q=x", "en"),
        ("be;q=nan, ru", "ru"),
        (";;;,,,=,q=,\x7f", "en"),
        ("x" * 9000, "en"),
        ("be-" * 9000, "be"),
    ],
)
def test_the_front_door_speaks_the_language_that_the_browser_likes_best(
    shared: World, accept: str, language: str
) -> None:
    answer = read("/", {"Accept-Language": accept})

    assert answer.status == 303
    assert answer.headers["Location"] == f"/{language}/{SLUG}"
    assert answer.headers["Vary"] == "Accept-Language"


def test_the_front_door_leads_to_a_language_that_the_only_petition_has(world: World) -> None:
    world.publish(builders.petition(texts={"ru": builders.petition_text(title="Откройте")}))

    assert read("/", {"Accept-Language": "be, en"}).headers["Location"] == f"/ru/{SLUG}"


def test_with_two_petitions_the_front_door_leads_to_the_list(world: World) -> None:
    world.publish(
        builders.petition(slug="window", texts={"ru": builders.petition_text(title="Окно")})
    )

    answer = read("/", {"Accept-Language": "be"})
    page = Page(read(answer.headers["Location"]).text)

    links = {link.text: link["href"] for link in page.all("a")}
    assert answer.headers["Location"] == "/be"
    assert links["Адчыніце дзверы"] == f"/be/{SLUG}"
    assert links["Окно"] == "/ru/window"


def test_an_empty_list_says_so(world: World) -> None:
    petitions_table = world.services.petitions
    petitions_table.delete({"pk": "petition", "sk": SLUG})

    front, page = read("/"), Page(read("/en").text)

    assert front.headers["Location"] == "/en"
    assert "There is no petition yet." in page.text


def test_a_petition_shows_its_words_its_count_and_its_organiser(world: World) -> None:
    world.publish_update()
    world.raise_tally(PL=7)

    page = Page(read(f"/en/{SLUG}").text)

    assert page.one("h1").text == "Open the door"
    assert "To: The keeper of the door" in page.text
    assert "At least 5 people have signed" in page.text
    assert "The next goal is 10." in page.text
    assert "Open until 31 December 2026." in page.text
    assert [h.text for h in page.all("h3")][:2] == ["Now", "For good"]
    assert "The door moved" in page.text
    assert "Door Watch" in page.text
    assert "This is an example." not in page.text


def test_an_organiser_that_is_only_a_placeholder_is_marked_as_one(world: World) -> None:
    organiser = builders.petition().organiser
    placeholder = type(organiser)(name="N.", email="n@example.org", website="", placeholder=True)
    world.publish(builders.petition(organiser=placeholder))

    page = Page(read(f"/en/{SLUG}").text)

    assert "This is an example." in page.text


def test_an_upcoming_petition_says_when_it_opens_and_has_no_form(world: World) -> None:
    world.clock.moment = world.clock.moment.replace(year=2025)

    page = Page(read(f"/en/{SLUG}").text)

    assert "You can sign from 1 January 2026" in page.text
    assert page.all("form") == []
    assert world.sign().status_code == 403


def test_a_closed_petition_says_when_it_closed_and_has_no_form(world: World) -> None:
    world.clock.moment = world.clock.moment.replace(year=2027)

    page = Page(read(f"/en/{SLUG}").text)

    assert "This petition closed on 31 December 2026" in page.text
    assert page.all("form") == []


def test_the_privacy_page_says_whom_to_ask_and_how_long_links_live(shared: World) -> None:
    page = Page(read("/en/privacy").text)

    assert "Door Watch, desk@example.org" in page.text
    assert "the link works for 7 days" in page.text


def test_a_petition_in_a_language_that_it_lacks_leads_to_one_that_it_has(world: World) -> None:
    world.publish(builders.petition(texts={"ru": builders.petition_text(title="Откройте")}))

    answer = read(f"/be/{SLUG}")

    assert answer.status == 303
    assert answer.headers["Location"] == f"/ru/{SLUG}"


def test_an_update_in_a_language_that_it_lacks_says_in_which_it_is(world: World) -> None:
    world.publish_update()

    page = Page(read(f"/ru/{SLUG}/updates/first-news").text)

    assert page.one("h1").text == "The door moved"
    assert page.one("h1").attributes["lang"] == "en"


def _title_in(language: str) -> str:
    return translate(Message(text=NotFound.title), language)
