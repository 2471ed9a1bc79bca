"""Mailed links: each works for its purpose only, and a bad one never says what is wrong with it."""

from datetime import timedelta

import pytest

from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain import fraud_signals
from tests import builders
from tests.routes.markup import Page
from tests.routes.requests import SLUG, Answer, read, send
from tests.world import World

DOORS = {
    Purpose.CONFIRM_SIGNATURE: "confirm",
    Purpose.CONFIRM_ALERTS: "confirm-alerts",
    Purpose.MANAGE: "manage",
    Purpose.BLOCK: "block",
    Purpose.UNSUBSCRIBE: "unsubscribe",
}
CLAIMS = {
    "slug": SLUG,
    "language": "en",
    "name": "Hanna",
    "email": "hanna@example.org",
    "country": "PL",
    "alerts": True,
    "signals": fraud_signals.to_marks([]),
    "index": "3f" * 16,
    "signature": "3f" * 16,
    "subscriber": "3b" * 16,
    "person": "9a" * 16,
}


def _token(world: World, purpose: Purpose) -> str:
    return tokens.issue(world.services.secrets.token_keys, purpose, CLAIMS, world.clock.now())


def _both(path: str) -> tuple[Answer, Answer]:
    # Only one's own page reads what is sent.
    return read(path), send(path, {"do": "delete"})


def _left_behind(world: World) -> list[object]:
    return [*world.signatures(), *world.subscriptions()]


@pytest.mark.parametrize("purpose", DOORS)
def test_a_good_link_works(world: World, purpose: Purpose) -> None:
    looked, done = _both(f"/en/{DOORS[purpose]}/{_token(world, purpose)}")

    assert (looked.status, done.status) == (200, 200)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_opens_no_other_door(world: World, purpose: Purpose, door: Purpose) -> None:
    if purpose is door:
        return
    answers = _both(f"/en/{DOORS[door]}/{_token(world, purpose)}")

    assert [answer.status for answer in answers] == [404, 404]
    assert _left_behind(world) == []


@pytest.mark.parametrize("purpose", DOORS)
def test_all_bad_links_get_the_same_page(world: World, purpose: Purpose) -> None:
    good = _token(world, purpose)
    elsewhere = tokens.issue(builders.token_keys(), purpose, CLAIMS, world.clock.now())
    bad = {
        "cut": good[:-5],
        "cut to one letter": good[:1],
        "cut to its nonce": good[:17],
        "one letter changed": good[:40] + ("A" if good[40] != "A" else "B") + good[41:],
        "of a key that is gone": "_w" + good[2:],
        "forged with another key": elsewhere,
        "longer": good + "A" * 4,
        "far too long": "A" * 5_000,
        "twice": good + good,
        "made up": "AAAA",
        "not of our alphabet": "%D1%8B%00%FF",
        "with spaces": "%20" + good,
    }

    paths = [f"/en/{DOORS[purpose]}/{token}" for token in bad.values()]
    pages = {answer.text for path in paths for answer in _both(path)}

    [page] = pages
    assert Page(page).one("h1").text == "This link does not work"
    assert "AAAA" not in page
    assert _left_behind(world) == []


@pytest.mark.parametrize("language", ["be", "ru"])
def test_a_bad_link_is_explained_in_the_language_of_its_address(
    world: World, language: str
) -> None:
    page = Page(read(f"/{language}/confirm/AAAA").text)

    assert page.one("html")["lang"] == language
    assert not page.one("h1").text.isascii()


@pytest.mark.parametrize(
    "purpose",
    [Purpose.CONFIRM_SIGNATURE, Purpose.CONFIRM_ALERTS, Purpose.MANAGE],
)
def test_a_link_works_to_the_end_of_its_life_and_no_longer(world: World, purpose: Purpose) -> None:
    path = f"/en/{DOORS[purpose]}/{_token(world, purpose)}"
    life = timedelta(days=world.services.settings.link_days)

    world.clock.moment += life
    alive = read(path)
    world.clock.moment += timedelta(seconds=1)
    expired = _both(path)

    assert alive.status == 200
    assert [answer.status for answer in expired] == [410, 410]
    assert Page(expired[0].text).one("h1").text == "This link has expired"
    assert _left_behind(world) == []


@pytest.mark.parametrize(
    "pending", ["", "AAAA", "ы", "%00", "A" * 5_000], ids=["none", "made up", "odd", "zero", "long"]
)
def test_a_code_without_its_page_confirms_nothing(world: World, pending: str) -> None:
    answer = send(f"/en/{SLUG}/code", {"pending": pending, "code": "ABCD EFGH"})

    assert answer.status == 404
    assert _left_behind(world) == []


def test_a_code_confirms_nothing_on_another_petition(world: World) -> None:
    world.publish(builders.petition(slug="window"))
    pending = _token(world, Purpose.PENDING)
    code = tokens.code_for(world.services.secrets.token_keys, pending)

    answer = send("/en/window/code", {"pending": pending, "code": code})

    assert answer.status == 404
    assert world.stored_items("signatures") == []


def test_codes_cannot_be_guessed_faster_than_a_network_may_post(world: World) -> None:
    world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "3"
    world.restart()
    pending = _token(world, Purpose.PENDING)
    code = tokens.code_for(world.services.secrets.token_keys, pending)

    for _ in range(3):
        send(f"/en/{SLUG}/code", {"pending": pending, "code": "AAAA AAAA"})
    answer = send(f"/en/{SLUG}/code", {"pending": pending, "code": code})

    page = Page(answer.text)
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "3600"
    assert page.field("code")["value"] == code
    assert {e["value"] for e in page.all("input") if e["name"] == "pending"} == {pending}
    assert _left_behind(world) == []
