"""Mailed links: each works for its own purpose, and all invalid ones get the same page."""

from datetime import timedelta

import pytest

from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain import fraud_signals
from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import SLUG, ApiResponse, get, post
from tests.world import World

LINK_KINDS = {
    Purpose.CONFIRM_SIGNATURE: "confirm",
    Purpose.CONFIRM_ALERTS: "confirm-alerts",
    Purpose.MANAGE: "manage",
    Purpose.BLOCK: "block",
    Purpose.UNSUBSCRIBE: "unsubscribe",
}
PERMANENT = {Purpose.BLOCK, Purpose.UNSUBSCRIBE}
"""Purposes whose links never expire. Their keys are others."""
CLAIMS = {
    "slug": SLUG,
    "language": "en",
    "name": "Hanna",
    "email": "hanna@example.org",
    "country": "PL",
    "alerts": True,
    "frequency": "each",
    "signals": fraud_signals.to_marks([]),
    "index": "013f" + "0" * 30,
    "signature": "013f" + "0" * 30,
    "subscriber": "013b" + "0" * 30,
}


def _token(world: World, purpose: Purpose) -> str:
    secrets = world.services.secrets
    keys = secrets.permanent_token_keys if purpose in PERMANENT else secrets.token_keys
    return tokens.issue(keys, purpose, CLAIMS, world.clock.now())


def _get_and_post(path: str) -> tuple[ApiResponse, ApiResponse]:
    # Only the own page reads the fields.
    return get(path), post(path, {"do": "delete"})


def _stored(world: World) -> list[object]:
    return [*world.signatures(), *world.subscriptions()]


@pytest.mark.parametrize("purpose", LINK_KINDS)
def test_a_valid_link_works(world: World, purpose: Purpose) -> None:
    page, action = _get_and_post(f"/en/{LINK_KINDS[purpose]}/{_token(world, purpose)}")

    assert (page.status, action.status) == (200, 200)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_works_for_no_other_purpose(world: World, purpose: Purpose) -> None:
    token = _token(world, purpose)
    for kind in LINK_KINDS.keys() - {purpose}:
        responses = _get_and_post(f"/en/{LINK_KINDS[kind]}/{token}")

        assert [response.status for response in responses] == [404, 404], kind
        assert _stored(world) == []


@pytest.mark.parametrize("purpose", LINK_KINDS)
def test_all_invalid_links_get_the_same_page(world: World, purpose: Purpose) -> None:
    token = _token(world, purpose)
    elsewhere = tokens.issue(builders.token_keys(), purpose, CLAIMS, world.clock.now())
    invalid = {
        "cut": token[:-5],
        "cut to one character": token[:1],
        "cut to its nonce": token[:17],
        "one character changed": token[:40] + ("A" if token[40] != "A" else "B") + token[41:],
        "of an unknown key": "_w" + token[2:],
        "forged with another key": elsewhere,
        "extended": token + "A" * 4,
        "far too long": "A" * 5_000,
        "doubled": token + token,
        "made up": "AAAA",
        "not base64url": "%D1%8B%00%FF",
    }

    paths = [f"/en/{LINK_KINDS[purpose]}/{token}" for token in invalid.values()]
    pages = {response.text for path in paths for response in _get_and_post(path)}

    [page] = pages
    assert ParsedPage(page).one("h1").text == "This link does not work"
    assert "AAAA" not in page
    assert _stored(world) == []


@pytest.mark.parametrize(
    "after",
    [
        *[
            ".",
            ",",
            ";",
            ":",
            "!",
            "%3F",
            ")",
            "%3E",
            "]",
            "%22",
            "'",
            "%C2%BB",
            "=",
            "_",
            "-",
            "*",
        ],
        *["%20", "%0D%0A", "%2520", "%E2%80%8B", "%EF%BB%BF", "&amp;utm_source=mail", "?fbclid=A"],
    ],
)
@pytest.mark.parametrize("purpose", LINK_KINDS)
def test_a_link_works_with_what_a_mail_program_leaves_after_it(
    world: World, purpose: Purpose, after: str
) -> None:
    token = _token(world, purpose)

    response = get(f"/en/{LINK_KINDS[purpose]}/{token}{after}")

    assert response.status == 200
    assert get(f"/en/{LINK_KINDS[purpose]}/{token}").status == 200


@pytest.mark.parametrize("between", ["%0A", "=%0D%0A", "%20", "%C2%AD"])
def test_a_link_with_a_line_break_in_it_confirms_the_same_signature(
    world: World, between: str
) -> None:
    world.sign()
    world.deliver_all()
    link = world.link()
    mangled = f"{link[:60]}{between}{link[60:]}."

    assert [post(mangled).status, post(link).status, post(mangled).status] == [200] * 3
    assert len(_stored(world)) == 1


@pytest.mark.parametrize("language", ["be", "ru"])
def test_the_page_of_an_invalid_link_is_in_the_language_of_its_path(
    world: World, language: str
) -> None:
    page = ParsedPage(get(f"/{language}/confirm/AAAA").text)

    assert page.one("html")["lang"] == language
    assert not page.one("h1").text.isascii()


@pytest.mark.parametrize(
    "purpose",
    [Purpose.CONFIRM_SIGNATURE, Purpose.CONFIRM_ALERTS, Purpose.MANAGE],
)
def test_a_link_works_until_it_expires(world: World, purpose: Purpose) -> None:
    path = f"/en/{LINK_KINDS[purpose]}/{_token(world, purpose)}"
    lifetime = timedelta(days=world.services.settings.link_days)

    world.clock.moment += lifetime
    valid = get(path)
    world.clock.moment += timedelta(seconds=1)
    expired = _get_and_post(path)

    assert valid.status == 200
    assert [response.status for response in expired] == [410, 410]
    assert ParsedPage(expired[0].text).one("h1").text == "This link has expired"
    assert _stored(world) == []


@pytest.mark.parametrize(
    "pending",
    ["", "AAAA", "ы", "%00", "A" * 5_000],
    ids=["empty", "made up", "not ASCII", "zero byte", "long"],
)
def test_a_code_without_a_valid_pending_token_confirms_nothing(world: World, pending: str) -> None:
    response = post(f"/en/{SLUG}/code", {"pending": pending, "code": "ABCD EFGH"})

    assert response.status == 404
    assert _stored(world) == []


def test_a_code_confirms_nothing_on_another_petition(world: World) -> None:
    world.publish(builders.petition(slug="window"))
    pending = _token(world, Purpose.PENDING)
    code = tokens.code_for(world.services.secrets.token_keys, pending)

    response = post("/en/window/code", {"pending": pending, "code": code})

    assert response.status == 404
    assert world.stored_items("signatures") == []


def test_guesses_of_a_code_count_against_the_limit_of_the_network(world: World) -> None:
    world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "3"
    world.restart()
    pending = _token(world, Purpose.PENDING)
    code = tokens.code_for(world.services.secrets.token_keys, pending)

    for _ in range(3):
        post(f"/en/{SLUG}/code", {"pending": pending, "code": "AAAA AAAA"})
    response = post(f"/en/{SLUG}/code", {"pending": pending, "code": code})

    page = ParsedPage(response.text)
    assert response.status == 429
    assert response.headers["Retry-After"] == "3600"
    assert page.field("code")["value"] == code
    assert {e["value"] for e in page.all("input") if e["name"] == "pending"} == {pending}
    assert _stored(world) == []
