"""Requests that no browser sends, and forms with mistakes."""

from collections.abc import Mapping
from urllib.parse import quote_from_bytes, urlencode

import pytest

from chalicelib.routes.http.request import MAX_BODY_BYTES
from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import (
    FORM_TYPE,
    FORMS,
    SAME_ORIGIN,
    SLUG,
    ApiResponse,
    path_of,
    post,
    post_routes,
)
from tests.world import World

VALID_FORM = urlencode(builders.sign_form()).encode()
MARKUP = "\"><script>alert('x')</script><b id=own>&amp;"
LANGUAGES = ("en", "be", "ru")
UNREADABLE: Mapping[str, tuple[str, bytes]] = {
    "no content type": ("", VALID_FORM),
    "json": ("application/json", b'{"name": "x"}'),
    "plain text": ("text/plain", VALID_FORM),
    "multipart": ("multipart/form-data; boundary=b", b"--b--\r\n"),
    "unknown content type": ("x" * 5000, VALID_FORM),
    "doubled field": (FORM_TYPE, VALID_FORM + b"&email=other%40example.org"),
    "doubled unknown field": (FORM_TYPE, VALID_FORM + b"&x=1&x=2"),
    "bytes that are not UTF-8": (FORM_TYPE, b"name=\xff\xfe&email=a%40example.org"),
    "escapes that are not UTF-8": (FORM_TYPE, b"name=%FF%FE&email=a%40example.org"),
    "half a character": (FORM_TYPE, b"name=%D0"),
    "surrogate": (FORM_TYPE, b"name=%ED%A0%80"),
    "too many fields": (FORM_TYPE, b"&".join(b"f%d=x" % n for n in range(40))),
    "too many separators": (FORM_TYPE, b"&" * 60_000 + VALID_FORM),
}
UNUSUAL: Mapping[str, bytes] = {
    "nothing": b"",
    "zero bytes": b"\0" * 100,
    "zero bytes in fields": b"name=%00A&email=a%00%40example.org&country=%00&code=%00&pending=%00",
    "unknown field": b"colour=blue",
    "fields without values": b"name&email&country&alerts&code&pending",
    "broken escapes": b"name=%&email=%4&country=%zz&code=%%&pending=%u0041",
    "equals signs": b"=====&==&=",
    "huge fields": urlencode(
        dict.fromkeys(["name", "email", "code", "pending"], "ы" * 2_000)
    ).encode(),
    "markup": urlencode(
        dict.fromkeys(["name", "email", "country", "alerts", "code", "pending"], MARKUP)
    ).encode(),
    "template": urlencode(
        dict.fromkeys(["name", "email", "country", "alerts", "code"], "{{7777*7777}}{%x%}{0}%s{x}")
    ).encode(),
}


def _is_an_error_page(response: ApiResponse) -> bool:
    page = ParsedPage(response.text)
    assert page.one("h1").text
    for leaked in ("Traceback", "Internal", "Error", "Exception", "None", "botocore"):
        assert leaked not in page.text
    return response.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_body_that_is_not_a_form_gets_an_error_page_and_changes_nothing(
    world: World, kind: str
) -> None:
    content_type, body = UNREADABLE[kind]
    headers = {**SAME_ORIGIN, "Content-Type": content_type}

    for path in FORMS:
        response = post(path, body, headers)

        assert response.status == 400, path
        assert _is_an_error_page(response)
        assert "Nothing was stored." in response.text
        assert world.deliver_messages() == 0


@pytest.mark.parametrize("kind", UNUSUAL)
def test_an_unusual_form_gets_an_error_page_and_changes_nothing(world: World, kind: str) -> None:
    for path in FORMS:
        response = post(path, UNUSUAL[kind])

        page = ParsedPage(response.text)
        assert 400 <= response.status < 500, path
        assert _is_an_error_page(response)
        assert "<script>" not in response.text
        assert "own" not in [element.get("id") for element in page.elements]
        assert "60481729" not in page.text
        assert world.deliver_messages() == 0


