"""Chapters of Markdown with the measured figures put in, on screen or in a file."""

import argparse
import re
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

_FIGURE: Final = re.compile(r"\**[<$-]*\d|$")
"""The beginning of a cell that holds a figure, or nothing."""
OURS: Final = "Zaklik"
"""Our name where a peer's figures stand beside ours."""
Progress = Callable[[str], None]
"""Shows what is being measured at this moment."""


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """The answer to one question. `broken` lists promises of ours that the figures do not keep."""

    title: str
    command: str
    text: str
    broken: Sequence[str] = ()

    @property
    def markdown(self) -> str:
        """The chapter with its heading, its command and the broken promises."""
        command = f"`{self.command}`"
        warnings = "".join(f"\n**Broken promise:** {promise}\n" for promise in self.broken)
        return f"## {self.title}\n\n{command}\n{warnings}\n{wrapped(self.text)}\n"


def renewed(report: str, chapters: Sequence[Chapter], day: date) -> str:
    """The report with these chapters in place of those with their titles, each with its day.

    A chapter that is not there yet follows the one before it.
    """
    parts = [part.strip() for part in re.split(r"^(?=## )", report, flags=re.MULTILINE)]
    place = len(parts) - 1
    for chapter in chapters:
        text = f"Measured on {day}, by itself.\n\n{chapter.text.strip()}"
        part = replace(chapter, text=text).markdown.strip()
        heading = part.partition("\n")[0]
        found = [at for at, each in enumerate(parts) if each.partition("\n")[0] == heading]
        place = found[0] if found else place + 1
        parts[place : place + len(found)] = [part]
    return "\n\n".join(parts) + "\n"


def command(script: str) -> str:
    """The command that runs one script."""
    return f".venv/bin/python -m bench.{script}"


def wrapped(text: str) -> str:
    """The text with its paragraphs wrapped again: figures have made their lines uneven."""
    blocks = text.strip().split("\n\n")
    return "\n\n".join(
        block
        if block.lstrip().startswith(("|", "#", "-", "```"))
        else textwrap.fill(block.strip(), 100)
        for block in blocks
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: columns of figures are aligned right, all others and the first left."""
    figures = [all(map(_FIGURE.match, column)) for column in zip(*rows, strict=True)]
    aligned = ["---"] + ["---:" if right else "---" for right in figures[1:]]
    lines = [heads, aligned, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def figure(number: float) -> str:
    """A number with three significant digits below 100, whole above."""
    if number == int(number) or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def ratio(number: float) -> str:
    """A multiple, such as `1.5 ×`."""
    return f"{number:,.0f} ×" if number >= 100 else f"{number:.2g} ×"


def progress(script: str) -> Progress:
    """One line that changes on a terminal; elsewhere one line a script."""
    if not sys.stderr.isatty():
        print(f"Measuring {script} …", file=sys.stderr)
        return lambda what: None
    return lambda what: print(f"\r\x1b[KMeasuring {script}: {what} …", end="", file=sys.stderr)


def clear_progress() -> None:
    """Remove the line of `progress` from the terminal."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)


def beside(description: str) -> str:
    """What the command's option `--beside` says: `NAME=URL` of a peer's page, or nothing."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--beside", default="", metavar="NAME=URL", help="a page of another server")
    return str(parser.parse_args().beside)


def peer(name_and_url: str) -> Mapping[str, str]:
    """The address of a peer's page by the peer's name, from `NAME=URL`; empty without one."""
    name, _, url = name_and_url.partition("=")
    return {name: url} if name else {}


def show(script: str, make: Callable[[Progress], Chapter]) -> None:
    """Measure and print one chapter. Exits with status 1 if a promise is broken."""
    chapter = make(progress(script))
    clear_progress()
    print(chapter.markdown)
    sys.exit(1 if chapter.broken else 0)
