"""The words of the interface: plural forms, dates, typography, and no English words."""

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

OURS: Final = ("be", "ru")
PLURALS: Final = {1: 0, 2: 1, 5: 2, 11: 2, 21: 0, 22: 1, 25: 2, 111: 2, 1_000_000: 2}
"""The plural form of a number in Belarusian and Russian."""
MONTHS: Final[Mapping[str, str]] = {
    "be": "студзеня лютага сакавіка красавіка мая чэрвеня "
    "ліпеня жніўня верасня кастрычніка лістапада снежня",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}


def _catalogue(language: str) -> Catalog:
    with (compiling.LOCALE / language / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def _forms(entry: Message) -> Sequence[str]:
    return entry.string if isinstance(entry.string, tuple | list) else [entry.string or ""]


def _entries(language: str) -> Iterator[Message]:
    return (entry for entry in _catalogue(language) if entry.id)


@pytest.mark.parametrize("language", OURS)
def test_every_number_takes_its_plural_form_in_every_sentence(language: str) -> None:
    catalogue = translations.catalogue(language)
    counting = [entry for entry in _entries(language) if entry.pluralizable]

    assert len(counting) >= 5
    for entry in counting:
        one, many = entry.id[0], entry.id[1]
        for number, form in PLURALS.items():
            assert catalogue.ngettext(one, many, number) == _forms(entry)[form], (many, number)
        assert len(set(_forms(entry))) >= 2, many


@pytest.mark.parametrize("language", OURS)
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
    for entry in _entries(OURS[0]):
        for sentence in [entry.id] if isinstance(entry.id, str) else entry.id:
            assert not re.search(r"\bmails?\b", re.sub(r"<[^>]+>", "", sentence)), sentence


@pytest.mark.parametrize("language", OURS)
def test_quotes_and_dashes_are_those_of_print(language: str) -> None:
    for entry in _entries(language):
        for form in _forms(entry):
            assert not re.search(r"[\"“”]| [-–] ", re.sub(r"<[^>]+>", "", form)), form


@pytest.mark.parametrize("language", OURS)
def test_no_translation_has_english_words(language: str) -> None:
    for entry in _entries(language):
        for form in _forms(entry):
            words = re.sub(r"%\(\w+\)s|\{\w+\}|<[^>]+>|\S+@\S+", "", form)
            assert set(re.findall(r"[A-Za-z]{2,}", words)) <= NAMES, form


@pytest.mark.parametrize("language", OURS)
def test_no_translation_has_letters_of_the_other_language(language: str) -> None:
    foreign = {"be": "ищъИЩЪ", "ru": "іўІЎʼ"}[language]

    for entry in _entries(language):
        for form in _forms(entry):
            assert not set(form) & set(foreign), form


@pytest.mark.parametrize("language", OURS)
def test_no_sentence_ends_with_a_date_because_dates_end_with_a_full_stop(language: str) -> None:
    assert translations.format_date(date(2026, 3, 8), language).endswith("\u00a0г.")

    for entry in _entries(language):
        for form in _forms(entry):
            assert not re.search(r"%\((?:day|until)\)s\.", form), form


@pytest.mark.parametrize("language", OURS)
def test_months_are_in_the_genitive(language: str) -> None:
    for month, name in enumerate(MONTHS[language].split(), start=1):
        written = translations.format_date(date(2026, month, 21), language)
        assert written == f"21 {name} 2026\u00a0г."


@pytest.mark.parametrize("language", OURS)
@pytest.mark.parametrize(
    ("number", "written"), [(999, "999"), (1234, "1\u00a0234"), (1_000_000, "1\u00a0000\u00a0000")]
)
def test_thousands_are_separated_by_a_space_that_does_not_break(
    language: str, number: int, written: str
) -> None:
    assert translations.format_number(number, language) == written
