"""The languages of the interface: catalogues, names of countries, numbers and dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from typing import Final

from chalicelib.domain.errors import Message
from chalicelib.rendering.build_output import existing, read_json

SOURCE_LANGUAGE: Final = "en"
"""The language of the templates, which needs no catalogue."""


def _in_dates(message: str) -> str:
    """Mark a date in a sentence for translation."""
    return message


_MONTHS: Final = (
    _in_dates("{day} January {year}"),
    _in_dates("{day} February {year}"),
    _in_dates("{day} March {year}"),
    _in_dates("{day} April {year}"),
    _in_dates("{day} May {year}"),
    _in_dates("{day} June {year}"),
    _in_dates("{day} July {year}"),
    _in_dates("{day} August {year}"),
    _in_dates("{day} September {year}"),
    _in_dates("{day} October {year}"),
    _in_dates("{day} November {year}"),
    _in_dates("{day} December {year}"),
)


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language: its code, its name in itself, and "ltr" or "rtl".

    `name` stands alone, with a capital; `name_in_sentence` has one where the language writes it.
    """

    code: str
    name: str
    name_in_sentence: str
    direction: str


@cache
def languages() -> Mapping[str, Language]:
    """Every language by its code, the source language first."""
    return {entry["code"]: Language(**entry) for entry in read_json("languages.json")}


def known(language: str) -> str:
    """The language, or the source language if there is no such one, or none any more."""
    return language if language in languages() else SOURCE_LANGUAGE


@cache
def catalogue(language: str) -> NullTranslations:
    """The catalogue of a language; for the source language, an empty one."""
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    with existing(f"locale/{language}.mo").open("rb") as file:
        return GNUTranslations(file)


def translate(message: Message, language: str) -> str:
    """The text of a message in a language, with its values."""
    return catalogue(language).gettext(message.text).format_map(dict(message.values))


@cache
def countries(language: str) -> Mapping[str, str]:
    """Names of countries by code, in the alphabetical order of the language."""
    return dict(read_json(f"countries/{language}.json"))


def format_number(number: int, language: str) -> str:
    """A whole number with the thousands separator of the language."""
    separator = catalogue(language).pgettext("between thousands", ",")
    return f"{number:,}".replace(",", separator)


def format_date(day: date, language: str) -> str:
    """A date as in a sentence of the language."""
    pattern = catalogue(language).gettext(_MONTHS[day.month - 1])
    return pattern.format(day=day.day, year=day.year)
