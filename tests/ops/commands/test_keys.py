"""Organisers make their own keys, and get them back from paper."""

import re
import stat
from pathlib import Path

import pytest

from ops.keys import key_files, organiser_keys
from ops.keys.recovery import codes
from tests.ops import folders
from tests.ops.conftest import PASSPHRASE, KeyFile
from tests.ops.pseudo_terminal import refused, zaklik


def lines_of_sheet(path: Path) -> list[str]:
    """The five lines of a recovery sheet."""
    rows = re.findall(r"<tr>(.*?)</tr>", path.read_text("utf-8"))
    return [" ".join(re.findall(r"<td>(\w{4})</td>", row)) for row in rows]


def test_a_new_key_comes_with_a_sheet_that_makes_it_again(tmp_path: Path) -> None:
    path, sheet = tmp_path / "anna.key", tmp_path / "anna-recovery.html"

    made = zaklik(
        "keys", "new", "--out", path, "--name", "Anna", typed=f"{PASSPHRASE}\n{PASSPHRASE}\n"
    )

    assert made.exit_code == 0
    assert PASSPHRASE not in made.output
    assert "print it. Then delete the file" in made.stdout
    key = organiser_keys.open_key(path.read_text("utf-8"), PASSPHRASE)
    assert (key.name, key.trusted) == ("Anna", {})
    assert codes.private_key(lines_of_sheet(sheet)) == key.private
    assert {stat.S_IMODE(file.stat().st_mode) for file in (path, sheet)} == {0o600}
    assert "Key of <b>Anna</b>" in sheet.read_text("utf-8")
    [fingerprint] = re.findall(r"Fingerprint  (.*)", made.stdout)
    assert f"Name         Anna\nFingerprint  {fingerprint}\n" in zaklik("keys", "show", path).stdout


def test_there_is_no_key_without_a_sheet(tmp_path: Path, passphrase: None) -> None:
    assert zaklik("keys", "new", "--no-sheet", "--out", tmp_path / "a.key").exit_code == 2
    sheet = tmp_path / "a-recovery.html"
    sheet.write_text("another")

    message = refused(zaklik("keys", "new", "--out", tmp_path / "a.key"))

    assert "Print it and delete it, or name another --out." in message
    assert [file.name for file in tmp_path.iterdir()] == [sheet.name]


def test_a_command_that_dies_has_written_the_sheet_first(
    tmp_path: Path, passphrase: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, text: str) -> None:
        if path.suffix == ".key":
            raise OSError(28, "No space left on device", str(path))
        path.write_text(text, "utf-8")

    monkeypatch.setattr(key_files, "create", fail)

    assert "No space left" in refused(zaklik("keys", "new", "--out", tmp_path / "a.key"))
    assert len(lines_of_sheet(tmp_path / "a-recovery.html")) == 5


def test_a_key_file_is_never_replaced(tmp_path: Path, key_file: KeyFile, passphrase: None) -> None:
    path = key_file.write(tmp_path)

    for words in (["new"], ["restore"]):
        message = refused(zaklik("keys", *words, "--out", path))
        assert "there already. Name another file with --out; a key file is never" in message
    assert path.read_text("utf-8") == key_file.text


def test_a_short_passphrase_makes_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZAKLIK_PASSPHRASE", "eleven char")

    assert "12 characters" in refused(zaklik("keys", "new", "--out", tmp_path / "a.key"))
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_cannot_be_printed_is_refused_before_anything_is_typed(tmp_path: Path) -> None:
    message = refused(zaklik("keys", "new", "--out", tmp_path / "a.key", "--name", "x" * 61))

    assert "at most 60 letters" in message


def test_a_prompt_that_is_left_ends_with_130(tmp_path: Path) -> None:
    left = zaklik("keys", "new", "--out", tmp_path / "a.key", typed="")

    assert left.exit_code == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("separator", ["\n", " "], ids=["lines", "scanned"])
def test_the_lines_of_the_sheet_make_the_same_key(
    tmp_path: Path, key_file: KeyFile, monkeypatch: pytest.MonkeyPatch, separator: str
) -> None:
    monkeypatch.setenv("ZAKLIK_PASSPHRASE", "another dozen characters")
    code = separator.join(codes.lines_of(key_file.private_key))

    restored = zaklik("keys", "restore", "--out", tmp_path / "back.key", typed=code + "\n")

    assert restored.exit_code == 0
    text = (tmp_path / "back.key").read_text("utf-8")
    key = organiser_keys.open_key(text, "another dozen characters")
    assert key.private == key_file.private_key
    assert "All five lines are right." in restored.stdout


def test_a_mistyped_line_is_named_and_makes_no_key(
    tmp_path: Path, key_file: KeyFile, passphrase: None
) -> None:
    lines = list(codes.lines_of(key_file.private_key))
    lines[3] = lines[3][:-1] + ("A" if lines[3][-1] != "A" else "B")

    restored = zaklik("keys", "restore", "--out", tmp_path / "back.key", typed="\n".join(lines))

    assert "Line 4 has a typing error. Compare it with the sheet." in refused(restored)
    assert list(tmp_path.iterdir()) == []


def test_where_a_person_types_a_mistyped_line_is_asked_again(
    tmp_path: Path, key_file: KeyFile, passphrase: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.commands.keys._is_typed", lambda: True)
    lines = codes.lines_of(key_file.private_key)
    typed = "\n".join([lines[0], lines[2], "nonsense", *lines[1:]])

    restored = zaklik("keys", "restore", "--out", tmp_path / "back.key", typed=typed)

    assert restored.exit_code == 0
    assert "This is line 3 of the sheet. Type line 2." in restored.stderr
    assert "Line 2 has 8 characters, not 16" in restored.stderr


def test_the_sheet_is_written_again(tmp_path: Path, key_file: KeyFile, passphrase: None) -> None:
    path = key_file.write(tmp_path)

    again = zaklik("keys", "sheet", path)

    assert again.exit_code == 0
    lines = lines_of_sheet(tmp_path / "organiser-recovery.html")
    assert codes.private_key(lines) == key_file.private_key
    assert "there already" in refused(zaklik("keys", "sheet", path))


def test_the_public_half_goes_into_a_file_for_others(tmp_path: Path, key_file: KeyFile) -> None:
    path, public = key_file.write(tmp_path), tmp_path / "anna.pub"

    written = zaklik("keys", "show", path, "--public-out", public)

    assert written.exit_code == 0
    half = organiser_keys.public_half(public.read_text("utf-8"))
    assert half.raw == key_file.public_key
    assert zaklik("keys", "show", public).stdout.splitlines()[:2] == written.stdout.splitlines()[:2]
    assert "there already" in refused(zaklik("keys", "show", path, "--public-out", public))


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)

    assert "key.json is not a key file" in refused(zaklik("keys", "show", folder / "key.json"))
    assert "No such file" in refused(zaklik("keys", "show", tmp_path / "nothing.key"))
