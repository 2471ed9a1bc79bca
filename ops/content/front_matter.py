"""Markdown files that people write: lines about the text between `---`, then the text."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ops.content.source_map import SourceMap
from ops.content.text_files import read_text, unreadable
from ops.errors import Problem

FENCE: Final = "---"


def read_front_matter(path: Path, name: str, source: SourceMap) -> tuple[Mapping[str, str], str]:
    """The values above a text, and the text; the file is the field `name` of `source`.

    Raises NotReady with one problem.
    """
    lines = read_text(path).split("\n")
    fences = [number for number, line in enumerate(lines) if line.strip() == FENCE]
    if len(fences) < 2 or fences[0] != 0:
        raise unreadable(
            path,
            1,
            "The text must begin with lines about it, between two lines of three hyphens.",
            f"Begin with: {FENCE}, then lines such as title: …, then {FENCE}",
        )
    end = fences[1]
    values: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for number, line in enumerate(lines[1:end], start=2):
        key, _, value = (part.strip() for part in line.partition(":"))
        if key in values:
            what = f"“{key}” stands here twice."
            source.mistyped.append(
                Problem(file=path, line=number, what=what, remedy="Delete one of the two.")
            )
        if key or value:
            values[key], numbers[key] = value, number
    source.add(name, path, {**numbers, "body": end + 2})
    return values, "\n".join(lines[end + 1 :])
