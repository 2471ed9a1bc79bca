"""Signatures reach the organisers, and nobody else on the way."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.domain.petition import VerificationKeys
from chalicelib.store import keys, petitions
from chalicelib.usecases.exports.exporting import MAX_NAMED
from chalicelib.usecases.petitions import publishing
from ops.keys import key_files, key_lifecycle, organiser_keys, petition_keys
from ops.keys.wrapped_keys import PetitionKeys
from tests import builders
from tests.ops.conftest import PASSPHRASE, KeyFile
from tests.ops.pseudo_terminal import refused, zaklik
from tests.sealed_exports import SLUG, TRUSTED, Line, export, index, record, signature_line
from tests.world import World

STORED = (
    "Each was stored by the service in this petition, on the day that it names, and is unaltered "
    "since."
)
LIMITS = (
    "This cannot show: signatures that somebody deleted or held back before the export, or put "
    "back after they were withdrawn; whether a person is who they say."
)


@pytest.fixture(scope="session")
def petition_key(key_file: KeyFile) -> PetitionKeys:
    """The key of a petition that `key_file` opens."""
    public = organiser_keys.public_half(key_file.text)
    return key_lifecycle.new_keys(SLUG, [public], builders.NOW.date())


def trusting(key_file: KeyFile, keys: VerificationKeys) -> str:
    """The text of a key file that trusts the keys of a service for the usual petition."""
    return organiser_keys.trust(
        key_file.text, PASSPHRASE, SLUG, attestation=keys.attestation, export=keys.export
    )


@pytest.fixture(scope="session")
def trusting_text(key_file: KeyFile) -> str:
    """A key file that trusts the builders of exports."""
    return trusting(key_file, TRUSTED)


@dataclass(frozen=True, kw_only=True)
class Laptop:
    """An organiser's folder, with a key file that trusts the builders of exports."""

    folder: Path
    keys: PetitionKeys
    key_file: KeyFile

    @property
    def out(self) -> Path:
        """The spreadsheet."""
        return self.folder / "signatures.csv"

    def receive(self, lines: Sequence[Line]) -> Path:
        """Put an export into the folder."""
        path = self.folder / "signatures.zaklik"
        path.write_bytes(export(lines, petition_keys=petition_keys.to_values(self.keys)))
        return path

    def line(self, number: int, **changes: str) -> Line:
        """The line of a signature that this organiser can open."""
        [private] = petition_keys.unwrap(
            petition_keys.to_values(self.keys), self._organiser_key(), SLUG
        )
        return signature_line(record(number, **changes), number, key=private)

    def _organiser_key(self) -> organiser_keys.OrganiserKey:
        return organiser_keys.OrganiserKey(private=self.key_file.private_key, name="", trusted={})

    def unseal_command(self, source: Path, *options: str) -> list[str | Path]:
        """The words of `unseal`."""
        key = self.folder / "organiser.key"
        return ["unseal", source, "--key", key, "--out", self.out, *options]


@pytest.fixture
def laptop(
    tmp_path: Path, petition_key: PetitionKeys, key_file: KeyFile, trusting_text: str
) -> Laptop:
    """An organiser's folder."""
    key_files.create(tmp_path / "organiser.key", trusting_text)
    return Laptop(folder=tmp_path, keys=petition_key, key_file=key_file)


