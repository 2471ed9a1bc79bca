"""What is wrong with a Markdown text, before it is rendered for everybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from markdown_it.token import Token

from chalicelib.domain import plain_text, typed_text
from chalicelib.rendering.markdown import FULL, SAFE, is_link, line_of

_MAX_DEPTH: Final = 40
"""Marks within marks: renderers recurse, and no person writes so many."""


@dataclass(frozen=True, kw_only=True)
class MarkdownError:
    """What cannot be published, and its remedy. `line` counts from 0 within the text."""

    line: int
    what: str
    remedy: str


def is_too_deep(text: str) -> bool:
    """Whether marks are nested deeper than they can be rendered."""
    return any(map(_is_too_deep, SAFE.parse(text)))


def errors(text: str) -> Iterator[MarkdownError]:
    """What must not be published: images, HTML, links to elsewhere, a second title.

    And invisible characters that no word is spelt with, typed or written as `&#8238;`.
    """
    typed = [typed_text.find_hidden(line) for line in text.split("\n")]
    yield from (_forbidden(line, found) for line, found in enumerate(typed) if found)
    for token in FULL.parse(text):
        if _is_too_deep(token):
            yield MarkdownError(
                line=line_of(token),
                what=f"Marks stand within marks, more than {_MAX_DEPTH} deep.",
                remedy="Write it more plainly.",
            )
        if token.type == "heading_open" and token.tag == "h1":
            yield MarkdownError(
                line=line_of(token),
                what="A heading with one # is the title's level.",
                remedy="Write ## or ### instead.",
            )
        if token.type == "html_block":
            yield _html_error(line_of(token))
        line = line_of(token)
        yield from _empty_links(token)
        for child in token.children or []:
            if child.type in ("softbreak", "hardbreak"):
                line += 1
            yield from _inline_errors(child, line)
            found = typed_text.find_hidden(f"{child.content}{child.attrs.get('title', '')}")
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
    elif token.type == "link_open" and not is_link(str(token.attrs.get("href", ""))):
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
                    line=line_of(token),
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
