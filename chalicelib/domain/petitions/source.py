"""What organisers write of a petition or an update, before it is parsed: right, wrong or half done.

Files of a folder and forms of the desk are two ways to the same source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.petitions.picture import Picture

ORGANISER = "organiser"
TEXTS = "texts"
BODY = "body"


@dataclass(frozen=True, kw_only=True)
class TextSource:
    """A text in one language: lines such as `title` by name, and a body in Markdown."""

    lines: Mapping[str, str]
    body: str


@dataclass(frozen=True, kw_only=True)
class PetitionSource:
    """A petition as it is written. `settings` are TOML's values.

    `texts` are by language; one that could not be read is None.
    """

    slug: str
    settings: Mapping[str, Any]
    texts: Mapping[str, TextSource | None]
    picture: Picture | None = None


@dataclass(frozen=True, kw_only=True)
class UpdateSource:
    """An update of the petition `slug` as it is written; see PetitionSource."""

    slug: str
    name: str
    settings: Mapping[str, Any]
    texts: Mapping[str, TextSource | None]


def values_of(source: PetitionSource) -> dict[str, Any]:
    """Every value by its path, as `FieldError.field` names it; a picture is its file's name."""
    values: dict[str, Any] = {}
    for name, value in source.settings.items():
        if name == ORGANISER and isinstance(value, Mapping):
            values |= {f"{ORGANISER}.{below}": each for below, each in value.items()}
        else:
            values[name] = value
    for language, text in source.texts.items():
        if text is not None:
            path = f"{TEXTS}.{language}"
            values |= {f"{path}.{line}": words for line, words in text.lines.items()}
            if text.body:
                values[f"{path}.{BODY}"] = text.body
    return values


def with_values(source: PetitionSource, changes: Mapping[str, Any]) -> PetitionSource:
    """The source with some values changed, by their paths; None takes a value away.

    A text without any value is no text.
    """
    values = {
        path: value for path, value in {**values_of(source), **changes}.items() if value is not None
    }
    settings: dict[str, Any] = {}
    texts: dict[str, dict[str, str]] = {}
    for path, value in values.items():
        first, _, rest = path.partition(".")
        if first == TEXTS and rest:
            language, _, line = rest.partition(".")
            texts.setdefault(language, {})[line] = value
        elif first == ORGANISER and rest:
            below = settings.get(ORGANISER)
            settings[ORGANISER] = {**(below if isinstance(below, dict) else {}), rest: value}
        else:
            settings[path] = value
    return PetitionSource(
        slug=source.slug,
        settings=settings,
        texts={language: _text(lines) for language, lines in texts.items()},
        picture=source.picture,
    )


def _text(values: Mapping[str, str]) -> TextSource:
    lines = {name: words for name, words in values.items() if name != BODY}
    return TextSource(lines=lines, body=values.get(BODY, ""))
