"""The next command is shown as this one was typed."""

import sys
from pathlib import Path

import pytest

from ops.terminal.command_hint import command


@pytest.mark.parametrize(
    ("called", "shown"),
    [
        ("pytest", "zaklik --local update send a/b"),
        (".venv/bin/zaklik", ".venv/bin/zaklik --local update send a/b"),
        ("{here}/.venv/bin/zaklik", ".venv/bin/zaklik --local update send a/b"),
        ("{here}/on-path/zaklik", "zaklik --local update send a/b"),
        ("/opt/zaklik", "/opt/zaklik --local update send a/b"),
    ],
)
def test_the_program_is_named_as_it_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str, shown: str
) -> None:
    program = tmp_path / "on-path" / "zaklik"
    program.parent.mkdir()
    program.touch(mode=0o700)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [called.format(here=tmp_path)])

    assert command("update send a/b", local=True) == shown


def test_a_command_that_needs_no_service_is_not_local() -> None:
    assert command("keys new") == "zaklik keys new"
