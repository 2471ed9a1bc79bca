"""TOML files that people write: their values, and the line of each setting."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from chalicelib.rendering import source_files
from chalicelib.rendering.source_files import UnreadableFile
from ops.content.source_map import SourceMap
from ops.content.text_files import not_ready, read_text

_TABLE: Final = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_SETTING: Final = re.compile(r"""\s*["']?([\w.-]+)["']?\s*=""")


def read_toml(path: Path, source: SourceMap) -> Mapping[str, Any]:
    """The values of a TOML file, whose lines go to `source`. Raises NotReady with one problem."""
    text = read_text(path)
    try:
        values = source_files.read_toml(text)
    except UnreadableFile as error:
        raise not_ready(path, error) from error
    numbers: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _TABLE.match(line):
            table = header[1] + "."
            numbers.setdefault(header[1], number)
        elif setting := _SETTING.match(line):
            numbers.setdefault(table + setting[1], number)
    source.add("", path, numbers)
    return values
