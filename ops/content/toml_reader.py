"""TOML files that people write: their values, and the line of each setting."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ops.content.source_map import SourceMap
from ops.content.text_files import read_text, unreadable

_TABLE: Final = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_SETTING: Final = re.compile(r"""\s*["']?([\w.-]+)["']?\s*=""")
_ERROR_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)$")
_CURLY_QUOTE: Final = re.compile(r"[\[\s]*[“”„«‘’]")
_DATE: Final = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")
"""A day in any order, whatever stands behind it."""


def read_toml(path: Path, source: SourceMap) -> Mapping[str, Any]:
    """The values of a TOML file, whose lines go to `source`. Raises NotReady with one problem."""
    text = read_text(path)
    lines = text.split("\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _ERROR_LINE.search(str(error))
        number = int(place[1]) if place else len(lines)
        raise unreadable(path, number, *_explain(error, lines[number - 1])) from error
    except (RecursionError, ValueError) as error:
        # A number of thousands of digits, or thousands of brackets.
        remedy = "Compare the file with that of a petition that works."
        raise unreadable(path, 1, "No program can read this file.", remedy) from error
    numbers: dict[str, int] = {}
    table = ""
    for number, line in enumerate(lines, start=1):
        if header := _TABLE.match(line):
            table = header[1] + "."
            numbers.setdefault(header[1], number)
        elif setting := _SETTING.match(line):
            numbers.setdefault(table + setting[1], number)
    source.add("", path, numbers)
    return values


def _explain(error: tomllib.TOMLDecodeError, line: str) -> tuple[str, str]:
    """What is wrong with a line that is not TOML, guessed from its look, and what to write."""
    value = line.partition("=")[2].strip()
    if _CURLY_QUOTE.match(value):
        return "The line cannot be read.", 'Use straight quotation marks: "like these".'
    if _DATE.match(value):
        return (
            "The date cannot be read.",
            "A date is written 2027-03-31, a moment 2027-03-31T09:00:00Z.",
        )
    remedy = (
        "Compare the line with the same line of a petition that works. "
        "Words stand in quotation marks, dates and numbers do not."
    )
    return f"This is not TOML: {_ERROR_LINE.sub('', str(error))}.", remedy
