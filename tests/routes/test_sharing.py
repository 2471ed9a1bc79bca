"""Passing a petition on: the page about it, the poster, the card for other sites, the picture."""

import base64
import re
from html import unescape

import pytest

from chalicelib.rendering import assets, urls
from chalicelib.usecases.petitions import publishing
from ops.content import preview_images
from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import Page
from tests.routes.requests import SLUG, knock, read
from tests.world import World

LANGUAGES = ("en", "be", "ru")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def drawn(world: World) -> World:
    """The whole service with one published petition and its pictures."""
    publishing.publish_preview_images(
        world.services, SLUG, preview_images.draw_all(builders.petition())
    )
    return world


# The page about sharing.


def test_the_petition_and_the_page_of_thanks_lead_to_ways_to_pass_it_on(world: World) -> None:
    def ways(html: str) -> list[str]:
        return [link["href"] for link in Page(html).all("a")]

    world.sign()
    world.deliver_all()

    assert f"/en/{SLUG}/share" in ways(read(f"/en/{SLUG}").text)
    assert f"/en/{SLUG}/share" in ways(world.post(world.link(), {}).body.decode())


def test_the_link_can_be_copied_without_a_script(world: World) -> None:
    page = Page(read(f"/be/{SLUG}/share").text)

    [link] = page.all("input")
    assert link["value"] == f"{PUBLIC_URL}/be/{SLUG}"
    assert "readonly" in link.attributes
    # What needs a script is shown by the script alone.
    assert all("hidden" in button.attributes for button in page.all("button"))


def test_the_code_to_embed_is_whole_and_leads_to_the_card(world: World) -> None:
    title = 'A "door" & more'
    world.publish(builders.petition(texts={"en": builders.petition_text(title=title)}))

    code = Page(read(f"/en/{SLUG}/share").text).one("textarea").text
    frame = Page(code).one("iframe")

    assert frame["src"] == f"{PUBLIC_URL}/embed/{SLUG}/en"
    assert unescape(frame["title"]) == title
    assert frame["referrerpolicy"] == "no-referrer"


def test_every_address_that_the_page_gives_to_programs_answers(shared: World) -> None:
    page = Page(read(f"/ru/{SLUG}/share").text)
    addresses = [link["href"] for link in page.all("a") if link["href"].startswith(PUBLIC_URL)]

    statuses = {read(address.removeprefix(PUBLIC_URL)).status for address in addresses}

    assert len(addresses) == 4
    assert statuses == {200}


# The poster.


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_poster_says_what_is_asked_of_whom_and_where_to_sign(
    world: World, language: str
) -> None:
    text = builders.petition().text(language)

    page = Page(read(f"/{language}/{SLUG}/poster").text)

    assert page.one("h1").text == text.title
    assert text.target in page.text
    assert [item.text for item in page.all("li")] == [each.heading for each in text.demands]
    assert f"zaklik.example/{language}/{SLUG}" in page.text


@pytest.mark.parametrize("page", ["share", "poster"])
def test_the_code_to_point_a_telephone_at_has_a_name_and_a_white_ground(
    world: World, page: str
) -> None:
    html = read(f"/en/{SLUG}/{page}").text

    [picture] = [e for e in Page(html).all("div") if e.get("role") == "img"]
    assert "QR code" in picture["aria-label"]
    assert '<path fill="#fff"' in html


def test_long_petitions_have_smaller_letters_on_their_poster(world: World) -> None:
    def size(title: str) -> str:
        world.publish(builders.petition(texts={"en": builders.petition_text(title=title)}))
        return Page(read(f"/en/{SLUG}/poster").text).one("main")["class"]

    sizes = [size("Open the door " * count) for count in (1, 25, 40)]

    assert sizes == ["sheet large", "sheet medium", "sheet small"]


# The card for other sites.


@pytest.mark.parametrize("path", [f"/embed/{SLUG}", f"/embed/{SLUG}/en"])
def test_the_card_may_be_framed_by_every_site_and_runs_nothing(world: World, path: str) -> None:
    answer = read(path)

    policy = answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert "frame-ancestors *" in policy
    assert "form-action 'none'" in policy
    assert "script-src" not in policy
    assert Page(answer.text).all("script", "form", "input") == []


@pytest.mark.parametrize(
    "path",
    [
        f"/en/{SLUG}",
        f"/en/{SLUG}/share",
        f"/en/{SLUG}/poster",
        f"/en/{SLUG}/card.png",
        "/embed/no-such-petition",
        "/embed/no-such-petition/en",
        f"/embed/{SLUG}/xx",
    ],
)
def test_nothing_else_may_be_framed(drawn: World, path: str) -> None:
    answer = read(path)

    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_the_card_shows_the_public_count_and_opens_the_petition_beside_it(world: World) -> None:
    for number in range(7):
        world.sign_and_confirm(email=f"signer{number}@example.org")

    page = Page(read(f"/embed/{SLUG}/en").text)

    assert page.one("h1").text == "Open the door"
    assert "At least 5 people have signed" in page.text
    assert page.one("rect")["width"] == "50"
    assert "The next goal is 10." in page.text
    button = page.one("a")
    assert (button["href"], button["target"]) == (f"/en/{SLUG}", "_blank")
    assert button["rel"] == "noopener noreferrer"


