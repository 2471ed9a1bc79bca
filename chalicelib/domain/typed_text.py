"""What people type or paste: the characters that nobody sees, and widths that nobody means.

The rules are ranges and Unicode 3.2, which every Python has. So each Python gives the same answer,
also about characters that its own Unicode does not know yet.
"""

import re
from typing import Final
from unicodedata import ucd_3_2_0

_SPACES: Final = "\t\n\r\x85 \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Of what Python takes for spaces, all that are no control characters."""
_SELECTORS: Final = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""They choose a variant of the letter before them, which names in Japan or Mongolia need."""
_SPELLING: Final = f"\u034f\u115f\u1160\u200c\u200d{_SELECTORS}"
"""Invisible, yet part of words: joiners, fillers of old Korean syllables, selectors."""
_INVISIBLE: Final = (
    # Default_Ignorable_Code_Point: Unicode keeps these ranges, assigned or not
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    # The blank of braille, and marks of annotations
    "\u2800\ufff9-\ufffc"
)
_NO_TEXT: Final = (
    # Control characters, but not those that break lines
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
    # Private use, which each computer shows in its own way
    "\ue000-\uf8ff\U000f0000-\U0010ffff"
    # Surrogates and noncharacters
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
) + "".join(f"{chr(end)}{chr(end + 1)}" for end in range(0x1FFFE, 0xF0000, 0x10000))
_ODD_BREAKS: Final = "\r\x85\u2028\u2029"
"""They break lines, but editors, feeds and mails do not agree where."""
_YOUNGER_SYMBOLS: Final = (
    "\u1ab0-\u1aff\u1dc0-\u1dff\u2000-\u2bff\u2e00-\u2e7f\u2ff0-\u2fff\u4dc0-\u4dff\ufe10-\ufe2f"
    "\U00010100-\U000101ff\U0001cc00-\U0001cfff\U0001d000-\U0001d3ff\U0001d800-\U0001daaf"
    "\U0001ec70-\U0001ed4f\U0001f000-\U0001fbff"
)
"""Blocks without letters of words, where Unicode 3.2 does not know all symbols and marks."""
_FULL_WIDTH: Final = {
    **{0xFEE0 + code: chr(code) for code in range(0x21, 0x7F)},
    **dict.fromkeys(map(ord, "\u3002\uff61"), "."),
}
"""Characters of ASCII as East Asian keyboards type them, and the ideographic full stop."""

_SKIPPED: Final = re.compile(rf"[{_SPACES}{_INVISIBLE}]*")
_SKIPPED_AFTER_NAMES: Final = re.compile(rf"(?:(?![{_SELECTORS}])[{_SPACES}{_INVISIBLE}])*")
_ANY_INVISIBLE: Final = re.compile(f"[{_INVISIBLE}{_NO_TEXT}]")
_MISPLACED: Final = re.compile(f"(?![{_SPELLING}])[{_INVISIBLE}{_NO_TEXT}]")
_HIDDEN: Final = re.compile(f"(?![{_SPELLING}])[{_INVISIBLE}{_NO_TEXT}{_ODD_BREAKS}]")
_HIDDEN_IN_LINE: Final = re.compile(f"{_HIDDEN.pattern}|[\t\n]")
_YOUNGER_SYMBOL: Final = re.compile(f"[{_YOUNGER_SYMBOLS}]")


def trimmed(text: str) -> str:
    """The text without spaces and invisible characters before and after it."""
    return _without(_SKIPPED, _without(_SKIPPED, text)[::-1])[::-1]


def trimmed_name(text: str) -> str:
    """A name without spaces and invisible characters before and after it."""
    return _without(_SKIPPED_AFTER_NAMES, _without(_SKIPPED, text)[::-1])[::-1]


def without_invisible(text: str) -> str:
    """The text without any invisible character."""
    return _ANY_INVISIBLE.sub("", text)


def is_misspelt(text: str) -> bool:
    """Whether an invisible character is in the text that no word is spelt with."""
    return _MISPLACED.search(text) is not None


def find_hidden(text: str) -> str:
    """The first character that has no place in a text that people publish; "" if there is none.

    Those that no word is spelt with, and soft hyphens, too: who compares two texts or searches for
    a word does not see them. Tabs and line feeds stay.
    """
    found = _HIDDEN.search(text)
    return found[0] if found else ""


def find_hidden_in_line(line: str) -> str:
    """The first such character of a line, which has neither tabs nor line feeds."""
    found = _HIDDEN_IN_LINE.search(line)
    return found[0] if found else ""


def folded_width(text: str) -> str:
    """The text with ASCII in place of its full-width forms."""
    return text.translate(_FULL_WIDTH)


def has_letter(text: str) -> bool:
    """Whether a letter is in the text. What Unicode 3.2 does not know counts as a letter."""
    return any(map(_is_letter, without_invisible(text)))


def _is_letter(character: str) -> bool:
    category = ucd_3_2_0.category(character)
    return category.startswith("L") or (category == "Cn" and not _YOUNGER_SYMBOL.match(character))


def _without(beginning: re.Pattern[str], text: str) -> str:
    # Searched from the beginning of the text, also for its end: once, however long it is.
    found = beginning.match(text)
    return text[found.end() :] if found else text
