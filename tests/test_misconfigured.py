"""What the operator has to mend is named, once, and nothing is lost meanwhile."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib import wiring
from chalicelib.domain.errors import Unavailable
from chalicelib.routes import logs
from chalicelib.store.secrets import (
    INDEX_KEY,
    MAILER_PRIVATE_KEY,
    MAILER_PUBLIC_KEY,
    TOKEN_KEYS,
    MissingSecret,
    Secrets,
)
from ops.keys.secrets import new_secrets
from tests.faults import AwsCalls, recorded
from tests.world import World

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

KEY = b64encode(bytes(32)).decode()
READ: dict[str, Callable[[Secrets], Any]] = {
    TOKEN_KEYS: lambda secrets: secrets.token_keys,
    INDEX_KEY: lambda secrets: secrets.index_key,
    MAILER_PUBLIC_KEY: lambda secrets: secrets.mailer_public_key,
    MAILER_PRIVATE_KEY: lambda secrets: secrets.mailer_private_key,
}


WEB = (TOKEN_KEYS, INDEX_KEY, MAILER_PUBLIC_KEY)
"""What the function behind the pages reads in one call."""
DENIED: Any = {"Error": {"Code": "AccessDeniedException", "Message": "User: arn:…"}}
THROTTLED: Any = {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}
BROKEN: Any = {
    "Error": {"Code": "InternalServerError"},
    "ResponseMetadata": {"HTTPStatusCode": 500},
}


@contextmanager
def failing(ssm: "SSMClient", error: Exception) -> Iterator[None]:
    """Every reading of secrets fails, after all the tries of botocore."""

    def fail(**_: Any) -> None:
        raise error

    ssm.meta.events.register("before-call.ssm.GetParameters", fail, unique_id="fault")
    try:
        yield
    finally:
        ssm.meta.events.unregister("before-call.ssm.GetParameters", unique_id="fault")


@pytest.fixture(autouse=True)
def _nothing_said_yet() -> None:
    logs._reported.clear()


@pytest.fixture
def shelf(world: World) -> "Shelf":
    """Secrets that can be spoilt; each test has a shelf of its own."""
    return Shelf(world)


class Shelf:
    """A second place for secrets, beside those of the world."""

    def __init__(self, world: World) -> None:
        self.ssm = world.services._ssm
        self.path = "/spoilt"
        for name in READ:
            self.lose(name)

    def lose(self, name: str) -> None:
        """Take a secret away, if it is there."""
        self.ssm.delete_parameters(Names=[f"{self.path}/{name}"])

    def put(self, name: str, value: str) -> None:
        """Lay a secret down, or replace it."""
        self.ssm.put_parameter(
            Name=f"{self.path}/{name}", Value=value, Type="SecureString", Overwrite=True
        )

    def process(self, together: Sequence[str] = ()) -> Secrets:
        """What a new process knows, which reads these together."""
        return Secrets(ssm=lambda: self.ssm, path=self.path, together=together)

    def read(self, name: str) -> Any:
        """Read it as a new process does."""
        return READ[name](self.process())


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

    with pytest.raises(MissingSecret, match=f"/spoilt/{name} is invalid") as caught:
        shelf.read(name)

    assert value not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "value",
    ["?", "[]", "{}", '{"current": 2, "keys": {"1": "' + KEY + '"}}', '{"current": 1, "keys": 7}'],
)
def test_keys_of_links_of_the_wrong_kind_are_named(shelf: Shelf, value: str) -> None:
    shelf.put(TOKEN_KEYS, value)

    with pytest.raises(MissingSecret, match="is invalid"):
        shelf.read(TOKEN_KEYS)


def test_a_secret_that_the_role_may_not_read_is_named(shelf: Shelf) -> None:
    with (
        failing(shelf.ssm, ClientError(DENIED, "GetParameters")),
        pytest.raises(MissingSecret, match=r"may not read the secret /spoilt/index-key$"),
    ):
        shelf.read(INDEX_KEY)


def test_of_secrets_that_are_read_together_every_one_is_named_that_may_be_denied(
    shelf: Shelf,
) -> None:
    named = "/spoilt/token-keys or /spoilt/index-key or /spoilt/mailer-public-key"

    with (
        failing(shelf.ssm, ClientError(DENIED, "GetParameters")),
        pytest.raises(MissingSecret, match=f"may not read the secret {named}$"),
    ):
        READ[INDEX_KEY](shelf.process(WEB))


def test_secrets_that_belong_together_are_read_in_one_call(shelf: Shelf) -> None:
    for name, value in new_secrets().items():
        shelf.put(name, value)
    alone = {name: shelf.read(name) for name in WEB}
    secrets = shelf.process(WEB)

    with recorded(AwsCalls()) as calls:
        together = {name: READ[name](secrets) for name in [*WEB, *WEB]}

    assert together == alone
    assert calls.made == ["ssm.GetParameters"]


def test_a_secret_that_does_not_belong_to_them_is_read_by_itself(shelf: Shelf) -> None:
    for name, value in new_secrets().items():
        shelf.put(name, value)
    secrets = shelf.process(WEB)

    with recorded(AwsCalls()) as calls:
        private_key = secrets.mailer_private_key

    assert private_key.public_key().public_bytes_raw() == secrets.mailer_public_key
    assert calls.made == ["ssm.GetParameters"]


@pytest.mark.parametrize("lost", WEB)
def test_a_secret_that_is_not_there_hides_no_other(shelf: Shelf, lost: str) -> None:
    for name, value in new_secrets().items():
        shelf.put(name, value)
    alone = {name: shelf.read(name) for name in WEB}
    shelf.lose(lost)
    secrets = shelf.process(WEB)

    with pytest.raises(MissingSecret, match=f"/spoilt/{lost} is not in Parameter Store"):
        READ[lost](secrets)

    assert {name: READ[name](secrets) for name in WEB if name != lost} == {
        name: value for name, value in alone.items() if name != lost
    }


@pytest.mark.parametrize("value", ["", "?"], ids=["not there", "of the wrong kind"])
def test_a_secret_that_is_mended_is_found_by_a_process_that_has_missed_it(
    shelf: Shelf, value: str
) -> None:
    values = new_secrets()
    for name, whole in values.items():
        shelf.put(name, whole)
    shelf.put(INDEX_KEY, value) if value else shelf.lose(INDEX_KEY)
    secrets = shelf.process(WEB)
    with pytest.raises(MissingSecret):
        _ = secrets.index_key

    shelf.put(INDEX_KEY, values[INDEX_KEY])

    assert secrets.index_key == b64decode(values[INDEX_KEY])


@pytest.mark.parametrize(
    "error",
    [
        ClientError(THROTTLED, "GetParameters"),
        ClientError(BROKEN, "GetParameters"),
        ReadTimeoutError(endpoint_url="https://aws.example"),
    ],
    ids=["throttled", "broken", "too slow"],
)
def test_secrets_that_cannot_be_read_now_can_be_read_later(shelf: Shelf, error: Exception) -> None:
    for name, value in new_secrets().items():
        shelf.put(name, value)
    secrets = shelf.process(WEB)

    with failing(shelf.ssm, error), pytest.raises(Unavailable):
        _ = secrets.index_key

    assert secrets.index_key == shelf.read(INDEX_KEY)


def test_secrets_are_not_in_what_is_printed(shelf: Shelf) -> None:
    values = new_secrets()
    for name, value in values.items():
        shelf.put(name, value)
    secrets = shelf.process(WEB)

    _ = secrets.token_keys

    assert values[INDEX_KEY] not in repr(secrets)


def test_a_missing_secret_is_said_once_and_the_messages_stay(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    world.sign(email="hanna@example.org")
    world.sign(email="nina@example.org")
    whole = world.services.settings.secrets_path
    world.environment["ZAKLIK_SECRETS_PATH"] = "/nothing"
    world.restart()

    log_lines.clear()
    for _ in range(2):
        world.make_messages_visible()
        world.deliver_messages()
    failures = list(log_lines)
    world.environment["ZAKLIK_SECRETS_PATH"] = whole
    world.restart()
    world.make_messages_visible()
    world.deliver_all()

    fixes = [line["fix"] for line in failures if "fix" in line]
    assert fixes == ["the secret /nothing/mailer-private-key is not in Parameter Store"]
    assert [line["error"] for line in failures] == ["MissingSecret"] * 4
    assert {mail.to for mail in world.mails()} == {"hanna@example.org", "nina@example.org"}


def test_a_missing_setting_is_said_once_and_the_visitor_sees_a_kind_page(
    world: World, log_lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring.install(None)
    monkeypatch.delenv("ZAKLIK_PUBLIC_URL", raising=False)
    try:
        answers = [world.get("/en/open-door") for _ in range(2)]
    finally:
        wiring.install(world.services)

    assert [answer.status_code for answer in answers] == [500, 500]
    assert b"ZAKLIK_" not in answers[0].body
    assert [line["fix"] for line in log_lines if "fix" in line] == [
        "ZAKLIK_PUBLIC_URL is not set: where visitors reach the service, without a slash at the end"
    ]