def addresses(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sorted(row["email"] for row in csv.DictReader(file))


def publish(operator: World, petition_key: PetitionKeys) -> None:
    petition = builders.petition(version=2, public_key=petition_key.current.public_key)
    text = petition_keys.to_text(petition_key)
    publishing.publish_petition(operator.services, petition, key_file=text)


# Export.


def test_signatures_travel_from_the_table_to_the_spreadsheet(
    operator: World, tmp_path: Path, key_file: KeyFile, petition_key: PetitionKeys, passphrase: None
) -> None:
    publish(operator, petition_key)
    operator.sign_and_confirm(name="=Ніна", email="nina@example.org", country="PL")
    operator.sign_and_confirm(name="Ann", email="ann@example.org", country="")
    sealed, opened, key = (tmp_path / name for name in ("s.zaklik", "s.csv", "o.key"))
    service = publishing.verification_keys(operator.services)
    key_files.create(key, trusting(key_file, service))

    exported = zaklik("export", SLUG, "--out", sealed)
    unsealed = zaklik("unseal", sealed, "--key", key, "--out", opened)

    assert (exported.exit_code, unsealed.exit_code) == (0, 0), unsealed.output
    assert "holds 2 signatures of “open-door”, sealed" in exported.stdout
    assert b"nina" not in sealed.read_bytes()
    with opened.open(encoding="utf-8-sig", newline="") as file:
        rows = sorted((row["name"], row["email"]) for row in csv.DictReader(file))
    assert rows == [("'=Ніна", "nina@example.org"), ("Ann", "ann@example.org")]


def test_an_export_replaces_a_file_only_by_force(
    operator: World, tmp_path: Path, petition_key: PetitionKeys
) -> None:
    publish(operator, petition_key)
    out = tmp_path / "signatures.zaklik"
    out.write_text("precious", "utf-8")

    assert "--force" in refused(zaklik("export", SLUG, "--out", out))
    assert out.read_text("utf-8") == "precious"
    assert zaklik("export", SLUG, "--out", out, "--force").exit_code == 0
    assert out.read_bytes().startswith(b"\x1f\x8b")


def test_an_export_that_fails_leaves_nothing_behind(operator: World, tmp_path: Path) -> None:
    out = tmp_path / "out" / "signatures.zaklik"

    assert "no folder" in refused(zaklik("export", SLUG, "--out", out))
    out.parent.mkdir()
    assert "Is it published" in refused(zaklik("export", "nothing", "--out", out))
    assert list(out.parent.iterdir()) == []


def test_an_export_that_nobody_could_open_is_not_made(operator: World, tmp_path: Path) -> None:
    out = tmp_path / "signatures.zaklik"

    missing = refused(zaklik("export", SLUG, "--out", out))
    petitions.save_key_file(operator.services.petitions, SLUG, "forged")
    damaged = refused(zaklik("export", SLUG, "--out", out))

    assert "petition publish" in missing
    assert "damaged" in damaged
    assert not out.exists()


def test_an_export_names_damaged_items_and_holds_the_others(
    operator: World, tmp_path: Path, petition_key: PetitionKeys
) -> None:
    publish(operator, petition_key)
    operator.sign_and_confirm()
    for number in range(1, MAX_NAMED + 3):
        operator.services.signatures.put(keys.signature(SLUG, index(number)), {"state": "?"})
    hostile = {keys.PK: keys.bucket(SLUG, "00"), keys.SK: "00\x1b[2J"}
    operator.services.signatures.put(hostile, {"state": "?"})
    out = tmp_path / "signatures.zaklik"

    result = zaklik("export", SLUG, "--out", out)

    assert result.exit_code == 1
    assert "holds 1 signature of “open-door”, sealed" in result.stdout
    assert f"✗ {MAX_NAMED + 3} items of the table cannot be read" in result.stderr
    assert "\x1b[2J" not in result.output
    assert index(1) in result.stdout
    assert "… and 3 more" in result.stdout
    assert out.exists()


# Unsealing.


def test_unsealing_says_what_was_verified_and_what_that_cannot_show(
    laptop: Laptop, passphrase: None
) -> None:
    source = laptop.receive([laptop.line(1), laptop.line(2)])

    result = zaklik(*laptop.unseal_command(source))

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
    foreign = signature_line(record(2), 2)
    unknown = signature_line(record(4), 4, seed=b"\x13" * 32)
    lines = [laptop.line(1), foreign, {"damaged": "00\x1b[2J"}, unknown]
    source = laptop.receive(lines)

    result = zaklik(*laptop.unseal_command(source))

    report = laptop.folder / "signatures.csv.report.csv"
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
    assert f"{report} has all of them" in result.stdout
    assert addresses(laptop.out) == ["nina1@example.org"]
    assert len(report.read_text("utf-8").splitlines()) == 4


def test_two_signatures_of_one_mailbox_are_named_and_no_error(
    laptop: Laptop, passphrase: None
) -> None:
    source = laptop.receive([laptop.line(1), laptop.line(2, email="NINA1@example.org")])

    result = zaklik(*laptop.unseal_command(source))

    assert result.exit_code == 0
    assert "• 1 signature from a mailbox that occurs before" in result.stdout
    assert f"  row 3, {index(2)}:" in result.stdout
    assert len(addresses(laptop.out)) == 2


def test_a_forged_export_is_refused_with_a_remedy(laptop: Laptop, passphrase: None) -> None:
    source = laptop.folder / "signatures.zaklik"
    values = petition_keys.to_values(laptop.keys)
    source.write_bytes(export([laptop.line(1)], petition_keys=values, seed=b"\x13" * 32))

    reason = refused(zaklik(*laptop.unseal_command(source)))

    assert "not attested by a key that your key file trusts" in reason
    assert not laptop.out.exists()


def test_a_key_file_that_trusts_no_service_opens_nothing(
    laptop: Laptop, key_file: KeyFile, passphrase: None
) -> None:
    """A restored key has forgotten whom to trust; the export itself cannot say it."""
    (laptop.folder / "organiser.key").unlink()
    key_file.write(laptop.folder)

    reason = refused(zaklik(*laptop.unseal_command(laptop.receive([laptop.line(1)]))))

    assert "keys check petitions/open-door" in reason
    assert not laptop.out.exists()


def test_the_key_of_somebody_else_is_refused_with_a_remedy(
    laptop: Laptop, passphrase: None
) -> None:
    (laptop.folder / "organiser.key").unlink()
    key_files.create(laptop.folder / "organiser.key", organiser_keys.new_key(PASSPHRASE))

    reason = refused(zaklik(*laptop.unseal_command(laptop.receive([laptop.line(1)]))))

    assert "does not open “open-door”" in reason
    assert "keys share" in reason


def test_a_wrong_passphrase_opens_nothing(laptop: Laptop) -> None:
    source = laptop.receive([laptop.line(1)])

    result = zaklik(*laptop.unseal_command(source), typed="wrong\n")

    assert result.exit_code == 1
    assert "does not open this key" in result.stderr
    assert not laptop.out.exists()


@pytest.mark.parametrize("name", ["signatures.csv", "signatures.csv.report.csv"])
def test_spreadsheet_and_report_are_replaced_only_by_force(
    laptop: Laptop, passphrase: None, name: str
) -> None:
    source = laptop.receive([laptop.line(1)])
    (laptop.folder / name).write_text("precious", "utf-8")

    assert "--force" in refused(zaklik(*laptop.unseal_command(source)))
    assert (laptop.folder / name).read_text("utf-8") == "precious"
    assert zaklik(*laptop.unseal_command(source, "--force")).exit_code == 0
    assert addresses(laptop.out) == ["nina1@example.org"]
    assert not (laptop.folder / "signatures.csv.report.csv").exists()


def test_files_that_are_missing_are_named(laptop: Laptop, passphrase: None) -> None:
    source = laptop.receive([])
    no_export = zaklik(*laptop.unseal_command(laptop.folder / "none"))
    (laptop.folder / "organiser.key").unlink()
    no_key = zaklik(*laptop.unseal_command(source))

    assert "organiser.key: No such file" in refused(no_key)
    assert "none: No such file" in refused(no_export)
