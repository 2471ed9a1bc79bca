"""The fields of a petition as forms of the desk: their labels, what is typed, what is meant.

A value that cannot be understood stays as it was typed: nothing is lost, and the rules say what is
wrong with it.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Final

from chalicelib.domain.fields import FieldError
from chalicelib.domain.petitions.draft import PICTURE, shown
from chalicelib.domain.petitions.source import BODY, ORGANISER, TEXTS
from chalicelib.rendering import translations

DAYS: Final = ("opens_on", "closes_on", "handed_in_on")
SWITCHES: Final = {
    "discreet": True,
    "pseudonyms": False,
    "countries": False,
    "amendments_offer_withdrawal": False,
}
"""What is ticked or not, and how it is without a word."""
LINES: Final = ("digest_at", "digest_day")
LISTS: Final = ("milestones", "approvals", "risk_languages")
OF_ORGANISER: Final = ("name", "email", "website")
TEXT_LINES: Final = (
    "title",
    "target",
    "lead",
    "summary",
    "risk_question",
    "risk",
    "picture",
    "credit",
    "outcome",
)
_LABELS: Final = {
    "languages": "Languages",
    "opens_on": "First day to sign",
    "closes_on": "Last day to sign",
    "handed_in_on": "Day of the hand-in",
    "published_on": "Day",
    "on_doubt": "In doubt",
    "goals": "Goals",
    "discreet": "Mails do not show what they are about",
    "pseudonyms": "Other names than legal ones",
    "countries": "Signatures by country",
    "amendments_offer_withdrawal": "Amendments offer withdrawal",
    "digest_at": "Time of daily and weekly mails",
    "digest_day": "Day of weekly mails",
    "milestones": "Milestones",
    "approvals": "Two people decide",
    "risk_languages": "Languages that show the risk at once",
    ORGANISER: "Organiser",
    f"{ORGANISER}.name": "Organiser’s name",
    f"{ORGANISER}.email": "Organiser’s email",
    f"{ORGANISER}.website": "Organiser’s website",
    f"{ORGANISER}.placeholder": "Placeholder for the organiser",
    PICTURE: "Picture",
}
_TEXT_LABELS: Final = {
    "title": "Title",
    "target": "Target",
    "lead": "Lead",
    "summary": "Summary",
    "risk_question": "Whom the risk concerns",
    "risk": "Risk",
    "picture": "What the picture shows",
    "credit": "Who made the picture",
    "outcome": "Outcome",
    BODY: "Text",
}
_SEPARATOR: Final = re.compile(r"[,;\s]+")
_QUOTED: Final = re.compile(r"“(\w+)”")
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_MOST_DIGITS: Final = 15


def label_of(path: str) -> str:
    """What people call the value at a path."""
    first, _, rest = path.partition(".")
    if first != TEXTS or not rest:
        return _LABELS.get(path, path)
    language, _, line = rest.partition(".")
    name = language_name(language)
    return f"{_TEXT_LABELS.get(line, line)} ({name})" if line else name


def language_name(code: str) -> str:
    """The name of a language in itself; the code of one that the service does not speak."""
    known = translations.languages().get(code)
    return known.name if known else code


def settings_of(fields: Mapping[str, str], languages: Sequence[str]) -> Mapping[str, Any]:
    """The settings that a form says, by their paths; None for what it leaves out."""
    values: dict[str, Any] = {name: _day(fields.get(name, "")) for name in DAYS}
    values["goals"] = _goals(fields.get("goals", ""))
    values |= {name: name in fields for name in SWITCHES}
    values |= {name: line_of(fields.get(name, "")) for name in LINES}
    for name in LISTS:
        ticked = [field.partition(".")[2] for field in fields if field.startswith(f"{name}.")]
        order = languages if name == "risk_languages" else ticked
        values[name] = [each for each in order if each in ticked] or None
    for name in OF_ORGANISER:
        path = f"{ORGANISER}.{name}"
        values[path] = line_of(fields.get(path, "")) or ""
    values[f"{ORGANISER}.placeholder"] = True if f"{ORGANISER}.placeholder" in fields else None
    return values


def text_of(fields: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """The text that a form says in a language, by its paths; None for lines that it leaves out."""
    path = f"{TEXTS}.{language}"
    values: dict[str, Any] = {
        f"{path}.{line}": line_of(fields.get(f"{path}.{line}", "")) for line in TEXT_LINES
    }
    body = fields.get(f"{path}.{BODY}", "")
    values[f"{path}.{BODY}"] = body if body.strip() else None
    return values


def without_defaults(values: Mapping[str, Any], before: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values but for switches that nobody has touched."""
    return {
        path: value
        for path, value in values.items()
        if path in before or SWITCHES.get(path) is not value or value is None
    }


def typed(values: Mapping[str, Any]) -> Mapping[str, str]:
    """Values as forms show them: a ticked switch is "yes"."""
    filled = {**SWITCHES, **values}
    return {path: shown(value) for path, value in filled.items() if value is not None}


def messages(errors: Sequence[FieldError]) -> Mapping[str, str]:
    """What is wrong at each path, one error a line."""
    found: dict[str, list[str]] = {}
    for error in errors:
        found.setdefault(error.field, []).append(sentence(error))
    return {path: "\n".join(sentences) for path, sentences in found.items()}


def listed(errors: Sequence[FieldError]) -> Mapping[str, str]:
    """What is wrong at each path, for a list: what is about a text begins with its language."""
    found = {}
    for path, message in messages(errors).items():
        first, _, rest = path.partition(".")
        language = language_name(rest.partition(".")[0])
        found[path] = f"{language}: {message}" if first == TEXTS and rest else message
    return found


def sentence(error: FieldError) -> str:
    """What is wrong, where within a text of several lines, and what to do."""
    place = f"Line {error.line + 1}: " if error.line else ""
    remedy = error.remedy
    if error.field == ORGANISER:
        return "The organiser is missing. Write name, email and website."
    # Beside the fields of texts stands what they are for.
    if not remedy and error.example is not None and not error.field.startswith(f"{TEXTS}."):
        remedy = f"For example: {shown(error.example)}."
    return place + _labelled(error.field, f"{error.what} {remedy}".strip())


def _labelled(path: str, words: str) -> str:
    """Words of the rules, which quote fields and languages as files name them, for forms."""

    def label(quoted: re.Match[str]) -> str:
        name = quoted[1]
        if path.startswith(f"{TEXTS}."):
            found = _TEXT_LABELS.get(name, language_name(name))
        else:
            below = f"{ORGANISER}." if path.startswith(f"{ORGANISER}.") else ""
            found = _LABELS.get(below + name, name)
        return f"“{found}”"

    return _QUOTED.sub(label, words)


def line_of(value: str) -> str | None:
    """One line of what was typed; None if that is nothing. Spaces that do not break stay."""
    return _SPACES.sub(" ", value).strip(" ") or None


def _day(value: str) -> date | str | None:
    with suppress(ValueError):
        return date.fromisoformat(value.strip())
    return line_of(value)


def _goals(value: str) -> list[int] | list[str] | None:
    words = [word for word in _SEPARATOR.split(value.strip()) if word]
    numbers = [
        int(word)
        for word in words
        if word.isascii() and word.isdigit() and len(word) <= _MOST_DIGITS
    ]
    return (numbers if len(numbers) == len(words) else words) or None
