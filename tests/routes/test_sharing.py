"""Sharing a petition: share page, poster, embedded card, preview image, scripts."""

import base64
import re
from datetime import UTC, datetime
from html import unescape

import pytest

from chalicelib.rendering import assets, urls
from chalicelib.usecases.petitions import publishing
from ops.content import preview_images
from tests import builders
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, call, get
from tests.world import World

LANGUAGES = ("en", "be", "ru")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def with_images(world: World) -> World:
    """The service with one published petition and its preview images."""
    publishing.publish_preview_images(
        world.services, SLUG, preview_images.draw_all(builders.petition())
    )
    return world


# The share page.


def test_the_petition_and_the_thank_you_page_link_to_the_share_page(world: World) -> None:
    def links(html: str) -> list[str]:
        return [link["href"] for link in ParsedPage(html).all("a")]

    world.sign()
    world.deliver_all()

    assert f"/en/{SLUG}/share" in links(get(f"/en/{SLUG}").text)
    assert f"/en/{SLUG}/share" in links(world.post(world.link(), {}).body.decode())


def test_the_link_can_be_copied_without_a_script(world: World) -> None:
    page = ParsedPage(get(f"/be/{SLUG}/share").text)

    [ready, _] = page.all("textarea")
    [link] = page.all("input")
    assert ready.text.endswith(link["value"])
    assert link["value"] == f"{PUBLIC_URL}/be/{SLUG}"
    assert "readonly" in link.attributes
    # The script shows the buttons that need it.
    assert all("hidden" in button.attributes for button in page.all("button"))


def test_the_embed_code_is_valid_html_and_frames_the_card(world: World) -> None:
    title = 'A "door" & more'
    world.publish(builders.petition(texts={"en": builders.petition_text(title=title)}))

    [_, embed] = ParsedPage(get(f"/en/{SLUG}/share").text).all("textarea")
    frame = ParsedPage(embed.text).one("iframe")

    assert frame["src"] == f"{PUBLIC_URL}/embed/{SLUG}/en"
    assert unescape(frame["title"]) == title
    assert frame["referrerpolicy"] == "no-referrer"


def test_every_address_for_programs_on_the_share_page_works(with_update: World) -> None:
    page = ParsedPage(get(f"/ru/{SLUG}/share").text)
    addresses = [link["href"] for link in page.all("a") if link["href"].startswith(PUBLIC_URL)]

    statuses = {get(address.removeprefix(PUBLIC_URL)).status for address in addresses}

    assert len(addresses) == 4
    assert statuses == {200}


# The poster.


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_poster_names_title_target_demands_and_address(world: World, language: str) -> None:
    text = builders.petition().text(language)

    page = ParsedPage(get(f"/{language}/{SLUG}/poster").text)

    assert page.one("h1").text == text.title
    assert text.target in page.text
    assert [item.text for item in page.all("li")] == [demand.heading for demand in text.demands]
    assert f"zaklik.example/{language}/{SLUG}" in page.text


@pytest.mark.parametrize(
    ("moment", "call_to_act", "step"),
    [
        (
            datetime(2025, 12, 1, tzinfo=UTC),
            "You can sign from 1 January 2026",
            "Read the petition",
        ),
        (datetime(2026, 3, 9, tzinfo=UTC), "A petition. Read it. Sign it.", "Read and sign"),
        (
            datetime(2027, 1, 1, tzinfo=UTC),
            "This petition closed on 31 December 2026",
            "Read the petition",
        ),
    ],
)
def test_the_poster_asks_to_sign_only_while_one_can(
    world: World, moment: datetime, call_to_act: str, step: str
) -> None:
    world.clock.moment = moment

    page = ParsedPage(get(f"/en/{SLUG}/poster").text)

    words = {e["class"]: e.text for e in page.all("p") if e.get("class") in ("call", "read")}
    assert words == {"call": call_to_act, "read": step}


@pytest.mark.parametrize("page", ["share", "poster"])
def test_the_qr_code_has_a_label_and_a_white_background(world: World, page: str) -> None:
    html = get(f"/en/{SLUG}/{page}").text

    [code] = [e for e in ParsedPage(html).all("div") if e.get("role") == "img"]
    assert "QR code" in code["aria-label"]
    assert '<path fill="#fff"' in html


def test_a_long_title_has_smaller_letters_on_the_poster(world: World) -> None:
    def size(title: str) -> str:
        world.publish(builders.petition(texts={"en": builders.petition_text(title=title)}))
        return ParsedPage(get(f"/en/{SLUG}/poster").text).one("main")["class"]

    sizes = [size("Open the door " * count) for count in (1, 25, 40)]

    assert sizes == ["sheet large", "sheet medium", "sheet small"]


# The embedded card.


@pytest.mark.parametrize("path", [f"/embed/{SLUG}", f"/embed/{SLUG}/en"])
def test_the_card_may_be_framed_by_every_site_and_has_no_script_or_form(
    world: World, path: str
) -> None:
    response = get(path)

    policy = response.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in response.headers
    assert "frame-ancestors *" in policy
    assert "form-action 'none'" in policy
    assert "script-src" not in policy
    assert ParsedPage(response.text).all("script", "form", "input") == []


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
def test_no_other_page_may_be_framed(with_images: World, path: str) -> None:
    response = get(path)

    assert response.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_the_card_shows_the_public_count_and_opens_the_petition_in_a_new_tab(world: World) -> None:
    world.raise_tally(PL=7)
    world.set_figures()

    page = ParsedPage(get(f"/embed/{SLUG}/en").text)

    assert page.one("h1").text == "Open the door"
    assert "At least 5 people have signed" in page.text
    assert page.one("rect")["width"] == "50"
    assert "The next goal is 10." in page.text
    button = page.one("a")
    assert (button["href"], button["target"]) == (f"/en/{SLUG}", "_blank")
    assert button["rel"] == "noopener noreferrer"


