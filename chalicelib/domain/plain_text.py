"""Plain text that may be shown: visible characters, and addresses that may stand in a link."""

import re
import unicodedata
from typing import Final

_ALLOWED_FORMAT_CHARACTERS: Final = "\u200c\u200d\u00ad"
"""Joiners that some scripts need, and the soft hyphen."""
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
"""Control characters but tab and line feed, and what XML cannot hold (XML 1.0, section 2.2)."""
_LINE_CONTROLS: Final = re.compile(f"{_CONTROLS.pattern}|[\t\n\u2028-\u202e\u2066-\u2069]")
"""These and line breaks, and what turns the direction of writing (UAX #9)."""
_WEB_ADDRESS: Final = re.compile(r"https?://[^\s/]+\.[^\s]+")
_MAILBOX: Final = re.compile(r"[\w.+'-]+@[^\s!-,/:-@\[-`{-~]+")
"""Without the characters that begin fields of a mail, such as `bcc`, in a link (RFC 6068)."""


def is_hidden(character: str) -> bool:
    """Whether a character has no place in a line that people read."""
    category = unicodedata.category(character)
    return (category.startswith("C") or category in ("Zl", "Zp")) and (
        character not in _ALLOWED_FORMAT_CHARACTERS
    )


def printable(text: str) -> str:
    """The text, of one line or several, without control characters."""
    return _CONTROLS.sub("", text)


def one_line(text: str) -> str:
    """The text in one line: line breaks and control characters are spaces."""
    return _LINE_CONTROLS.sub(" ", text)


def is_web_address(text: str) -> bool:
    """Whether a text is an absolute address of the web, without spaces."""
    return _WEB_ADDRESS.fullmatch(text) is not None


def is_mailbox(text: str) -> bool:
    """Whether a text may follow `mailto:` as one address and nothing else."""
    return _MAILBOX.fullmatch(text) is not None
