"""Reads the names of signers from a list that `zaklik unseal` has written."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from chalicelib.domain import plain_text
from ops.errors import CannotContinue
from ops.keys.unsealing.table_files import neutralise

MAX_NAMES: Final = 100_000
"""A report with so many takes 8 seconds and 1.8 GB of memory."""
_COLUMN: Final = "name"


def read_names(path: Path) -> Sequence[str]:
    """The names in the order of the list, each in one line. Raises CannotContinue, OSError."""
    refusal = CannotContinue(
        f"{path} is no list with names. Name a CSV that `zaklik unseal` has written."
    )
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if _COLUMN not in (rows.fieldnames or ()):
                raise refusal
            names = [_as_signed(row[_COLUMN]) for row in rows]
    except (TypeError, UnicodeDecodeError, csv.Error) as error:
        raise refusal from error
    if not names:
        raise CannotContinue(f"{path} names nobody. Make the report without it.")
    if len(names) > MAX_NAMES:
        raise CannotContinue(
            f"{path} has {len(names):,} names, and a report takes up to {MAX_NAMES:,}. Make the "
            "report without names, and hand the list in beside it."
        )
    return names


def _as_signed(cell: str) -> str:
    """A name without the apostrophe that keeps spreadsheets from taking it for a formula."""
    bare = cell[1:]
    return plain_text.one_line(bare if cell.startswith("'") and neutralise(bare) == cell else cell)
