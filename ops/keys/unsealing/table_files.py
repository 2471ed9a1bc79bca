"""Writes the table of signatures row by row: CSV, or XLSX if the file's name ends so."""

import csv
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from ops.atomic_write import atomic_write, unfinished_folder

MAX_SHEET_ROWS: Final = 1_048_576
"""Rows of a sheet in Excel, the heading among them."""
_FORMULA_STARTERS: Final = frozenset("=+-@\u2212")
_LINE_STARTERS: Final = frozenset("\t\r\n")

WriteRow = Callable[[Sequence[str]], str]
"""Writes the cells of a row, and answers where it stands, such as `17` or `17 of sheet 2`."""


@contextmanager
def open_table(path: Path, columns: Sequence[str]) -> Iterator[WriteRow]:
    """A table with this heading, which only its owner can read and which appears at the end.

    No cell is a formula. If the process is killed, nothing of a CSV stays (see `atomic_write`), but
    of an XLSX a folder `path.<random>.unfinished` until `path` is next written. Raises OSError.
    """
    opened = _xlsx if path.suffix.lower() == ".xlsx" else _csv
    with opened(path, columns) as write:
        yield write


def csv_writer(file: IO[str], columns: Sequence[str]) -> Any:
    """A writer of rows, after the heading."""
    # All cells are quoted: Excel may take a semicolon in a name for the end of a cell.
    writer = csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    return writer


def neutralise(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet could take for a formula.

    Spreadsheets convert full-width and small forms of = + - @, and trim spaces and invisible
    characters before them. See OWASP, "CSV Injection".
    """
    visible = (c for c in cell if unicodedata.category(c)[0] not in "ZC")
    first = unicodedata.normalize("NFKC", next(visible, ""))[:1]
    return f"'{cell}" if first in _FORMULA_STARTERS or cell[:1] in _LINE_STARTERS else cell


@contextmanager
def _csv(path: Path, columns: Sequence[str]) -> Iterator[WriteRow]:
    # Excel takes a file for UTF-8 only if it begins with a byte order mark ("sig").
    with atomic_write(path, "w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer, row = csv_writer(file, columns), 1

        def write(cells: Sequence[str]) -> str:
            nonlocal row
            writer.writerow([neutralise(cell) for cell in cells])
            row += 1
            return str(row)

        yield write


@contextmanager
def _xlsx(path: Path, columns: Sequence[str]) -> Iterator[WriteRow]:
    with atomic_write(path) as file, unfinished_folder(path) as folder:
        workbook = Workbook(
            file, {"constant_memory": True, "tmpdir": str(folder), "use_zip64": True}
        )
        sheets = _Sheets(workbook, columns)
        try:
            yield sheets.write
        except BaseException:
            sheets.abandon()
            raise
        workbook.close()


class _Sheets:
    """The sheets of a workbook: a full one is followed by another."""

    def __init__(self, workbook: Workbook, columns: Sequence[str]) -> None:
        self._workbook, self._columns = workbook, columns
        self._heading = workbook.add_format({"bold": True})
        # What somebody types into such a cell later is no formula, either.
        self._text = workbook.add_format({"num_format": "@"})
        self._sheet, self._rows = self._new_sheet(), 1

    def write(self, cells: Sequence[str]) -> str:
        """Write a row."""
        if self._rows == MAX_SHEET_ROWS:
            self._sheet, self._rows = self._new_sheet(), 1
        for column, cell in enumerate(cells):
            text = cell.encode("utf-8", "replace").decode()
            self._sheet.write_string(self._rows, column, text, self._text)
        self._rows += 1
        number = len(self._workbook.worksheets())
        return f"{self._rows} of sheet {number}" if number > 1 else str(self._rows)

    def abandon(self) -> None:
        """Close the files of the sheets, of which nothing is to become."""
        for sheet in self._workbook.worksheets():
            sheet.fh.close()
        self._workbook.fileclosed = True

    def _new_sheet(self) -> Worksheet:
        sheet = self._workbook.add_worksheet()
        sheet.set_column(0, 1, 32)
        sheet.set_column(2, len(self._columns) - 1, 16)
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(self._columns):
            sheet.write_string(0, column, name, self._heading)
        return sheet
