"""Missing or invalid secrets and settings are reported once and by name, and lose no message."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib import wiring
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.domain.errors import Unavailable
from chalicelib.routes import logs
from chalicelib.store.secrets import (
    INDEX_KEYS,
    MAILER_PRIVATE_KEYS,
    MAILER_PUBLIC_KEYS,
    TOKEN_KEYS,
    MissingSecret,
    Secrets,
    read_keyring,
)
from ops.secrets.inventory import new_secrets
from tests import builders
from tests.faults import AwsCalls, recorded
from tests.world import World

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

KEY = b64encode(bytes(32)).decode()
SHORT = b64encode(bytes(31)).decode()
READERS: dict[str, Callable[[Secrets], Any]] = {
    TOKEN_KEYS: lambda secrets: secrets.token_keys,
    INDEX_KEYS: lambda secrets: secrets.index_keys,
    MAILER_PUBLIC_KEYS: lambda secrets: secrets.mailer_public_keys,
    MAILER_PRIVATE_KEYS: lambda secrets: secrets.mailer_private_keys,
}


WEB = (TOKEN_KEYS, INDEX_KEYS, MAILER_PUBLIC_KEYS)
"""The secrets that the web function reads in one call."""
DENIED: Any = {"Error": {"Code": "AccessDeniedException", "Message": "User: arn:…"}}
THROTTLED: Any = {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}
BROKEN: Any = {
    "Error": {"Code": "InternalServerError"},
    "ResponseMetadata": {"HTTPStatusCode": 500},
}


@contextmanager
def failing(ssm: "SSMClient", error: Exception) -> Iterator[None]:
    """Lets every read of secrets fail, after botocore's retries."""

    def fail(**_: Any) -> None:
        raise error

    ssm.meta.events.register("before-call.ssm.GetParameters", fail, unique_id="fault")
    try:
        yield
    finally:
        ssm.meta.events.unregister("before-call.ssm.GetParameters", unique_id="fault")


@pytest.fixture(autouse=True)
def _nothing_reported_yet() -> None:
    logs._reported.clear()


@pytest.fixture
def parameters(world: World) -> "ParameterStore":
    """Secrets that a test can delete or replace."""
    return ParameterStore(world)


class ParameterStore:
    """Secrets under a path of their own."""

    def __init__(self, world: World) -> None:
        self.ssm = world.services._ssm
        self.path = "/invalid"
        for name in READERS:
            self.delete(name)

    def delete(self, name: str) -> None:
        """Delete a secret."""
        self.ssm.delete_parameters(Names=[f"{self.path}/{name}"])

    def put(self, name: str, value: str) -> None:
        """Add or replace a secret."""
        self.ssm.put_parameter(
            Name=f"{self.path}/{name}", Value=value, Type="SecureString", Overwrite=True
        )

    def new_process(self, together: Sequence[str] = ()) -> Secrets:
        """The secrets of a new process, which reads `together` in one call."""
        return Secrets(
            ssm=lambda: self.ssm, path=self.path, now=lambda: builders.NOW, together=together
        )

    def read(self, name: str) -> Any:
        """Read a secret as a new process does."""
        return READERS[name](self.new_process())


@pytest.mark.parametrize("name", READERS)
def test_a_missing_secret_is_named(world: World, name: str) -> None:
    secrets = Secrets(ssm=lambda: world.services._ssm, path="/nothing", now=lambda: builders.NOW)

    with pytest.raises(MissingSecret, match=f"/nothing/{name} is not in Parameter Store"):
        READERS[name](secrets)


@pytest.mark.parametrize("name", [TOKEN_KEYS, INDEX_KEYS, MAILER_PUBLIC_KEYS, MAILER_PRIVATE_KEYS])
@pytest.mark.parametrize(
    "value",
    [
        "?",
        "[]",
        "{}",
        '{"keys": 7}',
        '{"keys": []}',
        f'{{"keys": [{{"id": 1, "key": "{SHORT}"}}]}}',
        KEY,
    ],
)
def test_an_invalid_key_is_named_and_not_shown(
    parameters: ParameterStore, name: str, value: str
) -> None:
    parameters.put(name, value)

    with pytest.raises(MissingSecret, match=f"/invalid/{name} is invalid") as caught:
        parameters.read(name)

    assert value not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_denied_secret_is_named(parameters: ParameterStore) -> None:
    with (
        failing(parameters.ssm, ClientError(DENIED, "GetParameters")),
        pytest.raises(MissingSecret, match=r"may not read the secret /invalid/index-keys$"),
    ):
        parameters.read(INDEX_KEYS)


def test_all_secrets_of_a_denied_call_are_named(
    parameters: ParameterStore,
) -> None:
    named = "/invalid/token-keys or /invalid/index-keys or /invalid/mailer-public-keys"

    with (
        failing(parameters.ssm, ClientError(DENIED, "GetParameters")),
        pytest.raises(MissingSecret, match=f"may not read the secret {named}$"),
    ):
        READERS[INDEX_KEYS](parameters.new_process(WEB))


