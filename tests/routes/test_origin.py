"""The origin secret: only the CDN reaches the API, and only its client addresses are trusted."""

from hashlib import sha256
from urllib.parse import urlencode

import pytest

from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import FORMS, SAME_ORIGIN, SLUG, call, get, post
from tests.world import World

OLD, NEW = "o" * 43, "n" * 43


def digest(secret: str) -> str:
    """The digest of a secret, as in the settings."""
    return sha256(secret.encode()).hexdigest()


@pytest.fixture
def behind_cdn(world: World) -> World:
    """The service behind a CDN that sends NEW, while OLD is still accepted."""
    world.publish_update()
    world.environment["ZAKLIK_ORIGIN_DIGESTS"] = f"{digest(OLD)}, {digest(NEW)}"
    world.restart()
    return world


@pytest.mark.parametrize("headers", [{}, {"X-Zaklik-Origin": ""}, {"X-Zaklik-Origin": "x" * 43}])
@pytest.mark.parametrize("path", [f"/en/{SLUG}", "/", f"/api/petitions/{SLUG}", "/en/confirm/AAAA"])
def test_a_request_without_the_secret_is_refused(
    behind_cdn: World, path: str, headers: dict[str, str]
) -> None:
    response = get(path, headers)

    assert response.status == 403
    assert response.headers["Cache-Control"] == "no-store"
    assert ParsedPage(response.text).one("h1").text == "This is not our address"


def test_the_digest_is_not_accepted_as_the_secret(behind_cdn: World) -> None:
    assert get(f"/en/{SLUG}", {"X-Zaklik-Origin": digest(NEW)}).status == 403


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_a_request_with_an_accepted_secret_is_answered(behind_cdn: World, secret: str) -> None:
    assert get(f"/en/{SLUG}", {"X-Zaklik-Origin": secret}).status == 200


def test_a_form_without_the_secret_stores_nothing(behind_cdn: World) -> None:
    before = behind_cdn.stored_items("limits")

    response = post(FORMS[0], builders.sign_form())

    assert response.status == 403
    assert behind_cdn.stored_items("limits") == before
    assert behind_cdn.deliver_messages() == 0


def test_no_secret_is_needed_without_a_cdn(world: World) -> None:
    world.publish()

    assert get(f"/en/{SLUG}").status == 200


@pytest.mark.parametrize(
    ("one", "other", "counted"),
    [
        ("203.0.113.7:51324", "203.0.113.8:443", 1),
        ("203.0.113.7:51324", "203.0.114.8:443", 2),
        ("2001:db8:0:1::5:51324", "2001:db8:0:1:ffff::6:443", 1),
        ("2001:db8:0:1::5:51324", "2001:db8:0:2::5:51324", 1),
        ("2001:db8:0:1::5:51324", "2001:db8:1:1::5:51324", 2),
    ],
)
def test_networks_are_those_of_the_header_of_the_cdn(
    behind_cdn: World, one: str, other: str, counted: int
) -> None:
    for viewer in (one, other):
        call(
            "POST",
            FORMS[0],
            body=urlencode(builders.sign_form(email=f"{viewer[-1]}@example.org")).encode(),
            headers={
                **SAME_ORIGIN,
                "X-Zaklik-Origin": NEW,
                "CloudFront-Viewer-Address": viewer,
                "X-Forwarded-For": "192.0.2.1",
            },
            client="130.176.0.1",
        )

    networks = [
        item for item in behind_cdn.stored_items("limits") if item["pk"].startswith("limit#posts#")
    ]
    assert len(networks) == counted


def test_the_header_of_the_cdn_is_ignored_without_a_cdn(world: World) -> None:
    world.publish()
    for viewer in ("203.0.113.7:1", "203.0.114.7:1"):
        post(FORMS[0], builders.sign_form(), {**SAME_ORIGIN, "CloudFront-Viewer-Address": viewer})

    networks = [
        item for item in world.stored_items("limits") if item["pk"].startswith("limit#posts#")
    ]
    assert len(networks) == 1
