"""Organisers make their key themselves."""

import stat
from pathlib import Path

import pytest

from tests.ops.conftest import PASSPHRASE
from tests.ops.pseudo_terminal import refused, zaklik


def test_a_new_key_is_made_and_the_line_for_the_petition_shown(tmp_path: Path) -> None:
    path = tmp_path / "organiser.key"

    made = zaklik("keys", "new", "--out", path, typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")

    assert made.exit_code == 0
    assert PASSPHRASE not in made.output
    [line] = [line for line in made.stdout.splitlines() if line.startswith("public_key")]
    assert "two copies" in made.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert zaklik("keys", "show", path).stdout == line + "\n"
    before = path.read_bytes()
    message = refused(zaklik("keys", "new", "--out", path))
    assert "there already. Name another file with --out; a key file is never replaced." in message
    assert path.read_bytes() == before


def test_a_short_passphrase_makes_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAKLIK_PASSPHRASE", "eleven char")

    assert "12 characters" in refused(zaklik("keys", "new", "--out", tmp_path / "a.key"))
    assert list(tmp_path.iterdir()) == []


def test_a_prompt_that_is_left_ends_with_130(tmp_path: Path) -> None:
    left = zaklik("keys", "new", "--out", tmp_path / "a.key", typed="")

    assert left.exit_code == 130
    assert list(tmp_path.iterdir()) == []
