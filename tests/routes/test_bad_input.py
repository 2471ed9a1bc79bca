"""What no honest browser sends, and what an honest person gets wrong."""

from collections.abc import Mapping
from urllib.parse import quote_from_bytes, urlencode

import pytest

from chalicelib.routes.http.request import MAX_BODY_BYTES
from tests import builders
from tests.routes.markup import Page
from tests.routes.requests import FORM_TYPE, FORMS, OWN_PAGE, SLUG, Answer, filled, posts, send
from tests.world import World

GOOD = urlencode(builders.sign_form()).encode()
MARKUP = "\"><script>alert('x')</script><b id=own>&amp;"
LANGUAGES = ("en", "be", "ru")
UNREADABLE: Mapping[str, tuple[str, bytes]] = {
    "no type": ("", GOOD),
    "json": ("application/json", b'{"name": "x"}'),
    "plain text": ("text/plain", GOOD),
    "multipart": ("multipart/form-data; boundary=b", b"--b--\r\n"),
    "made-up type": ("x" * 5000, GOOD),
    "doubled field": (FORM_TYPE, GOOD + b"&email=other%40example.org"),
    "doubled field of no form": (FORM_TYPE, GOOD + b"&x=1&x=2"),
    "bytes that are no text": (FORM_TYPE, b"name=\xff\xfe&email=a%40example.org"),
    "escapes that are no text": (FORM_TYPE, b"name=%FF%FE&email=a%40example.org"),
    "half a letter": (FORM_TYPE, b"name=%D0"),
    "surrogate": (FORM_TYPE, b"name=%ED%A0%80"),
    "too many fields": (FORM_TYPE, b"&".join(b"f%d=x" % n for n in range(40))),
    "sixty thousand separators": (FORM_TYPE, b"&" * 60_000 + GOOD),
}
UNUSUAL: Mapping[str, bytes] = {
    "nothing": b"",
    "zero bytes": b"\0" * 100,
    "zero bytes in fields": b"name=%00A&email=a%00%40example.org&country=%00&code=%00&pending=%00",
    "no field that we know": b"colour=blue",
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
        dict.fromkeys(["name", "email", "country", "alerts", "code"], "{{7*7}}{%x%}{0}%s{x}")
    ).encode(),
}


def _is_a_kind_page(answer: Answer) -> bool:
    page = Page(answer.text)
    assert page.one("h1").text
    for leaked in ("Traceback", "Internal", "Error", "Exception", "None", "botocore"):
        assert leaked not in page.text
    return answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_body_that_is_no_form_gets_a_page_and_changes_nothing(
    world: World, path: str, kind: str
) -> None:
    content_type, body = UNREADABLE[kind]
    headers = {**OWN_PAGE, "Content-Type": content_type}

    answer = send(path, body, headers)

    assert answer.status == 400
    assert _is_a_kind_page(answer)
    assert "Nothing was stored." in answer.text
    assert world.deliver_messages() == 0


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("kind", UNUSUAL)
def test_a_form_that_nobody_would_fill_in_gets_a_page_and_changes_nothing(
    world: World, path: str, kind: str
) -> None:
    answer = send(path, UNUSUAL[kind])

    assert 400 <= answer.status < 500
    assert _is_a_kind_page(answer)
    assert "<script>" not in answer.text
    assert "own" not in [element.get("id") for element in Page(answer.text).elements]
    assert "49" not in Page(answer.text).text.replace("2026", "")
    assert world.deliver_messages() == 0


@pytest.mark.parametrize("path", FORMS)
def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_read(
    world: World, path: str
) -> None:
    padding = b"x=" + b"a" * (MAX_BODY_BYTES - 2)

    at_limit, over = send(path, padding), send(path, padding + b"a")

    assert at_limit.status in (404, 422)
    assert over.status == 413
    assert _is_a_kind_page(over)


@pytest.mark.parametrize("route", posts())
def test_a_post_without_any_body_or_type_gets_a_page(world: World, route: str) -> None:
    answer = send(filled(route), b"", {})

    assert 400 <= answer.status < 500
    assert _is_a_kind_page(answer)


def test_a_charset_beside_the_type_does_no_harm(world: World) -> None:
    headers = {**OWN_PAGE, "Content-Type": "Application/X-WWW-Form-URLEncoded; charset=UTF-8"}

    assert send(FORMS[0], GOOD, headers).status == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_typed_is_still_there_and_each_fault_is_named(world: World, language: str) -> None:
    typed = {"name": 'Ганна Ш. "O\'H"', "email": "hanna@", "country": "PL", "alerts": "yes"}

    answer = send(f"/{language}/{SLUG}/sign", typed)

    page = Page(answer.text)
    [chosen] = [option for option in page.all("option") if "selected" in option.attributes]
    [error] = [e for e in page.elements if e.get("id") == "email-error"]
    summary = [e["href"] for e in page.all("a") if e["href"] == "#email"]
    assert answer.status == 422
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


def test_every_fault_is_named_at_once(world: World) -> None:
    answer = send(FORMS[0], {"name": "\u202e", "email": "", "country": "XX", "alerts": "no"})

    named = [e["id"] for e in Page(answer.text).elements if e.get("id").endswith("-error")]
    assert answer.status == 422
    assert named == ["name-error", "email-error", "country-error", "alerts-error"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["manage", "subscribe"])
def test_an_address_that_is_none_comes_back_to_be_mended(
    world: World, form: str, language: str
) -> None:
    answer = send(f"/{language}/{SLUG}/{form}", {"email": "hanna at example"})

    page = Page(answer.text)
    assert answer.status == 422
    assert page.field("email")["value"] == "hanna at example"
    assert page.one("form")["action"] == f"/{language}/{SLUG}/{form}"


def test_no_more_of_a_field_comes_back_than_anybody_needs(world: World) -> None:
    answer = send(FORMS[0], builders.sign_form(name="A" * 20_000, email="hanna@"))

    assert len(Page(answer.text).field("name")["value"]) == 500


@pytest.mark.parametrize("form", FORMS)
def test_a_form_for_a_petition_that_is_not_there_gets_the_page_that_says_so(
    world: World, form: str
) -> None:
    for slug in ("no-such-petition", "%00", "a" * 3_000, "%FF", "Open-Door"):
        answer = send(form.replace(SLUG, slug), builders.sign_form())

        assert answer.status == 404
        assert _is_a_kind_page(answer)


@pytest.mark.parametrize("route", posts())
def test_an_unknown_language_gets_the_page_that_says_so(world: World, route: str) -> None:
    answer = send(filled(route, language="xx"), builders.sign_form())

    assert answer.status == 404
    assert _is_a_kind_page(answer)


@pytest.mark.parametrize("name", ["%ED%A0%80", quote_from_bytes("\u0000".encode())])
def test_letters_that_no_name_holds_do_not_reach_the_queue(world: World, name: str) -> None:
    answer = send(FORMS[0], f"name={name}&email=hanna%40example.org".encode())

    assert answer.status in (400, 422)
    assert world.deliver_messages() == 0
