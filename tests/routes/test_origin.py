"""Only the CDN comes in by the API's own address, and only it is believed about its visitors."""

from hashlib import sha256
from urllib.parse import urlencode

import pytest

from tests import builders
from tests.routes.markup import Page
from tests.routes.requests import FORMS, OWN_PAGE, SLUG, knock, read, send
from tests.world import World

OLD, NEW = "o" * 43, "n" * 43


def digest(secret: str) -> str:
    """What the functions know of a secret."""
    return sha256(secret.encode()).hexdigest()


@pytest.fixture
def behind(world: World) -> World:
    """The service behind a CDN that shows NEW, while OLD is still accepted."""
    world.publish_update()
    world.environment["ZAKLIK_ORIGIN_DIGESTS"] = f"{digest(OLD)}, {digest(NEW)}"
    world.restart()
    return world


@pytest.mark.parametrize("shown", [{}, {"X-Zaklik-Origin": ""}, {"X-Zaklik-Origin": "x" * 43}])
@pytest.mark.parametrize("path", [f"/en/{SLUG}", "/", f"/api/petitions/{SLUG}", "/en/confirm/AAAA"])
def test_who_does_not_show_the_secret_is_refused(
    behind: World, path: str, shown: dict[str, str]
) -> None:
    answer = read(path, shown)

    assert answer.status == 403
    assert answer.headers["Cache-Control"] == "no-store"
    assert Page(answer.text).one("h1").text == "This is not our address"


def test_a_digest_is_no_secret(behind: World) -> None:
    assert read(f"/en/{SLUG}", {"X-Zaklik-Origin": digest(NEW)}).status == 403


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_who_shows_a_secret_is_let_in(behind: World, secret: str) -> None:
    assert read(f"/en/{SLUG}", {"X-Zaklik-Origin": secret}).status == 200


def test_a_form_that_goes_round_the_cdn_leaves_nothing_behind(behind: World) -> None:
    before = behind.stored_items("petitions")

    answer = send(FORMS[0], builders.sign_form())

    assert answer.status == 403
    assert behind.stored_items("petitions") == before
    assert behind.deliver_messages() == 0


def test_nobody_is_asked_for_a_secret_where_there_is_no_cdn(world: World) -> None:
    world.publish()

    assert read(f"/en/{SLUG}").status == 200


@pytest.mark.parametrize(
    ("one", "other", "counted"),
    [
        ("203.0.113.7:51324", "203.0.113.8:443", 1),
        ("203.0.113.7:51324", "203.0.114.8:443", 2),
        ("2001:db8:0:1::5:51324", "2001:db8:0:1:ffff::6:443", 1),
        ("2001:db8:0:1::5:51324", "2001:db8:0:2::5:51324", 2),
    ],
)
def test_networks_are_told_apart_by_what_the_cdn_says(
    behind: World, one: str, other: str, counted: int
) -> None:
    for viewer in (one, other):
        knock(
            "POST",
            FORMS[0],
            body=urlencode(builders.sign_form(email=f"{viewer[-1]}@example.org")).encode(),
            headers={
                **OWN_PAGE,
                "X-Zaklik-Origin": NEW,
                "CloudFront-Viewer-Address": viewer,
                "X-Forwarded-For": "192.0.2.1",
            },
            client="130.176.0.1",
        )

    networks = [
        item for item in behind.stored_items("petitions") if item["pk"].startswith("limit#posts#")
    ]
    assert len(networks) == counted


def test_a_network_that_goes_round_the_cdn_cannot_be_made_up(world: World) -> None:
    world.publish()
    for viewer in ("203.0.113.7:1", "203.0.114.7:1"):
        send(FORMS[0], builders.sign_form(), {**OWN_PAGE, "CloudFront-Viewer-Address": viewer})

    networks = [
        item for item in world.stored_items("petitions") if item["pk"].startswith("limit#posts#")
    ]
    assert len(networks) == 1
