"""A table opens in a spreadsheet as it was written, and no cell of it is a formula."""

import csv
import io
import stat
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.keys.unsealing import table_files
from ops.keys.unsealing.table_files import neutralise, open_table

_SHEET_XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HEADING = ["name", "email"]


def write(path: Path, rows: Sequence[Sequence[str]]) -> list[str]:
    """Write a table; where each row stands."""
    with open_table(path, HEADING) as write_row:
        return [write_row(row) for row in rows]


def sheets(path: Path) -> list[list[list[str]]]:
    """The cells of each sheet of a workbook, which must all be text."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if "/worksheets/" in name)
        documents = [ET.fromstring(archive.read(name)) for name in names]  # noqa: S314 - ours
    for document in documents:
        assert {cell.get("t") for cell in document.iter(f"{_SHEET_XML}c")} == {"inlineStr"}
        assert not list(document.iter(f"{_SHEET_XML}f"))
    return [
        [["".join(cell.itertext()) for cell in row] for row in document.iter(f"{_SHEET_XML}row")]
        for document in documents
    ]


# CSV.


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+48 22", "-1", "@SUM(A1)", "\t=1", "\rx", "\nx", "  =1", "\u00a0=1"),
        *("\ufeff=1", "＝1", "＋1", "－1", "＠x", "﹦1", "\u200b＝1", "\u22121"),
    ],
)
def test_what_a_spreadsheet_could_run_becomes_text(cell: str) -> None:
    assert neutralise(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "Ніна", "O'Brien", "a=b", "x-y@example.org", " Ann", "7"])
def test_ordinary_cells_stay_as_they_are(cell: str) -> None:
    assert neutralise(cell) == cell


@given(st.text(max_size=40))
def test_no_cell_begins_like_a_formula_and_none_is_lost(cell: str) -> None:
    safe = neutralise(cell)

    shown = [c for c in safe if unicodedata.category(c)[0] not in "ZC"]
    first = unicodedata.normalize("NFKC", "".join(shown[:1]))[:1]
    assert first not in set("=+-@")
    assert safe[:1] not in set("\t\r\n")
    assert safe in (cell, "'" + cell)


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=20), min_size=1))
def test_cells_come_back_from_the_file_as_they_were_written(cells: list[str]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerow(
        [neutralise(cell) for cell in cells]
    )

    [read] = csv.reader(io.StringIO(written.getvalue(), newline=""))

    assert [cell.removeprefix("'") for cell in read] == [cell.removeprefix("'") for cell in cells]


# XLSX.


def test_a_workbook_holds_every_row_as_text(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    rows = [["Ніна Ёўга", "nina@example.org"], ["=1+1", "@SUM(A1)"], ["0123", "https://x.org"]]

    places = write(path, rows)

    assert places == ["2", "3", "4"]
    assert sheets(path) == [[HEADING, *rows]]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_ending_of_a_name_chooses_the_kind_in_capitals_too(tmp_path: Path) -> None:
    for name, kind in {"a.XLSX": True, "a.csv": False, "a": False, "xlsx": False}.items():
        write(tmp_path / name, [])

        assert zipfile.is_zipfile(tmp_path / name) is kind


def test_letters_that_no_file_can_hold_spoil_no_workbook(tmp_path: Path) -> None:
    write(tmp_path / "list.xlsx", [["a\ud800\x00\x0b\ufffe<&>", " b "]])

    [[_, [name, email]]] = sheets(tmp_path / "list.xlsx")
    assert (name, email) == ("a?_x0000__x000B__xFFFE_<&>", " b ")


def test_a_full_sheet_is_followed_by_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "MAX_SHEET_ROWS", 3)
    rows = [[f"Ніна {number}", ""] for number in range(5)]

    places = write(tmp_path / "list.xlsx", rows)

    assert places == ["2", "3", "2 of sheet 2", "3 of sheet 2", "2 of sheet 3"]
    first, second, third = sheets(tmp_path / "list.xlsx")
    assert [first, second, third] == [
        [HEADING, *rows[:2]],
        [HEADING, *rows[2:4]],
        [HEADING, *rows[4:]],
    ]


def _write_and_interrupt(path: Path) -> None:
    with open_table(path, HEADING) as write_row:
        write_row(["Ніна", "nina@example.org"])
        raise KeyboardInterrupt


def test_a_workbook_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _write_and_interrupt(tmp_path / "list.xlsx")

    assert list(tmp_path.iterdir()) == []
