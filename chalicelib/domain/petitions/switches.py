"""Switches of a petition: what organisers stop and start within seconds, without publishing."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MAX_NOTICE_CHARACTERS: Final = 300


class Switch(StrEnum):
    """What can be switched off."""

    SIGNING = "signing"
    """Sign forms are taken. Links and codes that were mailed before work all the same."""
    MAILS = "mails"
    """Single mails are sent. Meanwhile they wait on their queue."""
    ALERTS = "alerts"
    """Updates and digests are mailed to subscribers. Meanwhile their alerts are paused."""
    COUNT = "count"
    """The public is shown how many have signed."""


class BadNotice(ValueError):
    """A notice cannot be shown. The message says why, of its text in `language`."""

    def __init__(self, why: str, language: str) -> None:
        super().__init__(why)
        self.language = language


@dataclass(frozen=True, kw_only=True)
class Switches:
    """What is switched off, and the notice on the petition's page by language; empty for none."""

    off: frozenset[Switch] = frozenset()
    notice: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        # A notice is a mapping; equality compares it.
        return hash(self.off)

    def is_on(self, switch: Switch) -> bool:
        """Whether this has not been switched off."""
        return switch not in self.off

    def notice_in(self, language: str, first: str) -> tuple[str, str]:
        """The notice and its language: this one, else the petition's first; "" without a notice."""
        # After the petition has got another first language, any that there is.
        languages = (language, first, *self.notice)
        found = next((each for each in languages if each in self.notice), language)
        return self.notice.get(found, ""), found


ALL_ON: Final = Switches()


def read_notice(typed: Mapping[str, str], languages: tuple[str, ...]) -> Mapping[str, str]:
    """A notice as it was typed, in the order of a petition's languages.

    Readers of a language in which it is not written get it in the first. Raises BadNotice.
    """
    unknown = sorted(typed.keys() - set(languages))
    if unknown:
        raise BadNotice("The petition has no text in this language.", unknown[0])
    notice = {code: " ".join(typed.get(code, "").split()) for code in languages}
    for code, text in notice.items():
        if len(text) > MAX_NOTICE_CHARACTERS:
            raise BadNotice(f"It has more than {MAX_NOTICE_CHARACTERS} characters.", code)
        if any(unicodedata.category(letter) == "Cc" for letter in text):
            raise BadNotice("It has a character that cannot be shown.", code)
    written = {code: text for code, text in notice.items() if text}
    first = languages[0]
    if written and first not in written:
        raise BadNotice("Write it here at least: other readers get this one.", first)
    return written
