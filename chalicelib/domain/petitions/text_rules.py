"""What the texts of a petition or an update in several languages must have in common."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from chalicelib.domain.fields import Fields
from chalicelib.domain.petitions.petition import PetitionText

_Text = TypeVar("_Text")


def complete_texts(
    fields: Fields,
    texts: Mapping[str, _Text | None],
    languages: Sequence[str],
    named: Sequence[str],
) -> Mapping[str, _Text]:
    """The texts in `languages`; one that is missing is an error, and one that is not `named`."""
    complete = {}
    for language in languages:
        text = texts.get(language)
        if text is None:
            fields.add(f"texts.{language}", f"There is no text in “{language}”.", "Write it.")
        else:
            complete[language] = text
    for language in texts:
        if language not in named:
            fields.add(
                f"texts.{language}",
                f"The petition does not name the language “{language}”.",
                "Add it to the petition's languages, or delete this text.",
            )
    return complete


def compare(fields: Fields, texts: Mapping[str, PetitionText]) -> None:
    """Note what the texts of a petition do not have in common."""
    _compare_demands(fields, texts)
    _compare_lines(fields, texts)


def _compare_demands(fields: Fields, texts: Mapping[str, PetitionText]) -> None:
    """Note every language that has other demands than the first: numbers tie them together."""
    numbers = {
        language: ", ".join(str(demand.number) for demand in text.demands) or "none"
        for language, text in texts.items()
    }
    first, expected = next(iter(numbers.items()), ("", ""))
    for language, listed in numbers.items():
        if listed != expected:
            fields.add(
                f"texts.{language}",
                f"It has the demands {listed}, but “{first}” has {expected}.",
                "Every language needs the same demands under the same numbers.",
            )


def _compare_lines(fields: Fields, texts: Mapping[str, PetitionText]) -> None:
    """Note every language that lacks a line which another has, where all need it or none."""
    outcomes = [language for language, text in texts.items() if text.outcome]
    _note_others(fields, texts, outcomes, "what came of the petition", "outcome")
    risks = [language for language, text in texts.items() if text.risk]
    _note_others(fields, texts, risks, "who is in danger for signing", "risk")


def _note_others(
    fields: Fields, texts: Mapping[str, PetitionText], having: Sequence[str], told: str, line: str
) -> None:
    for language in texts:
        if having and language not in having:
            fields.add(
                f"texts.{language}",
                f"It does not say {told}, but “{having[0]}” does.",
                f"Say it here, too, under “{line}”.",
            )
