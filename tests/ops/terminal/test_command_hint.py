"""The next command is shown as this one was typed."""

import sys
from pathlib import Path

import click
import pytest

from ops.cli import main
from ops.terminal.command_hint import command


@pytest.mark.parametrize(
    ("program", "shown"),
    [
        ("pytest", "zaklik --local update send a/b"),
        (".venv/bin/zaklik", ".venv/bin/zaklik --local update send a/b"),
        ("{here}/on-path/zaklik", "zaklik --local update send a/b"),
        ("/opt/zaklik", "/opt/zaklik --local update send a/b"),
    ],
)
def test_the_program_is_named_as_it_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, shown: str
) -> None:
    on_path = tmp_path / "on-path" / "zaklik"
    on_path.parent.mkdir()
    on_path.touch(mode=0o700)
    monkeypatch.setenv("PATH", str(on_path.parent))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [program.format(here=tmp_path)])

    with main.make_context("zaklik", ["--local", "keys"]):
        assert command("update send a/b") == shown


def test_local_is_kept_from_any_depth_and_only_where_it_was_typed() -> None:
    local = main.make_context("zaklik", ["--local", "keys"])
    with click.Context(click.Command("new"), parent=local):
        assert command("keys new") == "zaklik --local keys new"
    with main.make_context("zaklik", ["keys"]):
        assert command("keys new") == "zaklik keys new"


def test_outside_of_a_command_the_program_has_its_name() -> None:
    assert command("keys new") == "zaklik keys new"