def test_the_card_of_a_closed_petition_says_when_it_closed_with_the_last_number(
    world: World,
) -> None:
    world.raise_tally(PL=7)
    world.set_figures()
    world.clock.moment = world.clock.moment.replace(year=2027)

    page = ParsedPage(get(f"/embed/{SLUG}/en").text)

    assert "At least 5 people have signed" in page.text
    assert "This petition closed on 31 December 2026" in page.text
    assert page.one("a").text == "Read the petition"
    assert "next goal" not in page.text
    assert page.all("rect") == []


def test_the_card_of_a_petition_that_is_not_open_yet_says_from_when_one_can_sign(
    world: World,
) -> None:
    world.clock.moment = world.clock.moment.replace(year=2025)

    page = ParsedPage(get(f"/embed/{SLUG}/en").text)

    assert "You can sign from 1 January 2026" in page.text
    assert page.one("a").text == "Read the petition"


@pytest.mark.parametrize(
    ("accepted", "language"), [("be-BY,be;q=0.9,en;q=0.1", "be"), ("de", "en"), ("", "en")]
)
def test_a_card_without_a_language_is_in_the_browsers(
    world: World, accepted: str, language: str
) -> None:
    response = get(f"/embed/{SLUG}", {"Accept-Language": accepted})

    assert ParsedPage(response.text).one("html")["lang"] == language
    assert response.headers["Vary"] == "Accept-Language"


def test_a_card_without_the_language_is_in_the_first_of_the_petition(world: World) -> None:
    world.publish(builders.petition(texts={"ru": builders.petition_text()}))

    assert ParsedPage(get(f"/embed/{SLUG}/be").text).one("html")["lang"] == "ru"
    assert (
        ParsedPage(get(f"/embed/{SLUG}", {"Accept-Language": "be"}).text).one("html")["lang"]
        == "ru"
    )


# The preview image.


@pytest.mark.parametrize("accept", [None, "*/*", "text/html,image/webp,*/*;q=0.8", "image/png"])
def test_the_image_is_sent_as_bytes_for_every_accept_header(
    with_images: World, accept: str | None
) -> None:
    response = get(f"/be/{SLUG}/card.png", {"Accept": accept} if accept else None)

    assert response.status == 200
    assert response.headers["Content-Type"] == "image/png"
    assert base64.b64decode(response.text).startswith(PNG)


def test_the_image_may_be_shown_by_every_site_and_is_cached_for_a_day(with_images: World) -> None:
    response = get(f"/en/{SLUG}/card.png")
    again = get(f"/en/{SLUG}/card.png", {"If-None-Match": response.headers["ETag"]})

    assert "s-maxage=86400" in response.headers["Cache-Control"]
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert (again.status, again.text) == (304, "")


def test_head_of_the_image_is_get_without_the_body(with_images: World) -> None:
    full, head = (call(method, f"/en/{SLUG}/card.png") for method in ("GET", "HEAD"))

    assert head.text == ""
    assert (head.status, head.headers) == (full.status, full.headers)


@pytest.mark.parametrize("path", [f"/en/{SLUG}/card.png", "/en/no-such-petition/card.png"])
def test_a_missing_image_gets_the_not_found_page(world: World, path: str) -> None:
    response = get(path)

    assert response.status == 404
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_petition_has_metadata_for_link_previews(with_images: World, language: str) -> None:
    html = get(f"/{language}/{SLUG}").text
    metadata = {
        meta.get("property") or meta.get("name"): meta["content"]
        for meta in ParsedPage(html).all("meta")
        if meta.get("content")
    }
    title = builders.petition().text(language).title

    assert metadata["og:title"] == metadata["og:image:alt"] == title
    assert metadata["og:description"] == metadata["description"]
    assert metadata["og:url"] == f"{PUBLIC_URL}/{language}/{SLUG}"
    assert metadata["og:image"] == f"{PUBLIC_URL}/{language}/{SLUG}/card.png"
    assert (metadata["og:image:width"], metadata["og:image:height"]) == tuple(
        map(str, preview_images.SIZE)
    )
    assert (metadata["og:type"], metadata["twitter:card"]) == ("website", "summary_large_image")
    assert get(metadata["og:image"].removeprefix(PUBLIC_URL)).status == 200


def test_no_other_page_has_metadata_for_link_previews(with_images: World) -> None:
    for path in ("/en", "/en/privacy", f"/en/{SLUG}/share", f"/embed/{SLUG}/en"):
        assert "og:" not in get(path).text, path


# Scripts.


def test_a_script_is_immutable_under_a_name_with_its_hash(world: World) -> None:
    address = assets.static("page.js")

    response = get(address)

    assert re.fullmatch(r"/static/page-[0-9a-f]{12}\.js", address)
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["page.js", "page-000000000000.js", "style.css", "languages.json"])
def test_only_scripts_with_their_hashed_names_are_served(world: World, name: str) -> None:
    assert get(urls.static(name)).status == 404


def test_a_page_may_run_only_the_scripts_that_it_loads(world: World) -> None:
    response = get(f"/en/{SLUG}")

    loaded = [PUBLIC_URL + script["src"] for script in ParsedPage(response.text).all("script")]
    [allowed] = re.findall(r"script-src ([^;]+)", response.headers["Content-Security-Policy"])
    assert loaded == allowed.split() == [PUBLIC_URL + assets.static("page.js")]
    assert all("defer" in script.attributes for script in ParsedPage(response.text).all("script"))
