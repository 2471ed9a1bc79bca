"""An organiser opens an export, and is told what was verified and what that cannot show."""

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from chalicelib.crypto import petition_key_files
from ops.keys import key_files, organiser_keys
from tests.ops.conftest import PASSPHRASE
from tests.ops.folders import ANNA, CARLA, KEYS
from tests.ops.pseudo_terminal import refused, zaklik
from tests.sealed_exports import SLUG, TRUSTED, Line, export, index, record, signature_line

STORED = (
    "Each was stored by the service in this petition, on the day that it names, and is unaltered "
    "since."
)
LIMITS = (
    "This cannot show: signatures that somebody deleted or held back before the export, or put "
    "back after they were withdrawn; whether a person is who they say."
)


@pytest.fixture(scope="session")
def annas_text() -> str:
    """Anna's key file, which trusts the builders of exports."""
    return organiser_keys.lock(replace(ANNA, trusted={SLUG: TRUSTED}), PASSPHRASE)


@dataclass(frozen=True)
class Laptop:
    """Anna's folder, with her key file and the files that are made there."""

    folder: Path

    @property
    def key(self) -> Path:
        """Her key file."""
        return self.folder / "anna.key"

    @property
    def out(self) -> Path:
        """The spreadsheet."""
        return self.folder / "signatures.csv"

    @property
    def report(self) -> Path:
        """The report of findings."""
        return self.folder / "signatures.csv.report.csv"

    def receive(self, lines: Sequence[Line], **changes: Any) -> Path:
        """Put an export into the folder."""
        path = self.folder / "signatures.zaklik"
        path.write_bytes(export(lines, petition_keys=petition_key_files.to_values(KEYS), **changes))
        return path

    def unseal(self, source: Path, *options: str, typed: str | None = None) -> Result:
        """Type `unseal`."""
        return zaklik("unseal", source, "--key", self.key, "--out", self.out, *options, typed=typed)


@pytest.fixture
def laptop(tmp_path: Path, annas_text: str) -> Laptop:
    """Anna's folder."""
    laptop = Laptop(tmp_path)
    key_files.create(laptop.key, annas_text)
    return laptop


def addresses(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sorted(row["email"] for row in csv.DictReader(file))


def test_unsealing_says_what_was_verified_and_what_that_cannot_show(
    laptop: Laptop, passphrase: None
) -> None:
    source = laptop.receive([signature_line(record(1), 1), signature_line(record(2), 2)])

    result = laptop.unseal(source)

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        f"✓ {laptop.out} holds 2 signatures of “open-door”.",
        f"✓ {STORED}",
        "✓ The list is the one that was exported on 2026-03-08 at 12:00 UTC.",
        f"• {LIMITS}",
        "  The spreadsheet names everybody who signed. Delete it when you are done with it.",
    ]
    assert result.stderr == ""
    assert addresses(laptop.out) == ["nina1@example.org", "nina2@example.org"]


def test_lines_that_are_left_out_are_named_and_end_with_1(laptop: Laptop, passphrase: None) -> None:
    foreign = signature_line(record(2), 2, key=CARLA.private)
    unknown = signature_line(record(4), 4, seed=b"\x13" * 32)
    lines = [signature_line(record(1), 1), foreign, {"damaged": "00\x1b[2J"}, unknown]
    source = laptop.receive(lines)

    result = laptop.unseal(source)

    assert result.exit_code == 1
    assert "holds 1 signature of" in result.stdout
    assert result.stderr.splitlines() == [
        "✗ 1 line left out: not readable in the table at the export.",
        "✗ 1 line left out: attested by a key that is not trusted.",
        "✗ 1 line left out: sealed to another key.",
    ]
    assert f"  line 3, {index(2)}: sealed to another key" in result.stdout
    assert "keys check" in result.stdout
    assert "\x1b[2J" not in result.output
    assert f"{laptop.report} has all of this" in result.stdout
    assert addresses(laptop.out) == ["nina1@example.org"]
    assert len(laptop.report.read_text("utf-8").splitlines()) == 4


