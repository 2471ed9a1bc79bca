"""Pages by GET and HEAD: every route, the choice of language, and unknown paths."""

import pytest

import app
from chalicelib.domain.errors import Message, NotFound
from chalicelib.rendering import translations
from chalicelib.rendering.translations import translate
from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import ParsedPage
from tests.routes.requests import GET, SLUG, call, get, path_of, post, post_routes
from tests.world import World

LANGUAGES = ("en", "be", "ru")
"""Those of the petition."""
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
WITHOUT_TEXT_OF_THE_PETITION = (PAGES[0], PAGES[1], PAGES[3], PAGES[4])
"""They are in every language of the interface, even if the petition is not."""


def test_every_get_route_also_takes_head() -> None:
    methods = [set(methods) for methods in app.app.routes.values() if GET in methods]

    assert methods
    assert all("HEAD" in methods_of_route for methods_of_route in methods)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_in_its_language_and_links_to_the_others(
    with_update: World, route: str, language: str
) -> None:
    response = get(path_of(route, language=language))

    page = ParsedPage(response.text)
    links = [link["href"] for link in page.all("a") if link.get("lang")]
    assert response.status == 200
    assert page.one("html")["lang"] == language
    others = translations.languages() if route in WITHOUT_TEXT_OF_THE_PETITION else LANGUAGES
    assert links == [path_of(route, language=other) for other in others if other != language]


def test_search_engines_read_whole_addresses_of_the_other_languages(world: World) -> None:
    page = ParsedPage(get("/en/open-door").text)

    alternates = {
        link["hreflang"]: link["href"] for link in page.all("link") if link.get("hreflang")
    }
    assert alternates == {
        language: f"{PUBLIC_URL}/{language}/open-door" for language in builders.petition().languages
    }


def test_every_address_that_takes_a_form_can_be_read() -> None:
    assert not [route for route in post_routes() if GET not in app.app.routes[route]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("route", "page"),
    [
        *((f"/{{language}}/{{slug}}/{form}", PAGES[2]) for form in ("sign", "code", "again")),
        *(
            (f"/{{language}}/{kind}/{{token}}/again", f"/{{language}}/{kind}/{{token}}")
            for kind in ("confirm", "confirm-alerts")
        ),
    ],
)
def test_a_visitor_who_reloads_an_answered_form_gets_the_page_it_belongs_to(
    world: World, route: str, page: str, language: str
) -> None:
    for method in (GET, "HEAD"):
        response = call(method, path_of(route, language=language))

        assert response.status == 303
        assert response.headers["Location"] == path_of(page, language=language)
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("route", [*PAGES, "/", "/{language}/{slug}/feed.atom"])
def test_head_is_get_without_the_body(with_update: World, route: str) -> None:
    full = get(path_of(route))
    head = call("HEAD", path_of(route))

    assert head.text == ""
    assert (head.status, head.headers) == (full.status, full.headers)


@pytest.mark.parametrize(
    "path",
    [
        "/xx",
        "/xx/open-door",
        "/XX/open-door",
        "/en/no-such-petition",
        "/en/no-such-petition/subscribe",
        "/en/no-such-petition/manage",
        "/en/open-door/updates/no-such-update",
        "/en/no-such-petition/updates/first-news",
        "/en/no-such-petition/feed.atom",
        "/api/petitions/no-such-petition",
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
def test_an_unknown_path_gets_the_not_found_page(with_update: World, path: str) -> None:
    response = get(path)

    page = ParsedPage(response.text)
    assert response.status == 404
    assert page.one("h1").text == NotFound.title
    assert "/en" in [link["href"] for link in page.all("a")]
    assert "script" not in response.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/EN", "/en"),
        ("/EN/", "/en"),
        ("/Be/open-door", "/be/open-door"),
        ("/en/Open-Door", "/en/open-door"),
        ("/RU/OPEN-DOOR/updates/first-news", "/ru/open-door/updates/first-news"),
        ("/En/PRIVACY", "/en/privacy"),
        ("/EN/open-door/feed.atom", "/en/open-door/feed.atom"),
        ("/EN/open-door?from=%D0%B5+b&x=1&x=2", "/en/open-door?from=%D0%B5+b&x=1&x=2"),
        ("/EN/confirm/AbC-d_E", "/en/confirm/AbC-d_E"),
        ("/embed/Open-Door/EN", "/embed/open-door/en"),
        ("/api/petitions/Open-Door", "/api/petitions/open-door"),
        ("/EN/%3Cscript%3E", "/en/%3Cscript%3E"),
        ("/en/open-door.", "/en/open-door"),
        ("/en/open-door%3E", "/en/open-door"),
        ("/en/open-door%20", "/en/open-door"),
        ("/en/open-door)./subscribe", "/en/open-door/subscribe"),
        ("/EN/%2F%2Fexample.org", "/en/%2F%2Fexample.org"),
    ],
)
def test_capitals_and_marks_in_an_address_lead_to_the_page(
    with_update: World, method: str, typed: str, meant: str
) -> None:
    response = call(method, typed)

    assert (response.status, response.headers["Location"]) == (301, meant)
    assert response.headers["Cache-Control"] == "no-store"


