"""Markdown as organisers write it: safe HTML for pages, plain text for mail, and its faults.

HTML is switched off, images are refused (a picture fetched from elsewhere tells that somewhere
who reads), and links lead to the web or to a mailbox.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

MAIL_WIDTH: Final = 72
"""Characters in a line of plain mail, with room to be quoted (RFC 5322 asks for 78 at most)."""
_LINK: Final = re.compile(r"https?://[^/\s]+|mailto:[^\s]+@", re.IGNORECASE)
_SECTION: Final = "h2"
_TYPED_HEADING: Final = re.compile(r" {0,3}((#{1,6})\s*([^#\s].*?))\s*#*\s*")


class _Safe(MarkdownIt):
    """CommonMark without HTML, and without links to anything but the web and mailboxes."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return _LINK.match(url) is not None


class _Strict(MarkdownIt):
    """Sees everything that `_Safe` would quietly show as text, so that we can say so."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": True})

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - the library's name
        return True


_safe: Final = _Safe()
_strict: Final = _Strict()


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What cannot be published, and its remedy. `line` counts from 0 within the text."""

    line: int
    what: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """What stands under one `##` heading. The first section of a text has no heading."""

    heading: str
    line: int
    html: str


@dataclass(frozen=True, kw_only=True)
class TypedHeading:
    """A line that begins with # marks, a heading or meant as one: `##2. Ask` is none yet.

    `typed` is all of it; `level` the number of marks; `line` counts from 0 within the text.
    """

    typed: str
    level: int
    words: str
    line: int


def typed_headings(text: str) -> Iterator[TypedHeading]:
    """The lines that begin with # marks, except those within code."""
    code = {
        line
        for token in _safe.parse(text)
        if token.type in ("fence", "code_block") and token.map
        for line in range(*token.map)
    }
    for number, line in enumerate(text.split("\n")):
        found = _TYPED_HEADING.fullmatch(line)
        if found and number not in code:
            yield TypedHeading(typed=found[1], level=len(found[2]), words=found[3], line=number)


def sections(text: str) -> Sequence[Section]:
    """Cut a text at its `##` headings (not those within a list, a quotation or code)."""
    environment: dict[str, Any] = {}
    tokens = _safe.parse(text, environment)
    starts = [
        place
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == _SECTION and token.level == 0
    ]
    bounds = [*starts, len(tokens)]
    found = [Section(heading="", line=0, html=_html(tokens[: bounds[0]], environment))]
    for start, end in pairwise(bounds):
        # A heading is three tokens: open, inline, close.
        found.append(
            Section(
                heading=_words(SyntaxTreeNode([tokens[start + 1]])),
                line=_line(tokens[start]),
                html=_html(tokens[start + 3 : end], environment),
            )
        )
    return found


def to_html(text: str) -> str:
    """Render a whole text as safe HTML."""
    environment: dict[str, Any] = {}
    return _html(_safe.parse(text, environment), environment)


def to_text(text: str) -> str:
    """Render a whole text as plain text for mail, in lines of at most 72 characters."""
    return "\n\n".join(_blocks(SyntaxTreeNode(_safe.parse(text)), MAIL_WIDTH))


def faults(text: str) -> Iterator[Fault]:
    """What must not be published: images, HTML, links to elsewhere, a second title."""
    for token in _strict.parse(text):
        if token.type == "heading_open" and token.tag == "h1":
            yield Fault(
                line=_line(token),
                what="A heading with one # is the title's level.",
                remedy="Write ## or ### instead.",
            )
        if token.type == "html_block":
            yield _html_fault(_line(token))
        line = _line(token)
        for child in token.children or []:
            if child.type in ("softbreak", "hardbreak"):
                line += 1
            yield from _inline_faults(child, line)


def _inline_faults(token: Token, line: int) -> Iterator[Fault]:
    if token.type == "html_inline":
        yield _html_fault(line)
    elif token.type == "image":
        yield Fault(
            line=line,
            what="Images are not shown: whoever keeps the picture would learn who reads it.",
            remedy="Describe it in words, or link to it with [words](https://…).",
        )
    elif token.type == "link_open" and not _LINK.match(str(token.attrs.get("href", ""))):
        yield Fault(
            line=line,
            what=f"The link to “{token.attrs.get('href', '')}” leads nowhere in a mail.",
            remedy="Write the whole address, with https:// (or mailto:).",
        )


def _html_fault(line: int) -> Fault:
    return Fault(
        line=line,
        what="HTML is not understood here.",
        remedy="Use Markdown: **bold**, *italic*, [words](https://…), lists, ### headings.",
    )


def _html(tokens: Sequence[Token], environment: Mapping[str, Any]) -> str:
    return str(_safe.renderer.render(tokens, _safe.options, dict(environment)))


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _blocks(node: SyntaxTreeNode, width: int) -> Iterator[str]:
    for child in node.children:
        yield _block(child, width)


def _block(node: SyntaxTreeNode, width: int) -> str:
    if node.type == "heading":
        heading = _wrapped(_words(node), width)
        return heading + "\n" + "-" * max(len(line) for line in heading.split("\n"))
    if node.type in ("bullet_list", "ordered_list"):
        return "\n".join(_items(node, width))
    if node.type == "blockquote":
        quoted = "\n\n".join(_blocks(node, width - 2))
        return textwrap.indent(quoted, "> ", predicate=lambda _line: True)
    if node.type in ("fence", "code_block"):
        return textwrap.indent(node.content.rstrip("\n"), "    ")
    if node.type == "hr":
        return "* * *"
    return _wrapped(_words(node), width)


def _items(node: SyntaxTreeNode, width: int) -> Iterator[str]:
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, start=first):
        mark = "- " if node.type == "bullet_list" else f"{number}. "
        body = "\n".join(_blocks(item, width - len(mark)))
        yield mark + textwrap.indent(body, " " * len(mark)).lstrip(" ")


def _words(node: SyntaxTreeNode) -> str:
    """The words of a block without its marks; a link is followed by its address."""
    if node.type in ("text", "code_inline"):
        return node.content
    if node.type == "softbreak":
        return " "
    if node.type == "hardbreak":
        return "\n"
    words = "".join(_words(child) for child in node.children)
    if node.type == "link":
        address = str(node.attrs["href"]).removeprefix("mailto:")
        return words if words == address else f"{words} ({address})"
    return words


def _wrapped(words: str, width: int) -> str:
    # Addresses stay whole, or they could not be clicked.
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        for line in words.split("\n")
    )
