"""Renders Markdown as safe HTML for pages and as plain text for mail, and finds its errors.

HTML is switched off, images are refused (the server that a picture comes from would learn who
reads), and links lead to the web or to a mailbox. No public page imports this: the library costs
30 ms of a cold start, and texts are rendered when they are published.
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

from chalicelib.domain import plain_text
from chalicelib.rendering import sanitiser

MAIL_WIDTH: Final = 72
"""Characters in a line of plain mail, with room to be quoted (RFC 5322 asks for 78 at most)."""
_LINK: Final = re.compile(r"https?://[^/\s]+|mailto:[^\s]+@", re.IGNORECASE)
_SECTION: Final = "h2"
_MAX_DEPTH: Final = 40
"""Marks within marks: renderers recurse, and no person writes so many."""


class _Parser(MarkdownIt):
    """Parses CommonMark: a safe one without HTML and with links to the web and mailboxes only."""

    def __init__(self, *, safe: bool) -> None:
        super().__init__("commonmark", {"html": not safe})
        self._is_safe = safe

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return not self._is_safe or _is_link(url)


_safe: Final = _Parser(safe=True)
_full: Final = _Parser(safe=False)
"""Understands what the safe one shows as text, so that it can be reported."""


@dataclass(frozen=True, kw_only=True)
class MarkdownError:
    """What cannot be published, and its remedy. `line` counts from 0 within the text."""

    line: int
    what: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """A `##` heading and the HTML below it. The first section of a text has no heading."""

    heading: str
    line: int
    html: str


def lines_outside_code(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that are no code, numbered from 0."""
    code = {
        line
        for token in _safe.parse(text)
        if token.type in ("fence", "code_block") and token.map
        for line in range(*token.map)
    }
    return (numbered for numbered in enumerate(text.split("\n")) if numbered[0] not in code)


def sections(text: str) -> Sequence[Section]:
    """Cut a text at its `##` headings (not those within a list, a quotation or code)."""
    environment: dict[str, Any] = {}
    tokens = _safe.parse(text, environment)
    starts = [
        index
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == _SECTION and token.level == 0
    ]
    bounds = [*starts, len(tokens)]
    cut = [Section(heading="", line=0, html=_html(tokens[: bounds[0]], environment))]
    for start, end in pairwise(bounds):
        # A heading is three tokens: open, inline, close.
        cut.append(
            Section(
                heading=plain_text.one_line(_plain_text(SyntaxTreeNode([tokens[start + 1]]))),
                line=_line(tokens[start]),
                html=_html(tokens[start + 3 : end], environment),
            )
        )
    return cut


def to_html(text: str) -> str:
    """Render a whole text as safe HTML."""
    environment: dict[str, Any] = {}
    return _html(_safe.parse(text, environment), environment)


def to_text(text: str) -> str:
    """Render a whole text as plain text for mail, in lines of at most 72 characters."""
    tree = SyntaxTreeNode(_safe.parse(text))
    return plain_text.printable("\n\n".join(_blocks(tree, MAIL_WIDTH)))


def is_too_deep(text: str) -> bool:
    """Whether marks are nested deeper than they can be rendered."""
    return any(map(_is_too_deep, _safe.parse(text)))


def errors(text: str) -> Iterator[MarkdownError]:
    """What must not be published: images, HTML, links to elsewhere, a second title.

    And characters that are invisible and do harm, typed or written as `&#8238;`.
    """
    typed = [plain_text.find_forbidden(line) for line in text.split("\n")]
    yield from (_forbidden(line, found) for line, found in enumerate(typed) if found)
    for token in _full.parse(text):
        if _is_too_deep(token):
            yield MarkdownError(
                line=_line(token),
                what=f"Marks stand within marks, more than {_MAX_DEPTH} deep.",
                remedy="Write it more plainly.",
            )
        if token.type == "heading_open" and token.tag == "h1":
            yield MarkdownError(
                line=_line(token),
                what="A heading with one # is the title's level.",
                remedy="Write ## or ### instead.",
            )
        if token.type == "html_block":
            yield _html_error(_line(token))
        line = _line(token)
        yield from _empty_links(token)
        for child in token.children or []:
            if child.type in ("softbreak", "hardbreak"):
                line += 1
            yield from _inline_errors(child, line)
            found = plain_text.find_forbidden(f"{child.content}{child.attrs.get('title', '')}")
            if found and not any(typed):
                yield _forbidden(line, found)