def test_a_form_that_was_sent_to_an_address_in_capitals_is_taken(world: World) -> None:
    assert post("/EN/Open-Door/sign", builders.sign_form()).status == 200
    world.deliver_all()

    [mail] = world.mails()
    assert "/en/confirm/" in mail.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_not_found_page_is_in_the_language_of_its_path(
    with_update: World, language: str
) -> None:
    page = ParsedPage(get(f"/{language}/no-such-petition", {"Accept-Language": "en"}).text)

    assert page.one("html")["lang"] == language
    assert page.one("h1").text == _title_in(language)


def test_without_a_language_in_the_path_the_browsers_is_used(
    with_update: World,
) -> None:
    page = ParsedPage(get("/xx/open-door", {"Accept-Language": "ru;q=0.8, be"}).text)

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
def test_the_root_redirects_to_the_preferred_language(
    with_update: World, accept: str, language: str
) -> None:
    response = get("/", {"Accept-Language": accept})

    assert response.status == 303
    assert response.headers["Location"] == f"/{language}/{SLUG}"
    assert response.headers["Vary"] == "Accept-Language"


def test_the_root_redirects_to_a_language_of_the_only_petition(world: World) -> None:
    world.publish(builders.petition(texts={"ru": builders.petition_text(title="Откройте")}))

    assert get("/", {"Accept-Language": "be, en"}).headers["Location"] == f"/ru/{SLUG}"


def test_with_two_petitions_the_root_redirects_to_the_list(world: World) -> None:
    world.publish(
        builders.petition(slug="window", texts={"ru": builders.petition_text(title="Окно")})
    )

    response = get("/", {"Accept-Language": "be"})
    page = ParsedPage(get(response.headers["Location"]).text)

    links = {link.text: link["href"] for link in page.all("a")}
    assert response.headers["Location"] == "/be"
    assert links["Адчыніце дзверы"] == f"/be/{SLUG}"
    assert links["Окно"] == "/ru/window"


def test_an_empty_list_of_petitions_says_so(world: World) -> None:
    petitions_table = world.services.petitions
    petitions_table.delete({"pk": "petition", "sk": SLUG})

    root, page = get("/"), ParsedPage(get("/en").text)

    assert root.headers["Location"] == "/en"
    assert "There are no petitions yet." in page.text


def test_a_petition_shows_its_text_its_count_and_its_organiser(world: World) -> None:
    world.publish_update()
    world.raise_tally(PL=7)
    world.set_figures()

    page = ParsedPage(get(f"/en/{SLUG}").text)

    assert page.one("h1").text == "Open the door"
    assert "To: The keeper of the door" in page.text
    assert "At least 5 people have signed" in page.text
    assert "5 more to reach 10" in page.text
    assert "Open until 31 December 2026." in page.text
    assert [h.text for h in page.all("h3")][:2] == ["Now", "For good"]
    assert "The door moved" in page.text
    assert "Door Watch" in page.text
    assert "This is an example." not in page.text


def test_a_placeholder_organiser_is_marked_as_an_example(world: World) -> None:
    organiser = builders.petition().organiser
    placeholder = type(organiser)(
        name="N.", email="n@example.org", website="https://n.example", placeholder=True
    )
    world.publish(builders.petition(organiser=placeholder))

    page = ParsedPage(get(f"/en/{SLUG}").text)

    assert "This is an example." in page.text


def test_an_upcoming_petition_says_when_it_opens_and_has_no_form(world: World) -> None:
    world.clock.moment = world.clock.moment.replace(year=2025)

    page = ParsedPage(get(f"/en/{SLUG}").text)

    assert "You can sign from 1 January 2026" in page.text
    assert page.all("form") == []
    assert world.sign().status_code == 403


def test_a_closed_petition_says_when_it_closed_and_has_no_form(world: World) -> None:
    world.clock.moment = world.clock.moment.replace(year=2027)

    page = ParsedPage(get(f"/en/{SLUG}").text)

    assert "This petition closed on 31 December 2026" in page.text
    assert page.all("form") == []


def test_the_privacy_page_names_the_contact_and_the_lifetime_of_links(
    with_update: World,
) -> None:
    page = ParsedPage(get("/en/privacy").text)

    assert "Door Watch, desk@example.org" in page.text
    assert "which works for 7 days" in page.text


def test_a_petition_without_the_language_redirects_to_one_of_its_own(world: World) -> None:
    world.publish(builders.petition(texts={"ru": builders.petition_text(title="Откройте")}))

    response = get(f"/be/{SLUG}")

    assert response.status == 303
    assert response.headers["Location"] == f"/ru/{SLUG}"


def test_an_update_without_the_language_names_the_language_of_its_text(world: World) -> None:
    world.publish_update()

    page = ParsedPage(get(f"/ru/{SLUG}/updates/first-news").text)

    assert page.one("h1").text == "The door moved"
    assert page.one("h1").attributes["lang"] == "en"


def _title_in(language: str) -> str:
    return translate(Message(text=NotFound.title), language)
