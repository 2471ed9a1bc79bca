"""TOML files that people write: each setting with its line, so that a problem can name it."""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from ops.content.text_files import Problems, read_text

_TABLE: Final = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_ERROR_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)$")
_CURLY_QUOTE: Final = re.compile(r"[\[\s]*[“”„«‘’]")
_DATE: Final = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")
"""A day in any order, whatever stands behind it."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A TOML file or one table of it. Its getters note a problem and return a harmless value."""

    path: Path
    lines: Sequence[str]
    values: Mapping[str, Any]
    problems: Problems
    table: str = ""

    def add(self, key: str, what: str, remedy: str) -> None:
        """Note a problem with `key`."""
        self.problems.add(self.path, self.line_of(key), what, remedy)

    def line_of(self, key: str) -> int:
        """The line on which `key` is set; else that of its table; else the first."""
        setting = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
        current, table_line = "", 1
        for number, line in enumerate(self.lines, start=1):
            if header := _TABLE.match(line):
                current = header[1]
                if not self.table and current == key:
                    return number
                if current == self.table:
                    table_line = number
            elif current == self.table and setting.match(line):
                return number
        return table_line

    def has(self, key: str, example: str) -> bool:
        """Whether `key` is set; a problem if not."""
        if key in self.values:
            return True
        self.add(key, f"“{key}” is missing.", f"Add a line such as: {key} = {example}")
        return False

    def refuse_others(self, known: Collection[str]) -> None:
        """Note every key that is not known: it is a slip of the pen, or meant for another file."""
        for key in self.values:
            if key not in known:
                self.add(key, f"“{key}” is not known here.", f"Known: {', '.join(known)}.")

    def text(self, key: str, example: str, *, limit: int = 200) -> str:
        """A line of text that is not empty."""
        if not self.has(key, example):
            return ""
        value = self.values[key]
        if not isinstance(value, str) or not value.strip() or len(value) > limit:
            self.add(
                key,
                f"“{key}” must be text of 1 to {limit} characters.",
                f"Write: {key} = {example}",
            )
            return ""
        return value.strip()

    def day(self, key: str, example: str) -> date | None:
        """A date without a time of day."""
        if not self.has(key, example):
            return None
        value = self.values[key]
        if not isinstance(value, date) or isinstance(value, datetime):
            self.add(
                key,
                f"“{key}” must be a date: year-month-day, without quotation marks.",
                f"Write: {key} = {example}",
            )
            return None
        return value

    def several(self, key: str, kind: type, example: str) -> Sequence[Any]:
        """A list of at least one value, all of one type."""
        if not self.has(key, example):
            return ()
        value = self.values[key]
        # type(), not isinstance: true and false are whole numbers to Python.
        if (
            not isinstance(value, list)
            or not value
            or any(type(each) is not kind for each in value)
        ):
            self.add(key, f"“{key}” is not a list as needed here.", f"Write: {key} = {example}")
            return ()
        return value

    def part(self, key: str) -> "Sheet":
        """The table `[key]`."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            self.add(key, f"The part [{key}] is missing.", f"Add a line [{key}] and its settings.")
            value = {}
        return Sheet(
            path=self.path,
            lines=self.lines,
            values=value,
            problems=self.problems,
            table=key,
        )


def read_sheet(path: Path, problems: Problems) -> Sheet | None:
    """Read a TOML file. None, and a problem, if it cannot be read."""
    text = read_text(path, problems)
    if text is None:
        return None
    lines = text.split("\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _ERROR_LINE.search(str(error))
        number = int(place[1]) if place else len(lines)
        problems.add(path, number, *_explain(error, lines[number - 1]))
        return None
    return Sheet(path=path, lines=lines, values=values, problems=problems)


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
