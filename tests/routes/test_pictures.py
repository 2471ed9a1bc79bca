"""The picture of a petition: its address, its headers, and the pages that show it."""

import base64
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from chalicelib.domain.petitions.picture import MediaType, Picture, digest_of
from chalicelib.rendering import urls
from chalicelib.usecases.petitions import publishing
from ops.content import preview_images
from tests import builders
from tests.builders import DRAWING, PICTURE
from tests.in_process_service import PUBLIC_URL
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, call, get
from tests.world import World

ADDRESS = urls.picture(SLUG, PICTURE.file_name)
ALT, CREDIT = "A yellow door in a dark wall", "Drawing: Door Watch"
WITH_PICTURE = (f"/en/{SLUG}/poster", f"/embed/{SLUG}/en")
WITHOUT = (f"/en/{SLUG}/share", f"/en/{SLUG}/subscribe", "/en/privacy", "/en/no-such-petition")


@pytest.fixture
def pictured(world: World) -> World:
    """The service with one petition, which has a picture."""
    publishing.publish_petition(world.services, builders.with_picture(), picture=DRAWING)
    return world


def photograph() -> tuple[Picture, bytes]:
    file = io.BytesIO()
    Image.radial_gradient("L").resize((800, 320)).convert("RGB").save(file, "JPEG")
    content = file.getvalue()
    picture = Picture(media_type=MediaType.JPG, digest=digest_of(content), width=800, height=320)
    return picture, content


def test_the_picture_is_sent_as_bytes_that_never_change(pictured: World) -> None:
    response = get(ADDRESS)

    assert response.status == 200
    assert base64.b64decode(response.text) == DRAWING
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_picture_that_is_opened_by_itself_runs_and_loads_nothing(pictured: World) -> None:
    policy = str(get(ADDRESS).headers["Content-Security-Policy"])

    assert policy.split("; ", maxsplit=1)[0] == "default-src 'none'"
    assert "sandbox" in policy.split("; ")
    assert "-src" not in policy.replace("default-src", "")


def test_a_browser_that_has_the_picture_is_not_sent_it_again(pictured: World) -> None:
    first = get(ADDRESS)
    again = get(ADDRESS, {"If-None-Match": first.headers["ETag"]})

    assert (again.status, again.text) == (304, "")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_head_of_the_picture_is_get_without_the_body(pictured: World) -> None:
    full, head = (call(method, ADDRESS) for method in ("GET", "HEAD"))

    assert (head.status, head.headers, head.text) == (full.status, full.headers, "")


@pytest.mark.parametrize(
    "path",
    [
        urls.picture(SLUG, "0123456789abcdef.svg"),
        urls.picture(SLUG, PICTURE.file_name.replace(".svg", ".png")),
        urls.picture(SLUG, PICTURE.file_name.replace(".svg", ".html")),
        urls.picture(SLUG, PICTURE.digest),
        urls.picture("shut-door", PICTURE.file_name),
    ],
)
def test_no_other_address_has_a_picture(pictured: World, path: str) -> None:
    response = get(path)

    assert response.status == 404
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", WITH_PICTURE)
def test_a_page_shows_the_picture_with_what_it_shows_and_who_made_it(
    pictured: World, path: str
) -> None:
    response = get(path)

    figure = ParsedPage(response.text).one("img")
    assert figure.attributes == {
        "src": ADDRESS,
        "width": "1200",
        "height": "480",
        "alt": ALT,
        "decoding": "async",
        "fetchpriority": "high",
    }
    assert ParsedPage(response.text).one("figcaption").text == CREDIT


@pytest.mark.parametrize("path", [f"/en/{SLUG}", "/en", *WITH_PICTURE])
def test_only_pages_with_a_picture_may_load_one(pictured: World, path: str) -> None:
    def allowed(path: str) -> list[str]:
        return re.findall(r"img-src ([^;]+)", str(get(path).headers["Content-Security-Policy"]))

    assert allowed(path) == ["'self' data:"]
    assert all(allowed(other) == ["data:"] for other in WITHOUT)
    publishing.publish_petition(pictured.services, builders.petition())
    assert allowed(path) == ["data:"]
    assert ParsedPage(get(path).text).all("img", "figure") == []


def test_the_code_to_embed_leaves_room_for_the_picture(pictured: World) -> None:
    def height() -> int:
        areas = ParsedPage(get(f"/en/{SLUG}/share").text).all("textarea")
        [code] = [area.text for area in areas if area["id"] == "embed"]
        return int(ParsedPage(code).one("iframe")["height"])

    with_picture = height()
    publishing.publish_petition(pictured.services, builders.petition())

    assert with_picture > height()


def test_programs_learn_where_the_picture_is(pictured: World) -> None:
    described = json.loads(get(f"/api/petitions/{SLUG}").text)["picture"]
    feed = ET.fromstring(get(f"/en/{SLUG}/feed.atom").text)  # noqa: S314 - our own

    assert described["url"] == PUBLIC_URL + ADDRESS
    assert described["alt"] == dict.fromkeys(("en", "be", "ru"), ALT)
    assert feed.findtext("{http://www.w3.org/2005/Atom}logo") == PUBLIC_URL + ADDRESS


def test_programs_learn_that_there_is_no_picture(world: World) -> None:
    assert json.loads(get(f"/api/petitions/{SLUG}").text)["picture"] is None
    assert "<logo>" not in get(f"/en/{SLUG}/feed.atom").text


def test_the_link_of_a_petition_with_a_photograph_is_shown_with_a_jpeg(world: World) -> None:
    picture, content = photograph()
    petition = replace(builders.with_picture(), picture=picture)
    publishing.publish_petition(world.services, petition, picture=content)
    images = preview_images.draw_all(petition, content)
    publishing.publish_preview_images(world.services, SLUG, images)

    html = get(f"/be/{SLUG}").text

    [address] = re.findall(r'og:image" content="([^"]+)"', html)
    assert address == f"{PUBLIC_URL}/be/{SLUG}/card.jpg"
    response = get(address.removeprefix(PUBLIC_URL))
    assert response.headers["Content-Type"] == "image/jpeg"
    assert len(base64.b64decode(response.text)) <= preview_images.MOST_BYTES