@pytest.mark.parametrize(
    ("accepted", "language"), [("be-BY,be;q=0.9,en;q=0.1", "be"), ("de", "en"), ("", "en")]
)
def test_a_card_without_a_language_is_in_the_readers_own(
    world: World, accepted: str, language: str
) -> None:
    answer = read(f"/embed/{SLUG}", {"Accept-Language": accepted})

    assert Page(answer.text).one("html")["lang"] == language
    assert answer.headers["Vary"] == "Accept-Language"


def test_a_card_in_a_language_that_the_petition_lacks_is_in_its_first(world: World) -> None:
    world.publish(builders.petition(texts={"ru": builders.petition_text()}))

    assert Page(read(f"/embed/{SLUG}/be").text).one("html")["lang"] == "ru"
    assert Page(read(f"/embed/{SLUG}", {"Accept-Language": "be"}).text).one("html")["lang"] == "ru"


# The picture.


@pytest.mark.parametrize("accept", [None, "*/*", "text/html,image/webp,*/*;q=0.8", "image/png"])
def test_the_picture_comes_as_bytes_whatever_the_reader_says_to_take(
    drawn: World, accept: str | None
) -> None:
    answer = read(f"/be/{SLUG}/card.png", {"Accept": accept} if accept else None)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert base64.b64decode(answer.text).startswith(PNG)


def test_the_picture_may_be_shown_anywhere_and_is_kept_by_the_cdn_for_a_day(drawn: World) -> None:
    answer = read(f"/en/{SLUG}/card.png")
    again = read(f"/en/{SLUG}/card.png", {"If-None-Match": answer.headers["ETag"]})

    assert "s-maxage=86400" in answer.headers["Cache-Control"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert (again.status, again.text) == (304, "")


def test_head_tells_of_the_picture_without_sending_it(drawn: World) -> None:
    got, asked = (knock(method, f"/en/{SLUG}/card.png") for method in ("GET", "HEAD"))

    assert asked.text == ""
    assert (asked.status, asked.headers) == (got.status, got.headers)


@pytest.mark.parametrize("path", [f"/en/{SLUG}/card.png", "/en/no-such-petition/card.png"])
def test_a_picture_that_is_not_there_is_a_page_that_says_so(world: World, path: str) -> None:
    answer = read(path)

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_petition_tells_networks_what_to_show_beside_its_link(
    drawn: World, language: str
) -> None:
    html = read(f"/{language}/{SLUG}").text
    told = {
        meta.get("property") or meta.get("name"): meta["content"]
        for meta in Page(html).all("meta")
        if meta.get("content")
    }
    title = builders.petition().text(language).title

    assert told["og:title"] == told["og:image:alt"] == title
    assert told["og:description"] == told["description"]
    assert told["og:url"] == f"{PUBLIC_URL}/{language}/{SLUG}"
    assert told["og:image"] == f"{PUBLIC_URL}/{language}/{SLUG}/card.png"
    assert (told["og:image:width"], told["og:image:height"]) == tuple(map(str, preview_images.SIZE))
    assert (told["og:type"], told["twitter:card"]) == ("website", "summary_large_image")
    assert read(told["og:image"].removeprefix(PUBLIC_URL)).status == 200


def test_no_other_page_carries_what_networks_show(drawn: World) -> None:
    for path in ("/en", "/en/privacy", f"/en/{SLUG}/share", f"/embed/{SLUG}/en"):
        assert "og:" not in read(path).text, path


# Scripts.


def test_a_script_is_kept_for_ever_under_a_name_that_changes_with_it(world: World) -> None:
    address = assets.static("page.js")

    answer = read(address)

    assert re.fullmatch(r"/static/page-[0-9a-f]{12}\.js", address)
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["page.js", "page-000000000000.js", "style.css", "languages.json"])
def test_nothing_but_scripts_by_their_served_names_is_there(world: World, name: str) -> None:
    assert read(urls.static(name)).status == 404


def test_a_page_may_run_the_scripts_that_it_loads_and_no_other(world: World) -> None:
    answer = read(f"/en/{SLUG}")

    loaded = [PUBLIC_URL + script["src"] for script in Page(answer.text).all("script")]
    [allowed] = re.findall(r"script-src ([^;]+)", answer.headers["Content-Security-Policy"])
    assert loaded == allowed.split() == [PUBLIC_URL + assets.static("page.js")]
    assert all("defer" in script.attributes for script in Page(answer.text).all("script"))
