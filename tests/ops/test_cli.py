"""Every command explains itself, and no fault of people or AWS ends in a traceback."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
)

from chalicelib.rendering.build_output import NotBuilt
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.secrets import MissingSecret
from chalicelib.usecases.petitions import statistics
from ops.cli import COMMANDS, main
from ops.terminal.error_messages import explain
from tests.ops.pseudo_terminal import refused, zaklik
from tests.ops.test_target import SETTINGS
from tests.world import World


def answered(code: str) -> ClientError:
    """What botocore raises when AWS answers with an error."""
    return ClientError({"Error": {"Code": code, "Message": "…"}}, "PutItem")


def test_every_command_says_what_it_does() -> None:
    def check(info: dict[str, Any], words: list[str]) -> None:
        shown = zaklik(*words, "--help")
        assert shown.exit_code == 0
        assert info["help"]
        for name, inner in info.get("commands", {}).items():
            assert name in shown.stdout
            check(inner, [*words, name])

    check(main.to_info_dict(click.Context(main)), [])


def test_the_lines_of_the_help_are_those_of_the_commands() -> None:
    for name, (_, short_help) in COMMANDS.items():
        command = main.get_command(click.Context(main), name)
        assert command
        assert command.name == name
        assert command.get_short_help_str(80) == short_help


def test_a_misspelled_command_is_suggested() -> None:
    assert "Did you mean 'petition'?" in zaklik("petitoin").stderr


def test_help_loads_neither_aws_nor_cryptography() -> None:
    code = (
        "import sys; from ops.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print([m for m in ('botocore', 'cryptography', 'jinja2', 'moto',"
        " 'playwright', 'rich') if m in sys.modules])"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.endswith("[]\n")


@pytest.mark.parametrize(
    "words", [["nonsense"], ["export", "open-door"], ["update", "send", "no-slash"]]
)
def test_what_is_mistyped_ends_with_2(words: list[str]) -> None:
    assert zaklik(*words).exit_code == 2


def test_without_settings_the_missing_one_is_named(tmp_path: Path) -> None:
    message = refused(zaklik("export", "open-door", "--out", tmp_path / "out"))

    assert "ZAKLIK_PUBLIC_URL is not set" in message
    assert "--local" in message


def test_without_a_local_service_the_way_to_start_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIR", str(tmp_path))

    message = refused(zaklik("--local", "export", "open-door", "--out", tmp_path / "out"))

    assert "make run" in message


def test_an_aws_that_cannot_be_reached_is_no_traceback(
    operator: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAKLIK_PETITIONS_TABLE", "elsewhere")
    message = refused(zaklik("export", "open-door", "--out", tmp_path / "out"))
    assert "AWS knows nothing of that name" in message

    monkeypatch.delenv("AWS_DEFAULT_REGION")
    message = refused(zaklik("export", "open-door", "--out", tmp_path / "out"))
    assert "AWS_DEFAULT_REGION" in message


def test_an_aws_that_does_not_answer_is_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SETTINGS:
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")

        message = refused(zaklik("export", "open-door", "--out", tmp_path / "out"))

    assert "AWS does not answer" in message


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (answered("AccessDeniedException"), "does not allow you to call PutItem"),
        (answered("ExpiredTokenException"), "expired"),
        (answered("ValidationException"), "refused PutItem: ValidationException"),
        (NoCredentialsError(), "credentials are missing"),
        (ProfileNotFound(profile="zk"), "zk"),
        (SSOTokenLoadError(error_msg="gone"), "aws sso login"),
        (ConnectTimeoutError(endpoint_url="https://x"), "cannot be reached"),
        (MissingSecret("the secret x is not there"), "zaklik secrets make"),
        (NotBuilt("run `make build`"), "make build"),
        (ConditionFailed(), "Somebody else"),
    ],
)
def test_what_aws_answers_becomes_a_sentence_and_a_remedy(error: Exception, words: str) -> None:
    assert words in (explain(error) or "")


@pytest.mark.usefixtures("operator")
def test_a_fault_of_our_own_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "status", lambda: None)

    result = zaklik("petition", "status", "open-door")

    assert isinstance(result.exception, TypeError)


def test_local_behind_a_command_is_answered_with_its_place() -> None:
    result = zaklik("petition", "status", "my-petition", "--local")

    assert result.exit_code == 2
    assert "zaklik --local COMMAND" in result.stderr
    assert "Traceback" not in result.stderr
