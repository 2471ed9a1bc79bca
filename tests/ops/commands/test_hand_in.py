"""A command writes the report for a petition's target, with names only on request."""

import hashlib
import stat
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import Result

from chalicelib.rendering.hand_in_report import HandInReport
from ops.content import hand_in_pdf, signer_names
from ops.keys.unsealing.table_files import open_table
from ops.keys.unsealing.verification import COLUMNS
from tests.ops.pseudo_terminal import refused, zaklik
from tests.sealed_exports import SLUG, export
from tests.world import World


def hand_in(folder: Path, *options: str | Path) -> Result:
    """Type `hand-in`."""
    return zaklik("hand-in", SLUG, "--out", folder / "report.pdf", *options)


def names_list(folder: Path, *names: str) -> Path:
    """A list as `unseal` writes it."""
    path = folder / "signatures.csv"
    with open_table(path, COLUMNS) as write:
        for name in names:
            write([name, "nina@example.org", "PL", "be", "2026-03-08"])
    return path


def watched(monkeypatch: pytest.MonkeyPatch) -> list[HandInReport]:
    """The reports that are set in type from now on."""
    reports: list[HandInReport] = []
    make = hand_in_pdf.pdf

    def pdf(report: HandInReport, *, made_at: datetime) -> bytes:
        reports.append(report)
        return make(report, made_at=made_at)

    monkeypatch.setattr(hand_in_pdf, "pdf", pdf)
    return reports


def test_a_report_is_written_and_names_nobody(operator: World, tmp_path: Path) -> None:
    operator.sign_and_confirm(name="Ніна Ёўга", email="nina@example.org")

    result = hand_in(tmp_path, "--language", "be")

    assert result.exit_code == 0, result.output
    assert "reports on 1 signature of “open-door”." in result.stdout
    assert "It names nobody who has signed." in result.stdout
    report = tmp_path / "report.pdf"
    assert report.read_bytes().startswith(b"%PDF-1.7")
    assert b"/Lang(be)" in report.read_bytes()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600


def test_names_come_from_the_list_that_an_organiser_has_opened(
    operator: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.sign_and_confirm(name="Ann", email="ann@example.org")
    reports = watched(monkeypatch)

    result = hand_in(tmp_path, "--names", names_list(tmp_path, "=Ann"))

    assert result.exit_code == 0, result.output
    assert reports[0].names == ["=Ann"]
    assert "It names everybody who has signed." in result.stdout


def test_another_number_of_names_than_signatures_is_said(operator: World, tmp_path: Path) -> None:
    result = hand_in(tmp_path, "--names", names_list(tmp_path, "Ann", "Ніна"))

    assert result.exit_code == 0
    assert "It has 2 names: signatures have come or gone" in result.stdout


def test_the_export_is_told_by_its_digest(
    operator: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "signatures.zaklik"
    source.write_bytes(export([]))
    reports = watched(monkeypatch)
    foreign = tmp_path / "foreign.zaklik"
    foreign.write_bytes(export([], slug="other-door"))

    assert hand_in(tmp_path, "--export", source).exit_code == 0
    assert "is an export of “other-door”" in refused(
        hand_in(tmp_path, "--export", foreign, "--force")
    )
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    parts = [part for section in reports[0].sections for part in section.parts]
    told = "".join(code for part in parts for code in part.codes)
    assert digest in told.replace(" ", "")


def test_a_language_that_the_petition_lacks_is_refused(operator: World, tmp_path: Path) -> None:
    reason = refused(hand_in(tmp_path, "--language", "lt"))

    assert "has no text in “lt”. Choose among: en" in reason
    assert list(tmp_path.iterdir()) == []


def test_a_report_is_replaced_only_by_force(operator: World, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_text("precious", "utf-8")

    assert "--force" in refused(hand_in(tmp_path))
    assert hand_in(tmp_path, "--force").exit_code == 0


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"PK\x03\x04"])
def test_a_file_that_is_no_list_of_names_is_refused(
    operator: World, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "names"
    path.write_bytes(content)

    reason = refused(hand_in(tmp_path, "--names", path))

    assert "is no list with names" in reason


def test_a_very_long_list_is_handed_in_beside_the_report(
    operator: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signer_names, "MAX_NAMES", 2)

    reason = refused(hand_in(tmp_path, "--names", names_list(tmp_path, "a", "b", "c")))

    assert "hand the list in beside it" in reason


def test_a_list_without_names_is_refused(operator: World, tmp_path: Path) -> None:
    assert "names nobody" in refused(hand_in(tmp_path, "--names", names_list(tmp_path)))