def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_read(world: World) -> None:
    padding = b"x=" + b"a" * (MAX_BODY_BYTES - 2)

    for path in FORMS:
        at_limit, over = post(path, padding), post(path, padding + b"a")

        assert at_limit.status in (404, 422), path
        assert over.status == 413, path
        assert _is_an_error_page(over)


def test_a_post_without_body_or_content_type_gets_an_error_page(world: World) -> None:
    for route in post_routes():
        response = post(path_of(route), b"", {})

        assert 400 <= response.status < 500, route
        assert _is_an_error_page(response)


def test_a_charset_in_the_content_type_is_accepted(world: World) -> None:
    headers = {**SAME_ORIGIN, "Content-Type": "Application/X-WWW-Form-URLEncoded; charset=UTF-8"}

    assert post(FORMS[0], VALID_FORM, headers).status == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_with_a_mistake_comes_back_with_its_values_and_the_error(
    world: World, language: str
) -> None:
    typed = {"name": 'Ганна Ш. "O\'H"', "email": "hanna@", "country": "PL", "alerts": "yes"}

    response = post(f"/{language}/{SLUG}/sign", typed)

    page = ParsedPage(response.text)
    [chosen] = [option for option in page.all("option") if "selected" in option.attributes]
    [error] = [e for e in page.elements if e.get("id") == "email-error"]
    summary = [e["href"] for e in page.all("a") if e["href"] == "#email"]
    assert response.status == 422
    assert page.one("html")["lang"] == language
    assert page.field("name")["value"] == typed["name"]
    assert page.field("email")["value"] == typed["email"]
    assert page.field("email")["aria-invalid"] == "true"
    assert "email-error" in page.field("email")["aria-describedby"]
    assert chosen["value"] == "PL"
    assert "checked" in page.field("alerts").attributes
    assert error.text
    assert error.text.isascii() == (language == "en")
    assert summary == ["#email"]


def test_all_errors_are_named_at_once(world: World) -> None:
    response = post(FORMS[0], {"name": "\u202e", "email": "", "country": "XX", "alerts": "no"})

    error_ids = [
        e["id"] for e in ParsedPage(response.text).elements if e.get("id").endswith("-error")
    ]
    assert response.status == 422
    assert error_ids == ["name-error", "email-error", "country-error", "alerts-error"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["manage", "subscribe"])
def test_an_invalid_address_comes_back_in_its_field(world: World, form: str, language: str) -> None:
    response = post(f"/{language}/{SLUG}/{form}", {"email": "hanna at example"})

    page = ParsedPage(response.text)
    assert response.status == 422
    assert page.field("email")["value"] == "hanna at example"
    assert page.one("form")["action"] == f"/{language}/{SLUG}/{form}#problems"


def test_a_long_value_comes_back_cut(world: World) -> None:
    response = post(FORMS[0], builders.sign_form(name="A" * 20_000, email="hanna@"))

    assert len(ParsedPage(response.text).field("name")["value"]) == 500


@pytest.mark.parametrize("slug", ["no-such-petition", "%00", "a" * 3_000, "%FF", "Open-Doors"])
def test_a_form_of_an_unknown_petition_gets_an_error_page(world: World, slug: str) -> None:
    for form in FORMS:
        response = post(form.replace(SLUG, slug), builders.sign_form())

        assert response.status == 404, form
        assert _is_an_error_page(response)


def test_a_form_in_an_unknown_language_gets_an_error_page(world: World) -> None:
    for route in post_routes():
        response = post(path_of(route, language="xx"), builders.sign_form())

        assert response.status == 404, route
        assert _is_an_error_page(response)


@pytest.mark.parametrize("name", ["%ED%A0%80", quote_from_bytes("\u0000".encode())])
def test_a_name_with_invalid_characters_does_not_reach_the_queue(world: World, name: str) -> None:
    response = post(FORMS[0], f"name={name}&email=hanna%40example.org".encode())

    assert response.status in (400, 422)
    assert world.deliver_messages() == 0