def test_two_signatures_of_one_mailbox_are_named_and_no_error(
    laptop: Laptop, passphrase: None
) -> None:
    source = laptop.receive(
        [signature_line(record(1), 1), signature_line(record(2, email="NINA1@example.org"), 2)]
    )

    result = laptop.unseal(source)

    assert result.exit_code == 0
    assert "• 1 signature from a mailbox that occurs before" in result.stdout
    assert f"  row 3, {index(2)}:" in result.stdout
    assert len(addresses(laptop.out)) == 2


def test_a_forged_export_is_refused_with_a_remedy(laptop: Laptop, passphrase: None) -> None:
    source = laptop.receive([signature_line(record(1), 1)], seed=b"\x13" * 32)

    reason = refused(laptop.unseal(source))

    assert "not attested by a key that your key file trusts" in reason
    assert not laptop.out.exists()


def test_a_key_file_that_trusts_no_service_opens_nothing(laptop: Laptop, passphrase: None) -> None:
    """A restored key has forgotten whom to trust; the export itself cannot say it."""
    laptop.key.unlink()
    key_files.create(laptop.key, organiser_keys.lock(ANNA, PASSPHRASE))

    reason = refused(laptop.unseal(laptop.receive([signature_line(record(1), 1)])))

    assert "keys check petitions/open-door" in reason
    assert not laptop.out.exists()


def test_the_key_of_somebody_else_is_refused_with_a_remedy(
    laptop: Laptop, passphrase: None
) -> None:
    laptop.key.unlink()
    key_files.create(laptop.key, organiser_keys.lock(CARLA, PASSPHRASE))

    reason = refused(laptop.unseal(laptop.receive([signature_line(record(1), 1)])))

    assert "does not open “open-door”" in reason
    assert "keys share" in reason


def test_a_wrong_passphrase_opens_nothing(laptop: Laptop) -> None:
    source = laptop.receive([signature_line(record(1), 1)])

    result = laptop.unseal(source, typed="wrong\n")

    assert result.exit_code == 1
    assert "does not open this key" in result.stderr
    assert not laptop.out.exists()


@pytest.mark.parametrize("name", ["signatures.csv", "signatures.csv.report.csv"])
def test_spreadsheet_and_report_are_replaced_only_by_force(
    laptop: Laptop, passphrase: None, name: str
) -> None:
    source = laptop.receive([signature_line(record(1), 1)])
    (laptop.folder / name).write_text("precious", "utf-8")

    assert "--force" in refused(laptop.unseal(source))
    assert (laptop.folder / name).read_text("utf-8") == "precious"
    assert laptop.unseal(source, "--force").exit_code == 0
    assert addresses(laptop.out) == ["nina1@example.org"]
    assert not laptop.report.exists()


def test_files_that_are_missing_are_named(laptop: Laptop, passphrase: None) -> None:
    source = laptop.receive([])
    no_export = laptop.unseal(laptop.folder / "none")
    laptop.key.unlink()
    no_key = laptop.unseal(source)

    assert "anna.key: No such file" in refused(no_key)
    assert "none: No such file" in refused(no_export)


def test_a_spreadsheet_can_be_a_workbook(laptop: Laptop, passphrase: None) -> None:
    source = laptop.receive([signature_line(record(1), 1)])
    out = laptop.folder / "signatures.xlsx"

    result = zaklik("unseal", source, "--key", laptop.key, "--out", out)

    assert result.exit_code == 0, result.output
    assert zipfile.is_zipfile(out)


def test_a_cut_export_is_opened_on_request_and_ends_with_1(
    laptop: Laptop, passphrase: None
) -> None:
    lines = [signature_line(record(1), 1), signature_line(record(2), 2)]
    source = laptop.receive(lines)
    source.write_bytes(source.read_bytes()[:-8])

    strict = laptop.unseal(source)
    kept_going = laptop.unseal(source, "--keep-going")

    assert "cut off" in refused(strict)
    assert kept_going.exit_code == 1
    assert "✗ The export is cut off" in kept_going.stderr
    assert (
        "  2 lines could be read, and 0 of 2 exported signatures are missing" in kept_going.stdout
    )
    assert "The list is the one that was exported" not in kept_going.output
    assert len(addresses(laptop.out)) == 2
