"""Renders Markdown as safe HTML for pages and as plain text for mail.

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
_SUBSECTION: Final = "h3"


class _Parser(MarkdownIt):
    """Parses CommonMark: a safe one without HTML and with links to the web and mailboxes only."""

    def __init__(self, *, safe: bool) -> None:
        super().__init__("commonmark", {"html": not safe})
        self._is_safe = safe

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return not self._is_safe or is_link(url)


SAFE: Final = _Parser(safe=True)
FULL: Final = _Parser(safe=False)
"""Understands what the safe one shows as text, so that it can be reported."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading and the blocks below it. The first section of a text has no heading."""

    heading: str
    line: int
    tokens: Sequence[Token]
    environment: Mapping[str, Any]

    @property
    def html(self) -> str:
        """All blocks."""
        return _html(self.tokens, self.environment)

    @property
    def opening(self) -> tuple[str, str]:
        """The HTML of the first paragraph, and of all that follows; ("", all) without one."""
        # A paragraph is three tokens: open, inline, close.
        size = 3 if self.tokens and self.tokens[0].type == "paragraph_open" else 0
        first, rest = self.tokens[:size], self.tokens[size:]
        return _html(first, self.environment), _html(rest, self.environment)

    @property
    def subsections(self) -> Sequence["Section"]:
        """The section cut at its `###` headings; the first one has no heading."""
        return _cut(self.tokens, _SUBSECTION, self.environment)


def lines_outside_code(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that are no code, numbered from 0."""
    code = {
        line
        for token in SAFE.parse(text)
        if token.type in ("fence", "code_block") and token.map
        for line in range(*token.map)
    }
    return (numbered for numbered in enumerate(text.split("\n")) if numbered[0] not in code)


def sections(text: str) -> Sequence[Section]:
    """Cut a text at its `##` headings (not those within a list, a quotation or code)."""
    environment: dict[str, Any] = {}
    return _cut(SAFE.parse(text, environment), _SECTION, environment)


def to_html(text: str) -> str:
    """Render a whole text as safe HTML."""
    environment: dict[str, Any] = {}
    return _html(SAFE.parse(text, environment), environment)


def to_text(text: str) -> str:
    """Render a whole text as plain text for mail, in lines of at most 72 characters."""
    tree = SyntaxTreeNode(SAFE.parse(text))
    return plain_text.printable("\n\n".join(_blocks(tree, MAIL_WIDTH)))


def _cut(tokens: Sequence[Token], tag: str, environment: Mapping[str, Any]) -> Sequence[Section]:
    """Sections that begin at the headings with this tag."""
    starts = [
        index
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == tag and token.level == 0
    ]
    bounds = [*starts, len(tokens)]
    cut = [Section(heading="", line=0, tokens=tokens[: bounds[0]], environment=environment)]
    for start, end in pairwise(bounds):
        # A heading is three tokens: open, inline, close.
        cut.append(
            Section(
                heading=plain_text.one_line(_plain_text(SyntaxTreeNode([tokens[start + 1]]))),
                line=line_of(tokens[start]),
                tokens=tokens[start + 3 : end],
                environment=environment,
            )
        )
    return cut


def _html(tokens: Sequence[Token], environment: Mapping[str, Any]) -> str:
    """The HTML as the sanitiser writes it, so that reading it from the table changes nothing."""
    return sanitiser.clean(SAFE.renderer.render(tokens, SAFE.options, dict(environment)))


def is_link(address: str) -> bool:
    """Whether an address leads to the web or to a mailbox."""
    return _LINK.match(address) is not None and sanitiser.keeps_link(address)


def line_of(token: Token) -> int:
    """The line on which a block begins, from 0."""
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
