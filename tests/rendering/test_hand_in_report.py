"""The report for a petition's target says in every language what was collected, and how."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.domain.petitions.amendment import Amendment, AmendmentKind
from chalicelib.domain.petitions.hand_in import HandIn, HandInKeys
from chalicelib.rendering import hand_in_report
from ops import compiling
from tests import builders
from tests.hand_ins import ADDRESS, prepared

LANGUAGES = [*compiling.languages()]


def words(hand_in: HandIn, language: str = "en") -> str:
    """All texts of a report, a line for each."""
    return "\n".join(_texts(asdict(hand_in_report.report(hand_in, language, ADDRESS))))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def test_the_report_has_target_demands_figures_keys_and_dates() -> None:
    told = words(prepared())

    for expected in (
        "Open the door",
        "The keeper of the door",
        "1. Now",
        "Open it now.",
        "1,234 confirmed signatures",
        "Poland\n1,000",
        "Other countries, or none given\n34",
        "1 March 2026\n900",
        "Other days\n34",
        "3f9a 01c2",
        "QUFB",
        "QkJC",
        "1 January 2026",
        "31 December 2026",
        "8 March 2026, 12:00 UTC",
        "Door Watch",
        ADDRESS,
    ):
        assert expected in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_is_complete_in_every_language(language: str) -> None:
    petition = builders.petition(
        texts={language: builders.petition_text(risk="Danger.")},
        pseudonyms=True,
        handed_in_on=date(2026, 3, 8),
    )

    told = words(prepared(petition, names=["Ніна"], export_sha256="0f" * 32), language)

    assert "{" not in told
    assert "%(" not in told
    assert "0f0f 0f0f" in told


def test_each_language_says_it_in_its_own_words() -> None:
    texts = {language: builders.petition_text() for language in LANGUAGES}
    petition = builders.petition(texts=texts)

    reports = [hand_in_report.report(prepared(petition), code, ADDRESS) for code in LANGUAGES]

    assert len({report.kind for report in reports}) == len(LANGUAGES)
    assert len({report.sections[2].heading for report in reports}) == len(LANGUAGES)
    methods = {"".join(report.sections[2].parts[0].paragraphs) for report in reports}
    assert len(methods) == len(LANGUAGES)


def test_nobody_is_named_unless_an_organiser_has_opened_the_names() -> None:
    without = hand_in_report.report(prepared(), "en", ADDRESS)
    named = prepared(names=["Ніна Ёўга", "Ann"])

    assert without.names == ()
    assert "This report names nobody who has signed." in words(prepared())
    assert "2 names, opened by the organisers" in words(named)
    assert "names nobody" not in words(named)


def test_each_change_of_the_text_is_told_with_its_reason() -> None:
    amendment = Amendment(
        number=1,
        version=2,
        made_at=datetime(2026, 2, 3, tzinfo=UTC),
        kind=AmendmentKind.CORRECTION,
        reasons={"en": "A wrong date."},
    )

    assert "Corrected on 3 February 2026\nA wrong date." in words(
        prepared(builders.petition(amendments=(amendment,)))
    )
    assert "The text has not been changed." in words(prepared())


def test_former_keys_are_told_apart() -> None:
    keys = HandInKeys(petition=["new key", "old key"], attestation=["a"], export=["e"])

    assert "Earlier keys of the organisers:\nold key" in words(prepared(keys=keys))
    assert "Earlier keys" not in words(prepared())


def test_a_petition_without_countries_has_no_row_that_could_point_to_a_person() -> None:
    told = words(prepared(count=3, countries={"PL": 2}, days={}))

    assert "Poland" not in told
    assert "Other countries, or none given\n3" in told