def _inline_errors(token: Token, line: int) -> Iterator[MarkdownError]:
    if token.type == "html_inline":
        yield _html_error(line)
    elif token.type == "image":
        yield MarkdownError(
            line=line,
            what="Images are not shown: the picture's server would learn who reads it.",
            remedy="Describe it in words, or link to it with [words](https://…).",
        )
    elif token.type == "link_open" and not _is_link(str(token.attrs.get("href", ""))):
        yield MarkdownError(
            line=line,
            what=f"The link to “{token.attrs.get('href', '')}” leads nowhere in a mail.",
            remedy="Write the whole address, with https:// (or mailto:).",
        )


def _empty_links(token: Token) -> Iterator[MarkdownError]:
    """Links that nobody could see or follow."""
    words: str | None = None
    for child in token.children or []:
        if child.type == "link_open":
            words = ""
        elif child.type == "link_close":
            if words is not None and not plain_text.has_words(words):
                yield MarkdownError(
                    line=_line(token),
                    what="A link has no words, so nobody can see it.",
                    remedy="Write words into the square brackets: [words](https://…).",
                )
            words = None
        elif words is not None:
            words += child.content


def _is_too_deep(token: Token) -> bool:
    levels = [child.level for child in token.children or []]
    return max([token.level, *levels]) > _MAX_DEPTH


def _forbidden(line: int, character: str) -> MarkdownError:
    return MarkdownError(
        line=line,
        what=f"Here is an invisible character that no text may hold (U+{ord(character):04X}).",
        remedy="Type the line again instead of pasting it.",
    )


def _html_error(line: int) -> MarkdownError:
    return MarkdownError(
        line=line,
        what="HTML is not understood here.",
        remedy="Use Markdown: **bold**, *italic*, [words](https://…), lists, ### headings.",
    )


def _html(tokens: Sequence[Token], environment: Mapping[str, Any]) -> str:
    """The HTML as the sanitiser writes it, so that reading it from the table changes nothing."""
    return sanitiser.clean(_safe.renderer.render(tokens, _safe.options, dict(environment)))


def _is_link(address: str) -> bool:
    return _LINK.match(address) is not None and sanitiser.keeps_link(address)


def _line(token: Token) -> int:
    return token.map[0] if token.map else 0


def _blocks(node: SyntaxTreeNode, width: int) -> Iterator[str]:
    for child in node.children:
        yield _block(child, width)


def _block(node: SyntaxTreeNode, width: int) -> str:
    if node.type == "heading":
        heading = _wrapped(_plain_text(node), width)
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
    return _wrapped(_plain_text(node), width)


def _items(node: SyntaxTreeNode, width: int) -> Iterator[str]:
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, start=first):
        mark = "- " if node.type == "bullet_list" else f"{number}. "
        body = "\n".join(_blocks(item, width - len(mark)))
        yield mark + textwrap.indent(body, " " * len(mark)).lstrip(" ")


def _plain_text(node: SyntaxTreeNode) -> str:
    """The text of a block without its marks; a link is followed by its address."""
    if node.type in ("text", "code_inline"):
        return node.content
    if node.type == "softbreak":
        return " "
    if node.type == "hardbreak":
        return "\n"
    text = "".join(_plain_text(child) for child in node.children)
    if node.type == "link":
        address = str(node.attrs["href"]).removeprefix("mailto:")
        return text if text == address else f"{text} ({address})"
    return text


def _wrapped(text: str, width: int) -> str:
    # Addresses stay whole, or they could not be clicked.
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
