"""Plain text that may be shown: visible characters, and addresses that may stand in a link."""

import re
import unicodedata
from html import unescape
from typing import Final

_FILLERS: Final = "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and symbols that show nothing: "default ignorable" ones, and the empty Braille cell."""
_NON_CHARACTERS: Final = "\ufdd0-\ufdef" + "".join(
    chr(plane | 0xFFFE) + chr(plane | 0xFFFF) for plane in range(0, 0x110000, 0x10000)
)
_FORBIDDEN: Final = f"\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff{_NON_CHARACTERS}"
"""Control characters but tab and line feed; overrides of the direction, which show other words than
are written (UAX #9); and what XML cannot hold or should not (XML 1.0, section 2.2)."""
_CONTROLS: Final = re.compile(f"[{_FORBIDDEN}]")
_LINE_CONTROLS: Final = re.compile(f"[{_FORBIDDEN}\t\n\u2028-\u202e\u2066-\u2069]")
"""These and line breaks, and all that turns the direction of writing."""
_WEB_ADDRESS: Final = re.compile(r"https?://[^\s/]+\.[^\s]+")
_MAILBOX: Final = re.compile(r"[\w.+'-]+@[^\s!-,/:-@\[-`{-~]+")
"""Without the characters that begin fields of a mail, such as `bcc`, in a link (RFC 6068)."""
_IN_TAG: Final = r'(?:[^<>"]|"[^"]*")*'
_LINK: Final = re.compile(rf'<a {_IN_TAG}?href="([^"]*)"{_IN_TAG}>(.*?)</a>', re.DOTALL)
_BLOCK_END: Final = re.compile(r"<[bh]r>|</(?:blockquote|h[2-6]|li|p|pre)>")
_TAG: Final = re.compile(rf"<{_IN_TAG}>")


def has_words(text: str) -> bool:
    """Whether a text has a letter, a digit or a symbol that can be seen."""
    return any(
        unicodedata.category(character)[0] in "LNS" and character not in _FILLERS
        for character in text
    )


def printable(text: str) -> str:
    """The text, of one line or several, without forbidden characters."""
    return _CONTROLS.sub("", text)


def one_line(text: str) -> str:
    """The text in one line: line breaks and forbidden characters are spaces."""
    return _LINE_CONTROLS.sub(" ", text)


def html_has_words(html: str) -> bool:
    """Whether sanitised HTML shows words: nested marks may render to nothing."""
    return has_words(unescape(_TAG.sub("", html)))


def of_html(html: str) -> str:
    """The words of sanitised HTML, a line for each block; a link is followed by its address."""
    blocks = _BLOCK_END.sub("\n", _LINK.sub(_with_address, html))
    lines = (" ".join(line.split()) for line in unescape(_TAG.sub("", blocks)).split("\n"))
    return printable("\n".join(filter(None, lines)))


def _with_address(link: re.Match[str]) -> str:
    address = link[1].removeprefix("mailto:")
    return link[2] if link[2] == address else f"{link[2]} ({address})"


def is_web_address(text: str) -> bool:
    """Whether a text is an absolute address of the web, without spaces."""
    return _WEB_ADDRESS.fullmatch(text) is not None


def is_mailbox(text: str) -> bool:
    """Whether a text may follow `mailto:` as one address and nothing else."""
    return _MAILBOX.fullmatch(text) is not None
