"""The form that selects signatures to be held or released, and such a selection in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.signature_filter import SignatureFilter
from chalicelib.routes.desk.held_reasons import WORDS
from chalicelib.usecases.signatures.bulk_moderating import Moderation, ModerationKind

MAX_REASON_CHARACTERS: Final = 200
SIGNALS: Final[Sequence[tuple[str, str]]] = [(str(each), WORDS[each]) for each in Signal]


class BadModeration(Exception):
    """The form cannot be accepted. `errors` maps a field to what is wrong with it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("the form cannot be accepted")
        self.errors = errors


def read(fields: Mapping[str, str]) -> Moderation:
    """What a posted form selects, as a dry run. Raises BadModeration."""
    errors: dict[str, str] = {}
    move = (
        ModerationKind.HOLD if fields.get("move") == ModerationKind.HOLD else ModerationKind.RELEASE
    )
    why = " ".join(fields.get("why", "").split())
    if len(why) > MAX_REASON_CHARACTERS:
        errors["why"] = f"The reason has more than {MAX_REASON_CHARACTERS} characters."
    wanted = SignatureFilter(
        signals=_signals(fields, errors),
        why=(why or None) if move is ModerationKind.RELEASE else None,
        country=_country(fields, errors),
        confirmed_from=_day(fields, "from", errors),
        confirmed_to=_day(fields, "to", errors),
    )
    if move is ModerationKind.HOLD and not why:
        errors["why"] = "A hold needs a reason, by which it can be taken back."
    if move is ModerationKind.HOLD and wanted.is_everything and not errors:
        errors["signal"] = "Say which: by a sign, a country or days."
    if errors:
        raise BadModeration(errors)
    return Moderation(move=move, wanted=wanted, why=why if move is ModerationKind.HOLD else "")


def described(moderation: Moderation) -> str:
    """What is moved, in words for the trail: no signer can be told by it."""
    filters = filters_in_words(moderation)
    state = "confirmed" if moderation.move is ModerationKind.HOLD else "held"
    words = f"{state} signatures" + (f" {', '.join(filters)}" if filters else "")
    return f"{words}; reason: {moderation.why}" if moderation.why else words


def filters_in_words(moderation: Moderation) -> Sequence[str]:
    """The conditions of a selection."""
    wanted = moderation.wanted
    return [
        *(f"with the sign “{WORDS[signal]}”" for signal in wanted.signals),
        *([f"held for “{wanted.why}”"] if wanted.why else []),
        *([f"from {wanted.country}"] if wanted.country else []),
        *([f"of {wanted.confirmed_from} or later"] if wanted.confirmed_from else []),
        *([f"of {wanted.confirmed_to} or earlier"] if wanted.confirmed_to else []),
        *(["that were held before"] if wanted.once_held else []),
    ]


def _signals(fields: Mapping[str, str], errors: dict[str, str]) -> tuple[str, ...]:
    signal = fields.get("signal", "")
    if signal and signal not in tuple(Signal):
        errors["signal"] = "Choose a sign from the list."
    return (signal,) if signal else ()


def _country(fields: Mapping[str, str], errors: dict[str, str]) -> str | None:
    country = fields.get("country", "").strip().upper()
    if country and country not in COUNTRIES:
        errors["country"] = "This is no code of a country, as PL is that of Poland."
    return country or None


def _day(fields: Mapping[str, str], name: str, errors: dict[str, str]) -> date | None:
    text = fields.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        errors[name] = "Write the day as 2026-03-08."
        return None