def test_the_secrets_of_a_function_are_read_in_one_call(parameters: ParameterStore) -> None:
    for name, value in new_secrets().items():
        parameters.put(name, value)
    alone = {name: parameters.read(name) for name in WEB}
    secrets = parameters.new_process(WEB)

    with recorded(AwsCalls()) as calls:
        together = {name: READERS[name](secrets) for name in [*WEB, *WEB]}

    assert together == alone
    assert calls.made == ["ssm.GetParameters"]


def test_another_secret_is_read_in_its_own_call(parameters: ParameterStore) -> None:
    for name, value in new_secrets().items():
        parameters.put(name, value)
    secrets = parameters.new_process(WEB)

    with recorded(AwsCalls()) as calls:
        private = secrets.mailer_private_keys

    public = [PrivateKey(key.raw).public_bytes for key in private.keys]
    assert public == [key.raw for key in secrets.mailer_public_keys.keys]
    assert calls.made == ["ssm.GetParameters"]


@pytest.mark.parametrize("missing", WEB)
def test_a_missing_secret_does_not_affect_the_others(
    parameters: ParameterStore, missing: str
) -> None:
    for name, value in new_secrets().items():
        parameters.put(name, value)
    alone = {name: parameters.read(name) for name in WEB}
    parameters.delete(missing)
    secrets = parameters.new_process(WEB)

    with pytest.raises(MissingSecret, match=f"/invalid/{missing} is not in Parameter Store"):
        READERS[missing](secrets)

    assert {name: READERS[name](secrets) for name in WEB if name != missing} == {
        name: value for name, value in alone.items() if name != missing
    }


@pytest.mark.parametrize("value", ["", "?"], ids=["missing", "invalid"])
def test_a_fixed_secret_is_read_by_a_running_process(
    parameters: ParameterStore, value: str
) -> None:
    values = new_secrets()
    for name, valid in values.items():
        parameters.put(name, valid)
    parameters.put(INDEX_KEYS, value) if value else parameters.delete(INDEX_KEYS)
    secrets = parameters.new_process(WEB)
    with pytest.raises(MissingSecret):
        _ = secrets.index_keys

    parameters.put(INDEX_KEYS, values[INDEX_KEYS])

    assert secrets.index_keys == read_keyring(values[INDEX_KEYS])


@pytest.mark.parametrize(
    "error",
    [
        ClientError(THROTTLED, "GetParameters"),
        ClientError(BROKEN, "GetParameters"),
        ReadTimeoutError(endpoint_url="https://aws.example"),
    ],
    ids=["throttled", "broken", "too slow"],
)
def test_unavailable_secrets_can_be_read_later(
    parameters: ParameterStore, error: Exception
) -> None:
    for name, value in new_secrets().items():
        parameters.put(name, value)
    secrets = parameters.new_process(WEB)

    with failing(parameters.ssm, error), pytest.raises(Unavailable):
        _ = secrets.index_keys

    assert secrets.index_keys == parameters.read(INDEX_KEYS)


def test_the_repr_holds_no_secret(parameters: ParameterStore) -> None:
    values = new_secrets()
    for name, value in values.items():
        parameters.put(name, value)
    secrets = parameters.new_process(WEB)

    _ = secrets.token_keys

    assert values[INDEX_KEYS] not in repr(secrets)


def test_a_missing_secret_is_logged_once_and_no_message_is_lost(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    world.sign(email="hanna@example.org")
    world.sign(email="nina@example.org")
    valid = world.services.settings.secrets_path
    world.environment["ZAKLIK_SECRETS_PATH"] = "/nothing"
    world.restart()

    log_lines.clear()
    for _ in range(2):
        world.make_messages_visible()
        world.deliver_messages()
    failures = list(log_lines)
    world.environment["ZAKLIK_SECRETS_PATH"] = valid
    world.restart()
    world.make_messages_visible()
    world.deliver_all()

    fixes = [line["fix"] for line in failures if "fix" in line]
    assert fixes == ["the secret /nothing/job-keys is not in Parameter Store"]
    assert [line["error"] for line in failures] == ["MissingSecret"] * 4
    assert {mail.to for mail in world.mails()} == {"hanna@example.org", "nina@example.org"}


def test_a_missing_setting_is_logged_once_and_gets_an_error_page(
    world: World, log_lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring.install(None)
    monkeypatch.delenv("ZAKLIK_PUBLIC_URL", raising=False)
    try:
        responses = [world.get("/en/open-door") for _ in range(2)]
    finally:
        wiring.install(world.services)

    assert [response.status_code for response in responses] == [500, 500]
    assert b"ZAKLIK_" not in responses[0].body
    assert [line["fix"] for line in log_lines if "fix" in line] == [
        "ZAKLIK_PUBLIC_URL is not set: where visitors reach the service, without a slash at the end"
    ]
