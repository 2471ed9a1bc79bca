"""Signatures reach the organisers, and nobody else on the way."""

import csv
from collections.abc import Callable
from pathlib import Path

from tests import builders
from tests.ops.conftest import KeyFile, signature
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World


def test_signatures_travel_from_the_table_to_the_spreadsheet(
    operator: World, tmp_path: Path, key_file: KeyFile, passphrase: None
) -> None:
    operator.publish(builders.petition(version=2, public_key=key_file.public_key))
    operator.sign_and_confirm(name="=Ніна", email="nina@example.org", country="PL")
    operator.sign_and_confirm(name="Ann", email="ann@example.org", country="")
    sealed, opened = tmp_path / "signatures.zaklik", tmp_path / "signatures.csv"

    exported = zaklik("export", "open-door", "--out", sealed)
    unsealed = zaklik("unseal", sealed, "--key", key_file.write(tmp_path), "--out", opened)

    assert (exported.exit_code, unsealed.exit_code) == (0, 0), unsealed.output
    assert "holds 2 signatures of “open-door”, sealed" in exported.stdout
    assert b"nina" not in sealed.read_bytes()
    with opened.open(encoding="utf-8-sig", newline="") as file:
        rows = sorted((row["name"], row["email"]) for row in csv.DictReader(file))
    assert rows == [("'=Ніна", "nina@example.org"), ("Ann", "ann@example.org")]


def test_an_export_replaces_a_file_only_by_force(operator: World, tmp_path: Path) -> None:
    out = tmp_path / "signatures.zaklik"
    out.write_text("precious", "utf-8")

    assert "--force" in refused(zaklik("export", "open-door", "--out", out))
    assert out.read_text("utf-8") == "precious"
    assert zaklik("export", "open-door", "--out", out, "--force").exit_code == 0
    assert out.read_bytes().startswith(b"\x1f\x8b")


def test_an_export_that_fails_leaves_nothing_behind(operator: World, tmp_path: Path) -> None:
    out = tmp_path / "out" / "signatures.zaklik"

    assert "no folder" in refused(zaklik("export", "open-door", "--out", out))
    out.parent.mkdir()
    assert "Is it published" in refused(zaklik("export", "nothing", "--out", out))
    assert list(out.parent.iterdir()) == []


def test_a_wrong_passphrase_opens_nothing(
    write_export: Callable[..., Path], tmp_path: Path, key_file: KeyFile
) -> None:
    out = tmp_path / "signatures.csv"
    key = key_file.write(tmp_path)

    result = zaklik("unseal", write_export(), "--key", key, "--out", out, typed="wrong\n")

    assert result.exit_code == 1
    assert "does not open this key" in result.stderr
    assert not out.exists()


def test_files_that_are_missing_are_named(
    write_export: Callable[..., Path], tmp_path: Path, passphrase: None
) -> None:
    out = tmp_path / "signatures.csv"
    no_key = zaklik("unseal", write_export(), "--key", tmp_path / "no.key", "--out", out)
    no_export = zaklik("unseal", tmp_path / "none", "--key", tmp_path / "no.key", "--out", out)

    assert "no.key: No such file" in refused(no_key)
    assert "none: No such file" in refused(no_export)


def test_unsealing_says_how_many_and_that_they_were_checked(
    write_export: Callable[..., Path], tmp_path: Path, key_file: KeyFile, passphrase: None
) -> None:
    source, key = write_export(signature(1)), key_file.write(tmp_path)

    opened = zaklik("unseal", source, "--key", key, "--out", tmp_path / "signatures.csv")

    assert opened.exit_code == 0
    assert "holds 1 signature of “open-door”" in opened.stdout
    assert "agree with the export's manifest" in opened.stdout
    assert opened.stderr == ""
