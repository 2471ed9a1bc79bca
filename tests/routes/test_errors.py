"""Error pages when a call to AWS fails or an unexpected error is raised."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests import builders
from tests.routes.markup import ParsedPage
from tests.routes.requests import FORMS, SLUG, ApiResponse, get, path_of, post, post_routes
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
    """Lets every call of a client fail, after botocore's retries."""

    def fail(**_: Any) -> None:
        raise fault()

    client.meta.events.register(f"before-call.{service}.*", fail, unique_id="fault")
    try:
        yield
    finally:
        client.meta.events.unregister(f"before-call.{service}.*", unique_id="fault")


def _has_typed_values(response: ApiResponse, typed: dict[str, str]) -> bool:
    page = ParsedPage(response.text)
    [chosen] = [option for option in page.all("option") if "selected" in option.attributes]
    assert (response.status, response.headers["Retry-After"]) == (503, "60")
    assert "Please try again in a minute." in page.text
    assert "checked" in page.field("alerts").attributes
    return (page.field("name")["value"], page.field("email")["value"], chosen["value"]) == (
        typed["name"],
        typed["email"],
        typed["country"],
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_when_the_tables_fail_the_sign_form_comes_back_with_its_values(
    world: World, fault: str
) -> None:
    world.services.cache.seconds = 10
    get(f"/en/{SLUG}")
    typed = dict(builders.sign_form(alerts="yes"))

    with _failing(world.services.petitions.client, "dynamodb", FAULTS[fault]):
        response = post(FORMS[0], typed)

    assert _has_typed_values(response, typed)
    assert world.deliver_messages() == 0


@pytest.mark.parametrize("fault", FAULTS)
def test_when_the_queue_fails_the_sign_form_comes_back_with_its_values(
    world: World, fault: str
) -> None:
    typed = dict(builders.sign_form(alerts="yes"))

    with _failing(world.services.sqs, "sqs", FAULTS[fault]):
        response = post(FORMS[0], typed)

    assert _has_typed_values(response, typed)


@pytest.mark.parametrize("fault", FAULTS)
def test_when_the_secrets_fail_the_sign_form_comes_back_with_its_values(
    world: World, fault: str
) -> None:
    typed = dict(builders.sign_form(alerts="yes"))

    with _failing(world.services._ssm, "ssm", FAULTS[fault]):
        response = post(FORMS[0], typed)

    assert _has_typed_values(response, typed)


@pytest.mark.parametrize("form", ["manage", "subscribe"])
def test_when_the_queue_fails_the_address_comes_back(world: World, form: str) -> None:
    with _failing(world.services.sqs, "sqs", _throttled):
        response = post(f"/en/{SLUG}/{form}", {"email": "hanna@example.org"})

    assert response.status == 503
    assert ParsedPage(response.text).field("email")["value"] == "hanna@example.org"


def test_when_the_tables_fail_a_mailed_link_says_so_and_works_later(world: World) -> None:
    world.sign()
    world.deliver_all()

    with _failing(world.services.petitions.client, "dynamodb", _throttled):
        refused = post(world.link())
    accepted = post(world.link())
    world.deliver_all()

    assert (refused.status, refused.headers["Retry-After"]) == (503, "60")
    assert accepted.status == 200
    assert world.count() == 1


def test_when_the_tables_fail_a_cached_page_is_still_served(world: World) -> None:
    seconds = 0.0
    world.services.cache.seconds = 10
    world.services.cache.clock = lambda: seconds
    before = get(f"/en/{SLUG}")
    seconds = 3600.0

    with _failing(world.services.petitions.client, "dynamodb", _throttled):
        after = get(f"/en/{SLUG}")
        uncached = get("/en")

    assert after == before
    assert uncached.status == 503
    assert uncached.headers["Cache-Control"] == "no-store"


def test_no_page_shows_an_error_message_of_aws(world: World) -> None:
    with _failing(world.services.petitions.client, "dynamodb", _throttled):
        for route in post_routes():
            response = post(path_of(route), builders.sign_form())

            assert "Rate exceeded" not in response.text, route
            assert "Throttling" not in response.text, route


class UnexpectedError(Exception):
    """An error that no code catches."""


@pytest.mark.parametrize("language", ["en", "be", "ru"])
def test_an_unexpected_error_gets_an_error_page_and_a_log_line_with_its_place(
    world: World, language: str, log_lines: list[dict[str, Any]]
) -> None:
    secret = "hanna-secret-token"
    path = f"/{language}/confirm/{secret}"

    def unexpected() -> Exception:
        return UnexpectedError(f"something about {secret}")

    world.restart()
    with _failing(world.services._ssm, "ssm", unexpected):
        response = post(path)

    page = ParsedPage(response.text)
    failed = next(line for line in log_lines if line["level"] == "ERROR")
    assert response.status == 500
    assert page.one("html")["lang"] == language
    assert page.one("h1").text.isascii() == (language == "en")
    assert response.headers["Cache-Control"] == "no-store"
    assert set(failed) == {"level", "logger", "event", "error", "at"}
    assert (failed["event"], failed["error"]) == ("request failed", "UnexpectedError")
    assert failed["at"].startswith("secrets:")
    assert secret not in json.dumps(log_lines)
    assert secret not in response.text


def test_a_request_is_logged_with_its_route_and_without_its_path(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    get("/en/confirm/hanna-secret-token")

    [line] = log_lines
    assert set(line) == {"level", "logger", "event", "id", "route", "status", "ms"}
    assert line["route"] == "GET /{language}/confirm/{token}"
    assert line["status"] == 404
    assert line["id"]
