"""Markdown files that people write: lines about the text between `---`, then the text."""

from pathlib import Path

from chalicelib.domain.petitions.source import TextSource
from chalicelib.rendering import source_files
from chalicelib.rendering.source_files import UnreadableFile
from ops.content.source_map import SourceMap
from ops.content.text_files import not_ready, read_text
from ops.errors import Problem


def read_front_matter(path: Path, name: str, source: SourceMap) -> TextSource:
    """The lines above a text, and the text; the file is the field `name` of `source`.

    Raises NotReady with one problem.
    """
    try:
        read = source_files.read_text(read_text(path))
    except UnreadableFile as error:
        raise not_ready(path, error) from error
    for line, number in read.repeated:
        what = f"“{line}” stands here twice."
        source.mistyped.append(
            Problem(file=path, line=number, what=what, remedy="Delete one of the two.")
        )
    source.add(name, path, {**read.line_numbers, "body": read.body_line})
    return read.source
