"""Reads and writes the files in which organisers keep petitions: TOML, and Markdown below lines."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import tomli_w

from chalicelib.domain.petitions.source import TextSource

MAX_FILE_BYTES: Final = 50_000
"""All languages of a petition, rendered, must fit into one DynamoDB item of 400 KB."""
FENCE: Final = "---"
_COMPARE: Final = "Copy it from a petition that works."
_ERROR_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)$")
_CURLY_QUOTE: Final = re.compile(r"[\[\s]*[“”„«‘’]")
_DATE: Final = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}")
"""A day in any order, whatever stands behind it."""


class UnreadableFile(Exception):
    """A file cannot be read: the line, what is wrong there, and what to do. Lines count from 1."""

    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(what)
        self.line, self.what, self.remedy = line, what, remedy


@dataclass(frozen=True, kw_only=True)
class ReadText:
    """A text that was read from a file, with the places of its parts. Lines count from 1.

    `repeated` are the names that stand there twice, each with the line of its second place.
    """

    source: TextSource
    line_numbers: Mapping[str, int]
    body_line: int
    repeated: Sequence[tuple[str, int]]


def decoded(raw: bytes) -> str:
    """The text of a file, its line ends made one kind. Raises UnreadableFile."""
    if len(raw) > MAX_FILE_BYTES:
        raise UnreadableFile(
            1, f"This file is larger than {MAX_FILE_BYTES:,} bytes.", "Shorten it."
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UnreadableFile(
            line, "This is not UTF-8 text.", "Save the file again as UTF-8."
        ) from error
    if not text.strip():
        raise UnreadableFile(1, "This file is empty.", _COMPARE)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(text: str) -> ReadText:
    """The lines above a text, and the text. Raises UnreadableFile."""
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if line.strip() == FENCE]
    if len(fences) < 2 or fences[0] != 0:
        raise UnreadableFile(
            1,
            "The text must begin with lines about it, between two lines of three hyphens.",
            f"Begin with: {FENCE}, then lines such as title: …, then {FENCE}",
        )
    end = fences[1]
    values: dict[str, str] = {}
    numbers: dict[str, int] = {}
    repeated = []
    for number, line in enumerate(lines[1:end], start=2):
        key, _, value = (part.strip() for part in line.partition(":"))
        if key in values:
            repeated.append((key, number))
        if key or value:
            values[key], numbers[key] = value, number
    return ReadText(
        source=TextSource(lines=values, body="\n".join(lines[end + 1 :])),
        line_numbers=numbers,
        body_line=end + 2,
        repeated=repeated,
    )


def read_toml(text: str) -> dict[str, Any]:
    """The values of a TOML file. Raises UnreadableFile."""
    lines = text.split("\n")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _ERROR_LINE.search(str(error))
        number = int(place[1]) if place else len(lines)
        raise UnreadableFile(number, *_explain(error, lines[number - 1])) from error
    except (RecursionError, ValueError) as error:
        # A number of thousands of digits, or thousands of brackets.
        remedy = "Compare the file with that of a petition that works."
        raise UnreadableFile(1, "No program can read this file.", remedy) from error


def write_text(source: TextSource) -> str:
    """A text as a file."""
    lines = [f"{name}: {words}" for name, words in source.lines.items()]
    return "\n".join([FENCE, *lines, FENCE, source.body])


def write_toml(settings: Mapping[str, Any]) -> str:
    """Settings as a TOML file."""
    return tomli_w.dumps(settings)


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
