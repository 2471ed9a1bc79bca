"""Every catalogue: plural forms, dates, typography, and no words of another language.

Whoever adds a language adds its row to each table here.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from chalicelib.rendering import translations
from ops import compiling
from tests.test_new_language import NAMES, PLACEHOLDERS

TRANSLATED: Final = compiling.languages()[1:]
_EAST_SLAVIC: Final = {1: 0, 2: 1, 5: 2, 11: 2, 21: 0, 22: 1, 25: 2, 111: 2, 1_000_000: 2}
PLURALS: Final[Mapping[str, Mapping[int, int]]] = {
    "be": _EAST_SLAVIC,
    "de": {1: 0, 2: 1, 5: 1, 11: 1, 21: 1, 1_000_000: 1},
    "lt": {1: 0, 2: 1, 9: 1, 10: 2, 11: 2, 15: 2, 20: 2, 21: 0, 22: 1, 30: 2, 111: 2, 1_000_000: 2},
    "pl": {1: 0, 2: 1, 4: 1, 5: 2, 11: 2, 12: 2, 21: 2, 22: 1, 25: 2, 112: 2, 1_000_000: 2},
    "ru": _EAST_SLAVIC,
    "uk": _EAST_SLAVIC,
}
"""The plural form of numbers, by language."""
DATES: Final[Mapping[str, str]] = {
    "be": "21 {month} 2026 г.",
    "de": "21. {month} 2026",
    "lt": "2026 m. {month} 21 d.",
    "pl": "21 {month} 2026 r.",
    "ru": "21 {month} 2026 г.",
    "uk": "21 {month} 2026 року",
}
MONTHS: Final[Mapping[str, str]] = {
    "be": "студзеня лютага сакавіка красавіка мая чэрвеня "
    "ліпеня жніўня верасня кастрычніка лістапада снежня",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "lt": "sausio vasario kovo balandžio gegužės birželio "
    "liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
    "pl": "stycznia lutego marca kwietnia maja czerwca "
    "lipca sierpnia września października listopada grudnia",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
}
"""Months as in a date: in the genitive where the language has one."""
THOUSANDS: Final = {**dict.fromkeys(TRANSLATED, "\u00a0"), "de": "."}
FOREIGN: Final[Mapping[str, str]] = {
    "be": "ищъИЩЪ",
    "de": "ąćčęėįłńóśšųūźżž",
    "lt": "ćłńóśźżäöüß",
    "pl": "čėįšųūžäöüß",
    "ru": "іўІЎʼ",
    "uk": "ёўъыэЁЎЪЫЭ",
}
"""Letters of other languages of the interface, which a slip would bring in."""
QUOTES: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(("be", "ru", "uk"), ("«", "»")),
    "de": ("„", "“"),
    "lt": ("„", "“"),
    "pl": ("„", "”"),
}
_ALL_QUOTES: Final = frozenset('"«»„“”')
_ENGLISH: Final = frozenset({"the", "and", "you", "your", "this", "that", "with", "from", "of"})
"""Words that show a sentence, in Latin letters too, to be English."""


def _catalogue(language: str) -> Catalog:
    with (compiling.LOCALE / language / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def _forms(entry: Message) -> Sequence[str]:
    return entry.string if isinstance(entry.string, tuple | list) else [entry.string or ""]


def _entries(language: str) -> Iterator[Message]:
    return (entry for entry in _catalogue(language) if entry.id)


def _words(language: str) -> Iterator[str]:
    """Every translation without placeholders, markup and addresses."""
    for entry in _entries(language):
        for form in _forms(entry):
            yield re.sub(r"%\(\w+\)s|\{\w+\}|<[^>]+>|\S+@\S+", "", form)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_number_takes_its_plural_form_in_every_sentence(language: str) -> None:
    catalogue = translations.catalogue(language)
    counting = [entry for entry in _entries(language) if entry.pluralizable]

    assert len(counting) >= 5
    for entry in counting:
        one, many = entry.id[0], entry.id[1]
        for number, form in PLURALS[language].items():
            assert catalogue.ngettext(one, many, number) == _forms(entry)[form], (many, number)
        if one != many:
            assert len(set(_forms(entry))) >= 2, many


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_has_the_placeholders_and_the_markup_of_its_sentence(
    language: str,
) -> None:
    for entry in _entries(language):
        sentence = entry.id if isinstance(entry.id, str) else entry.id[-1]
        for form in _forms(entry):
            assert Counter(PLACEHOLDERS.findall(form)) == Counter(PLACEHOLDERS.findall(sentence)), (
                form
            )


def test_visitors_read_email_and_never_mail() -> None:
    for entry in _entries(TRANSLATED[0]):
        for sentence in [entry.id] if isinstance(entry.id, str) else entry.id:
            assert not re.search(r"\bmails?\b", re.sub(r"<[^>]+>", "", sentence)), sentence


@pytest.mark.parametrize("language", ["be", "ru"])
def test_dashes_are_those_of_print(language: str) -> None:
    for words in _words(language):
        assert not re.search(r" [-–] ", words), words


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_has_english_words(language: str) -> None:
    in_latin_letters = language in {"de", "lt", "pl"}

    for words in _words(language):
        found = set(re.findall(r"[A-Za-z]{2,}", words))
        english = found & _ENGLISH if in_latin_letters else found - NAMES
        assert not english, words


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_has_letters_of_another_language(language: str) -> None:
    for words in _words(language):
        assert not set(words) & set(FOREIGN[language]), words


@pytest.mark.parametrize("language", TRANSLATED)
def test_quotation_marks_are_those_of_the_language(language: str) -> None:
    opening, closing = QUOTES[language]

    for words in _words(language):
        assert set(words) & _ALL_QUOTES <= {opening, closing}, words
        assert words.count(opening) == words.count(closing), words


@pytest.mark.parametrize("language", [code for code in TRANSLATED if DATES[code].endswith(".")])
def test_no_sentence_ends_with_a_date_where_dates_end_with_a_full_stop(language: str) -> None:
    for entry in _entries(language):
        for form in _forms(entry):
            assert not re.search(r"%\((?:day|until)\)s\.", form), form


@pytest.mark.parametrize("language", TRANSLATED)
def test_dates_are_written_as_in_a_sentence(language: str) -> None:
    for month, name in enumerate(MONTHS[language].split(), start=1):
        written = translations.format_date(date(2026, month, 21), language)
        assert written.replace("\u00a0", " ") == DATES[language].format(month=name)
        assert not written.endswith((" г.", " r.", " d.")), "an abbreviation stays on the line"


@pytest.mark.parametrize("language", TRANSLATED)
def test_thousands_are_separated_as_in_the_language(language: str) -> None:
    for number in ("999", "1,234", "1,000,000"):
        written = translations.format_number(int(number.replace(",", "")), language)
        assert written == number.replace(",", THOUSANDS[language])
