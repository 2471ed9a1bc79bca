"""What the operator has to mend is named, once, and nothing is lost meanwhile."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib import logs, wiring
from chalicelib.wiring import (
    INDEX_KEY,
    MAILER_PRIVATE_KEY,
    MAILER_PUBLIC_KEY,
    TOKEN_KEYS,
    MissingSecret,
    Secrets,
)
from tests.world import World

KEY = b64encode(bytes(32)).decode()
READ: dict[str, Callable[[Secrets], Any]] = {
    TOKEN_KEYS: lambda secrets: secrets.token_keys,
    INDEX_KEY: lambda secrets: secrets.index_key,
    MAILER_PUBLIC_KEY: lambda secrets: secrets.mailer_public_key,
    MAILER_PRIVATE_KEY: lambda secrets: secrets.mailer_private_key,
}


@pytest.fixture(autouse=True)
def _nothing_said_yet() -> None:
    logs._mend_said.clear()


@pytest.fixture
def shelf(world: World) -> "Shelf":
    """Secrets that can be spoilt; each test has a shelf of its own."""
    return Shelf(world)


class Shelf:
    """A second place for secrets, beside those of the world."""

    def __init__(self, world: World) -> None:
        self.ssm = world.services._ssm
        self.path = "/spoilt"

    def put(self, name: str, value: str) -> None:
        """Lay a secret down, or replace it."""
        self.ssm.put_parameter(
            Name=f"{self.path}/{name}", Value=value, Type="SecureString", Overwrite=True
        )

    def read(self, name: str) -> Any:
        """Read it as a new process does."""
        return READ[name](Secrets(ssm=lambda: self.ssm, path=self.path))


@pytest.mark.parametrize("name", READ)
def test_a_missing_secret_is_named(world: World, name: str) -> None:
    secrets = Secrets(ssm=lambda: world.services._ssm, path="/nothing")

    with pytest.raises(MissingSecret, match=f"/nothing/{name} is not in Parameter Store"):
        READ[name](secrets)


@pytest.mark.parametrize("name", [INDEX_KEY, MAILER_PUBLIC_KEY, MAILER_PRIVATE_KEY])
@pytest.mark.parametrize("value", ["?", "c2hvcnQ=", KEY[:-4], f"{KEY}{KEY}"])
def test_a_key_of_the_wrong_kind_is_named_and_not_shown(
    shelf: Shelf, name: str, value: str
) -> None:
    shelf.put(name, value)

    with pytest.raises(MissingSecret, match=f"/spoilt/{name} is not of its kind") as caught:
        shelf.read(name)

    assert value not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "value",
    ["?", "[]", "{}", '{"current": 2, "keys": {"1": "' + KEY + '"}}', '{"current": 1, "keys": 7}'],
)
def test_keys_of_links_of_the_wrong_kind_are_named(shelf: Shelf, value: str) -> None:
    shelf.put(TOKEN_KEYS, value)

    with pytest.raises(MissingSecret, match="not of its kind"):
        shelf.read(TOKEN_KEYS)


def test_a_secret_that_the_role_may_not_read_is_named(world: World) -> None:
    def refuse(**_: Any) -> None:
        response: Any = {"Error": {"Code": "AccessDeniedException", "Message": "User: arn:…"}}
        raise ClientError(response, "GetParameter")

    events = world.services._ssm.meta.events
    events.register("before-call.ssm.GetParameter", refuse, unique_id="refuse")
    try:
        with pytest.raises(MissingSecret, match=r"may not read the secret .*/index-key"):
            _ = Secrets(ssm=lambda: world.services._ssm, path="/zaklik").index_key
    finally:
        events.unregister("before-call.ssm.GetParameter", unique_id="refuse")


def test_a_missing_secret_is_said_once_and_the_messages_stay(
    world: World, lines: list[dict[str, Any]]
) -> None:
    world.sign(email="hanna@example.org")
    world.sign(email="nina@example.org")
    whole = world.services.settings.secrets_path
    world.environment["ZAKLIK_SECRETS_PATH"] = "/nothing"
    world.restart()

    lines.clear()
    for _ in range(2):
        world.release_messages()
        world.deliver_messages()
    failures = list(lines)
    world.environment["ZAKLIK_SECRETS_PATH"] = whole
    world.restart()
    world.release_messages()
    world.settle()

    mends = [line["mend"] for line in failures if "mend" in line]
    assert mends == ["the secret /nothing/mailer-private-key is not in Parameter Store"]
    assert [line["error"] for line in failures] == ["MissingSecret"] * 4
    assert {mail.to for mail in world.mails()} == {"hanna@example.org", "nina@example.org"}


def test_a_missing_setting_is_said_once_and_the_visitor_sees_a_kind_page(
    world: World, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring.install(None)
    monkeypatch.delenv("ZAKLIK_PUBLIC_URL", raising=False)
    try:
        answers = [world.get("/en/open-door") for _ in range(2)]
    finally:
        wiring.install(world.services)

    assert [answer.status_code for answer in answers] == [500, 500]
    assert b"ZAKLIK_" not in answers[0].body
    assert [line["mend"] for line in lines if "mend" in line] == [
        "ZAKLIK_PUBLIC_URL is not set: where visitors reach the service, without a slash at the end"
    ]
