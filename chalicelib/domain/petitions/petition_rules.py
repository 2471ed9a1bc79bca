"""What a petition must be before it can be published, and which languages its texts must have."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final

from chalicelib.domain.fields import Fields
from chalicelib.domain.petitions import news_rules, organiser_rules, text_rules
from chalicelib.domain.petitions.petition import (
    APPROVALS,
    MAX_GOAL,
    MAX_GOALS,
    RESERVED_SLUGS,
    SLUG,
    Petition,
    PetitionText,
)

_FIELDS: Final = (
    "languages",
    "opens_on",
    "closes_on",
    "goals",
    "discreet",
    "pseudonyms",
    "risk_languages",
    "countries",
    "amendments_offer_withdrawal",
    "digest_at",
    "digest_day",
    "milestones",
    "handed_in_on",
    "approvals",
    "organiser",
)
_GOALS: Final = (100, 500, 1000)
_MAX_LANGUAGES: Final = 100


def parse_petition(
    fields: Fields,
    *,
    slug: str,
    texts: Mapping[str, PetitionText | None],
    public_key: bytes,
    interface_languages: Sequence[str],
    live_on: date | None,
) -> Petition:
    """The petition, as version 0; with `fields.errors`, as much of it as could be read.

    `texts` has None for a text that could not be read. `public_key` is the petition's key, which an
    organiser has proven; empty, if that is an error already. `live_on` is the day in UTC on which
    real signatures are to be collected, None to try things out: a placeholder for the organiser and
    a last day before it are errors then, the latter unless the texts tell the outcome.
    """
    check_name(fields, "slug", slug)
    fields.refuse_others(_FIELDS)
    named = named_languages(fields.values)
    languages = _languages(fields, interface_languages)
    opens_on, closes_on = _days(fields)
    petition = Petition(
        slug=slug,
        version=0,
        opens_on=opens_on,
        closes_on=closes_on,
        goals=_goals(fields),
        public_key=public_key,
        key_proven=bool(public_key),
        organiser=organiser_rules.parse_organiser(fields.part("organiser"), live=bool(live_on)),
        discreet=_yes_or_no(fields, "discreet", default=True),
        pseudonyms=_yes_or_no(fields, "pseudonyms"),
        risk_languages=_risk_languages(fields, named),
        publishes_countries=_yes_or_no(fields, "countries"),
        amendments_offer_withdrawal=_yes_or_no(fields, "amendments_offer_withdrawal"),
        digest_times=news_rules.parse_digest_times(fields),
        milestones=news_rules.parse_milestones(fields),
        handed_in_on=news_rules.parse_handed_in_on(fields, opens_on),
        approvals=_approvals(fields),
        texts=text_rules.complete_texts(fields, texts, languages, named),
    )
    text_rules.compare(fields, petition.texts)
    if live_on is not None:
        _check_closing(fields, petition, live_on)
    return petition


def named_languages(values: Mapping[str, Any]) -> Sequence[str]:
    """The languages that a petition names, in its order and once each, right or wrong."""
    named = values.get("languages")
    texts = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    return list(dict.fromkeys(texts))


def check_name(fields: Fields, field: str, name: str) -> None:
    """Note a name that cannot be a part of a path."""
    if not SLUG.fullmatch(name):
        fields.add(
            field,
            f"The name “{name}” does not fit an address.",
            "Use small Latin letters, digits and hyphens, at most 64.",
        )
    elif name in RESERVED_SLUGS:
        fields.add(field, f"The service uses the name “{name}” itself.", "Choose another name.")


def _languages(fields: Fields, interface_languages: Sequence[str]) -> Sequence[str]:
    """Those named languages that the interface speaks; the others are errors."""
    named: Sequence[str] = fields.several(
        "languages", str, ["en", "be", "ru"], limit=_MAX_LANGUAGES
    )
    for language in dict.fromkeys(named):
        if language not in interface_languages:
            fields.add(
                "languages",
                f"The buttons and forms do not speak “{language}”.",
                f"They speak {', '.join(interface_languages)}. "
                "Take it out, or ask an engineer to add it under locale/.",
            )
        if named.count(language) > 1:
            fields.add("languages", f"“{language}” is named twice.", "Delete one of the two.")
    return [language for language in dict.fromkeys(named) if language in interface_languages]


def _risk_languages(fields: Fields, named: Sequence[str]) -> tuple[str, ...]:
    if "risk_languages" not in fields.values:
        return ()
    languages: Sequence[str] = fields.several(
        "risk_languages", str, ["be", "ru"], limit=_MAX_LANGUAGES
    )
    for language in languages:
        if language not in named:
            what = f"“{language}” is no language of this petition."
            fields.add("risk_languages", what, f"Choose among: {', '.join(named)}.")
    return tuple(languages)


def _days(fields: Fields) -> tuple[date, date]:
    opens_on = fields.day("opens_on", date(2026, 1, 1))
    closes_on = fields.day("closes_on", date(2027, 12, 31))
    if opens_on and closes_on and closes_on < opens_on:
        fields.add(
            "closes_on",
            f"The petition closes on {closes_on}, before it opens on {opens_on}.",
            "Correct one of the two dates.",
        )
    return opens_on or date.min, closes_on or date.min


def _goals(fields: Fields) -> tuple[int, ...]:
    goals = fields.several("goals", int, _GOALS, limit=MAX_GOALS)
    # A number can be longer than Python agrees to print.
    if not all(0 < goal <= MAX_GOAL for goal in goals):
        what = f"A goal is a number from 1 to {MAX_GOAL:,}."
        fields.add("goals", what, example=_GOALS)
        return ()
    for goal, following in pairwise(goals):
        if goal >= following:
            fields.add(
                "goals",
                f"The goals do not rise from small to large at {following}: each must be larger "
                "than the last.",
                example=_GOALS,
            )
            break
    return tuple(goals)


def _yes_or_no(fields: Fields, name: str, *, default: bool = False) -> bool:
    value = fields.values.get(name, default)
    if not isinstance(value, bool):
        what = "This says neither yes (true) nor no (false)."
        fields.add(name, what, f"Write {name} = true for yes, or {name} = false for no.")
    return value is True


def _approvals(fields: Fields) -> frozenset[str]:
    """The acts that need a second organiser; none without the line."""
    if fields.values.get("approvals", []) == []:
        return frozenset()
    named = fields.several("approvals", str, APPROVALS, limit=len(APPROVALS))
    for name in dict.fromkeys(named):
        if name not in APPROVALS:
            what = f"“{name}” cannot wait for approval."
            fields.add("approvals", what, f"Choose among: {', '.join(APPROVALS)}.")
    return frozenset(named) & {*APPROVALS}


def _check_closing(fields: Fields, petition: Petition, live_on: date) -> None:
    """Note a last day that has passed, if the texts do not tell the outcome."""
    told = any(text.outcome for text in petition.texts.values())
    if date.min < petition.closes_on < live_on and not told:
        fields.add(
            "closes_on",
            f"The last day to sign, {petition.closes_on}, has passed.",
            "Write a day that is still to come; or, in each text, the outcome of the petition.",
        )
