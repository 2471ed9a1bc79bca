"""An amendment: a change of a petition's text after people had signed it, and its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chalicelib.domain.fields import Fields

MAX_REASON: Final = 300
"""Characters."""


class AmendmentKind(StrEnum):
    """What the organiser says of the change: of what is asked, or of a slip of the pen."""

    AMENDMENT = "amendment"
    CORRECTION = "correction"


@dataclass(frozen=True, kw_only=True)
class AmendmentRequest:
    """An organiser's word for a change. `reasons` are by language, that of the first first."""

    kind: AmendmentKind
    reasons: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """A published change of a signed text, to be read in two versions of its petition.

    `version` has the text since `made_at` (aware UTC, whole milliseconds), the version before it
    the text before. `number` counts from 1. `reasons` map a language to a line; the first language
    is the fallback.
    """

    number: int
    version: int
    made_at: datetime
    kind: AmendmentKind
    reasons: Mapping[str, str]

    def reason(self, language: str) -> str:
        """The reason in `language`, else in the fallback language."""
        return self.reasons[self.language(language)]

    def language(self, preferred: str) -> str:
        """The language of `reason(preferred)`."""
        return preferred if preferred in self.reasons else next(iter(self.reasons))


def parse_reasons(fields: Fields, languages: Sequence[str]) -> Mapping[str, str]:
    """The reasons by language, the petition's first language first; else `fields.errors`."""
    fields.refuse_others(languages)
    wanted = [language for language in languages if language in fields.values]
    example = "What changes, and why"
    return {language: fields.text(language, example, limit=MAX_REASON) for language in wanted}
