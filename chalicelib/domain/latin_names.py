"""Names for addresses in small Latin letters, made of titles in Latin or Cyrillic ones."""

import unicodedata
from typing import Final

_PAIRS: Final = (
    "аa бb вv гh дd еe ёio жzh зz іi иi йj кk лl мm нn оo пp рr сs тt уu ўu фf хkh цc чch шsh "
    "щshch ъ ыy ь эe юiu яia ґg єie їi"
)
_LATIN: Final = {pair[0]: pair[1:] for pair in _PAIRS.split()}
"""Cyrillic letters in small Latin ones, for addresses."""


def name_of(title: str, *, most_letters: int) -> str:
    """A name for an address, made of whole words of a title; "" if it has no letters for it."""
    letters = "".join(_LATIN.get(letter, letter) for letter in title.casefold())
    plain = unicodedata.normalize("NFKD", letters).replace("ł", "l").replace("ß", "ss")
    kept = "".join(
        letter if letter.isascii() and letter.isalnum() else "-"
        for letter in plain
        if not unicodedata.combining(letter)
    )
    words = [word for word in kept.split("-") if word]
    slug = ""
    for word in words:
        longer = f"{slug}-{word}".strip("-")
        if len(longer) > most_letters:
            break
        slug = longer
    return slug or "".join(words[:1])[:most_letters]
