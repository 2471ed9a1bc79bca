"""The From field of a mail (RFC 5322): the service's own address, under an organiser's name."""

import re
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.utils import parseaddr, quote
from typing import Final

from chalicelib.domain import plain_text

MAX_NAME_BYTES: Final = 120
"""In UTF-8: encoded, and with an address, less than 320 characters. Inboxes show about thirty."""
_MAX_ENCODED_WORD: Final = 75
"""Characters of an encoded word (RFC 2047, section 2)."""
_CONFUSING: Final = re.compile(r"@|=\?")
"""An address in a name, which mail programs take for a forgery; the start of an encoded word."""


def from_field(own: str, name: str) -> str:
    """The From field with the address of `own`, which is one as well, under this name.

    `own` itself, if the name is empty or could be misread.
    """
    shown = shortened(plain_text.one_line(name))
    if not shown or _CONFUSING.search(shown):
        return own
    return f"{_phrase(shown)} <{parseaddr(own)[1]}>"


def parsed(field: str) -> tuple[str, str]:
    """The name in a From field as a mail program shows it, "" for none, and the address."""
    name, address = parseaddr(field)
    try:
        return str(make_header(decode_header(name))), address
    except (HeaderParseError, LookupError, ValueError):
        return name, address


def shortened(name: str) -> str:
    """The name with single spaces; a long one is cut after a word that still fits."""
    name = " ".join(name.split())
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    cut = name.encode()[: MAX_NAME_BYTES - len("…".encode())].decode(errors="ignore")
    return f"{cut.rpartition(' ')[0] or cut}…"


def _phrase(name: str) -> str:
    """A name as the grammar has it: quoted, or as encoded words if it is beyond ASCII."""
    if name.isascii():
        return f'"{quote(name)}"'
    return Header(name, charset="utf-8", maxlinelen=_MAX_ENCODED_WORD).encode(linesep="")
