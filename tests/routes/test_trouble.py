"""When something of ours, or AWS, does not work."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests import builders
from tests.routes.markup import Page
from tests.routes.requests import FORMS, SLUG, Answer, filled, posts, read, send
from tests.world import World


def _throttled() -> Exception:
    response: Any = {
        "Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    return ClientError(response, "Any")


FAULTS: dict[str, Callable[[], Exception]] = {
    "throttled": _throttled,
    "too slow": lambda: ReadTimeoutError(endpoint_url="https://aws.example"),
    "out of reach": lambda: EndpointConnectionError(endpoint_url="https://aws.example"),
}


@contextmanager
def _failing(client: Any, service: str, fault: Callable[[], Exception]) -> Iterator[None]:
    """Every call of a client fails, after all the tries of botocore."""

    def fail(**_: Any) -> None:
        raise fault()

    client.meta.events.register(f"before-call.{service}.*", fail, unique_id="fault")
    try:
        yield
    finally:
        client.meta.events.unregister(f"before-call.{service}.*", unique_id="fault")


def _came_back(answer: Answer, typed: dict[str, str]) -> bool:
    page = Page(answer.text)
    [chosen] = [option for option in page.all("option") if "selected" in option.attributes]
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    assert "Please try again in a minute." in page.text
    assert "checked" in page.field("alerts").attributes
    return (page.field("name")["value"], page.field("email")["value"], chosen["value"]) == (
        typed["name"],
        typed["email"],
        typed["country"],
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_when_the_tables_fail_the_sign_form_comes_back_with_what_was_typed(
    world: World, fault: str
) -> None:
    world.services.cache.seconds = 10
    read(f"/en/{SLUG}")
    typed = dict(builders.sign_form(alerts="yes"))

    with _failing(world.services.petitions.client, "dynamodb", FAULTS[fault]):
        answer = send(FORMS[0], typed)

    assert _came_back(answer, typed)
    assert world.deliver_messages() == 0


@pytest.mark.parametrize("fault", FAULTS)
def test_when_the_queue_fails_the_sign_form_comes_back_with_what_was_typed(
    world: World, fault: str
) -> None:
    typed = dict(builders.sign_form(alerts="yes"))

    with _failing(world.services.sqs, "sqs", FAULTS[fault]):
        answer = send(FORMS[0], typed)

    assert _came_back(answer, typed)


@pytest.mark.parametrize("fault", FAULTS)
def test_when_the_secrets_cannot_be_read_the_sign_form_comes_back_too(
    world: World, fault: str
) -> None:
    typed = dict(builders.sign_form(alerts="yes"))

    with _failing(world.services._ssm, "ssm", FAULTS[fault]):
        answer = send(FORMS[0], typed)

    assert _came_back(answer, typed)


@pytest.mark.parametrize("form", ["manage", "subscribe"])
def test_when_the_queue_fails_the_address_comes_back(world: World, form: str) -> None:
    with _failing(world.services.sqs, "sqs", _throttled):
        answer = send(f"/en/{SLUG}/{form}", {"email": "hanna@example.org"})

    assert answer.status == 503
    assert Page(answer.text).field("email")["value"] == "hanna@example.org"


def test_when_the_tables_fail_a_mailed_link_says_so_and_works_afterwards(world: World) -> None:
    world.sign()
    world.deliver_all()

    with _failing(world.services.petitions.client, "dynamodb", _throttled):
        refused = send(world.link())
    accepted = send(world.link())
    world.deliver_all()

    assert (refused.status, refused.headers["Retry-After"]) == (503, "60")
    assert accepted.status == 200
    assert world.count() == 1


def test_when_the_tables_fail_a_page_that_was_read_before_is_still_served(world: World) -> None:
    seconds = 0.0
    world.services.cache.seconds = 10
    world.services.cache.clock = lambda: seconds
    before = read(f"/en/{SLUG}")
    seconds = 3600.0

    with _failing(world.services.petitions.client, "dynamodb", _throttled):
        after = read(f"/en/{SLUG}")
        unread = read("/en")

    assert after == before
    assert unread.status == 503
    assert unread.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("route", posts())
def test_nothing_that_aws_says_reaches_a_visitor(world: World, route: str) -> None:
    with _failing(world.services.petitions.client, "dynamodb", _throttled):
        answer = send(filled(route), builders.sign_form())

    assert "Rate exceeded" not in answer.text
    assert "Throttling" not in answer.text


class Unforeseen(Exception):
    """Something that nobody thought of."""


@pytest.mark.parametrize("language", ["en", "be", "ru"])
def test_an_error_that_nobody_foresaw_gets_a_kind_page_and_a_line_that_says_where(
    world: World, language: str, log_lines: list[dict[str, Any]]
) -> None:
    secret = "hanna-secret-token"
    path = f"/{language}/confirm/{secret}"

    def unforeseen() -> Exception:
        return Unforeseen(f"something about {secret}")

    world.restart()
    with _failing(world.services._ssm, "ssm", unforeseen):
        answer = send(path)

    page = Page(answer.text)
    failed = next(line for line in log_lines if line["level"] == "ERROR")
    assert answer.status == 500
    assert page.one("html")["lang"] == language
    assert page.one("h1").text.isascii() == (language == "en")
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(failed) == {"level", "logger", "event", "error", "at"}
    assert (failed["event"], failed["error"]) == ("request failed", "Unforeseen")
    assert failed["at"].startswith("secrets:")
    assert secret not in json.dumps(log_lines)
    assert secret not in answer.text


def test_a_request_leaves_one_line_that_names_the_route_and_not_the_path(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    read("/en/confirm/hanna-secret-token")

    [line] = log_lines
    assert set(line) == {"level", "logger", "event", "id", "route", "status", "ms"}
    assert line["route"] == "GET /{language}/confirm/{token}"
    assert line["status"] == 404
    assert line["id"]
