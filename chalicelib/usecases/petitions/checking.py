"""Checks a draft by the rules of publishing, and tells what its parts lack."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Final

from chalicelib.crypto import sealing
from chalicelib.domain.fields import FieldError
from chalicelib.domain.petitions import petition_rules
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.source import TEXTS, PetitionSource
from chalicelib.usecases.petitions import editing
from chalicelib.wiring import Services

_ANY_KEY: Final = bytes(sealing.PUBLIC_KEY_BYTES)
"""Stands for the key of a draft that is only checked; nothing is sealed to it."""


@dataclass(frozen=True, kw_only=True)
class CheckedDraft:
    """As much of a petition as could be read, and all that is wrong with it."""

    source: PetitionSource
    petition: Petition
    errors: Sequence[FieldError]

    @property
    def languages(self) -> Sequence[str]:
        """The languages that the draft names, right or wrong."""
        return petition_rules.named_languages(self.source.settings)

    def errors_of_text(self, language: str) -> Sequence[FieldError]:
        """What is wrong in a language."""
        path = f"{TEXTS}.{language}"
        return [each for each in self.errors if f"{each.field}.".startswith(f"{path}.")]

    @property
    def errors_of_settings(self) -> Sequence[FieldError]:
        """What is wrong but for the texts."""
        return [each for each in self.errors if not each.field.startswith(f"{TEXTS}.")]


def check(services: Services, source: PetitionSource, public_key: bytes = _ANY_KEY) -> CheckedDraft:
    """A draft as the rules see it today."""
    errors: list[FieldError] = []
    petition = editing.parse_petition(
        source, errors, public_key=public_key, live_on=live_on(services)
    )
    return CheckedDraft(source=source, petition=petition, errors=errors)


def live_on(services: Services) -> date | None:
    """The day on which real signatures are to be collected; None where no mail leaves."""
    if services.settings.is_tryout:
        return None
    return services.now().astimezone(UTC).date()
