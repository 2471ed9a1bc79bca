"""Labels of domains that mix Latin with Cyrillic or Greek letters.

Registries refuse them: somebody typed a letter of another keyboard, or wants to be taken for
somebody else.
"""

import re
from typing import Final

_LATIN: Final = re.compile(
    "[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1d00-\u1dbf\u1e00-\u1eff\u2c60-\u2c7f\ua722-\ua7ff\uab30-\uab6f]"
)
_CYRILLIC: Final = re.compile("[\u0400-\u052f\u1c80-\u1c8f\ua640-\ua69f]")
_FOREIGN: Final = re.compile(f"[\u0370-\u03ff\u1f00-\u1fff]|{_CYRILLIC.pattern}")
CYRILLIC_LOOK_ALIKES: Final = str.maketrans("авеіјкмнорсѕтухьԁԛԝ", "abeijkmhopcstyxbdqw")
"""Cyrillic letters, and the Latin ones for which they are typed."""
_LOOK_ALIKES: Final = CYRILLIC_LOOK_ALIKES | str.maketrans("αεικνορτυχ", "aeikvoptux")
"""The same with Greek letters."""


def foreign_letter(domain: str) -> str:
    """The first Cyrillic or Greek letter in a label with Latin letters; "" if there is none."""
    for label in domain.split("."):
        if _LATIN.search(label) and (found := _FOREIGN.search(label)):
            return found[0]
    return ""


def is_cyrillic(letter: str) -> bool:
    """Whether a letter is Cyrillic."""
    return _CYRILLIC.fullmatch(letter) is not None


def in_latin(domain: str) -> str:
    """The domain in small letters, with Latin ones for their look-alikes in mixed labels."""
    return ".".join(
        label.translate(_LOOK_ALIKES) if foreign_letter(label) else label
        for label in domain.lower().split(".")
    )
