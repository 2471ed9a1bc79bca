"""The report with which a petition is handed in to its target, in a language of the petition.

It is sections of plain text, which the desk's page and the PDF set in type.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chalicelib.domain.petitions.hand_in import HandIn
from chalicelib.domain.petitions.petition import Petition
from chalicelib.rendering import hand_in_parts, translations
from chalicelib.rendering.hand_in_parts import Gettext, ReportPart
from chalicelib.rendering.translations import Language


@dataclass(frozen=True, kw_only=True)
class ReportSection:
    """A section and its parts."""

    heading: str
    parts: Sequence[ReportPart]


@dataclass(frozen=True, kw_only=True)
class HandInReport:
    """A report. `facts` are words and what they stand for; `names` are those of signers."""

    language: Language
    kind: str
    title: str
    organiser: str
    lead: str
    total: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[ReportSection]
    names_heading: str
    names_note: str
    names: Sequence[str]


def report(hand_in: HandIn, language: str, address: str) -> HandInReport:
    """The report in `language`, else in the petition's first. `address` is that of its page."""
    petition, figures = hand_in.petition, hand_in.figures
    code = petition.language(language)
    catalogue, text = translations.catalogue(code), petition.text(code)
    gettext = catalogue.gettext
    total = catalogue.ngettext(
        "{count} confirmed signature", "{count} confirmed signatures", figures.count
    )
    return HandInReport(
        language=translations.languages()[code],
        kind=gettext("Report on the signatures of a petition"),
        title=text.title,
        organiser=petition.organiser.name,
        lead=text.lead,
        total=total.format(count=translations.format_number(figures.count, code)),
        facts=_facts(petition, figures.counted_at, gettext, code, address),
        sections=[section for section in _sections(hand_in, gettext, code) if section.parts],
        names_heading=gettext("Names of people who have signed"),
        names_note=_names_note(len(hand_in.names), code),
        names=hand_in.names,
    )


def _sections(hand_in: HandIn, gettext: Gettext, code: str) -> Sequence[ReportSection]:
    petition = hand_in.petition
    return [
        ReportSection(
            heading=gettext("What we demand"), parts=hand_in_parts.demands(petition, code)
        ),
        ReportSection(
            heading=gettext("Signatures"),
            parts=hand_in_parts.counts(hand_in.figures, gettext, code),
        ),
        ReportSection(
            heading=gettext("How signatures were collected"),
            parts=[ReportPart(paragraphs=hand_in_parts.method(hand_in, gettext, code))],
        ),
        ReportSection(
            heading=gettext("How this can be checked"),
            parts=hand_in_parts.checks(hand_in, gettext),
        ),
        ReportSection(
            heading=gettext("Changes to this text since people began to sign"),
            parts=hand_in_parts.changes(petition, gettext, code),
        ),
    ]


def _names_note(count: int, code: str) -> str:
    sentence = translations.catalogue(code).ngettext(
        "{count} name, opened by the organisers on their own computer.",
        "{count} names, opened by the organisers on their own computer.",
        count,
    )
    return sentence.format(count=translations.format_number(count, code))


def _facts(
    petition: Petition, counted_at: datetime, gettext: Gettext, code: str, address: str
) -> Sequence[tuple[str, str]]:
    day = partial(translations.format_date, language=code)
    organiser = petition.organiser
    handed_in = petition.handed_in_on
    return [
        (gettext("Addressed to"), petition.text(code).target),
        (gettext("Who runs this petition"), organiser.name),
        (gettext("Email"), organiser.email),
        (gettext("Website"), organiser.website),
        (gettext("Petition"), address),
        (gettext("First day to sign"), day(petition.opens_on)),
        (gettext("Last day to sign"), day(petition.closes_on)),
        *([(gettext("Handed in on"), day(handed_in))] if handed_in else []),
        (gettext("Counted at"), f"{day(counted_at.date())}, {counted_at:%H:%M} UTC"),
    ]
