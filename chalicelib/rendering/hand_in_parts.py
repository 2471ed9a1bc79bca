"""The parts of a hand-in report: what was asked, figures, and how others can check them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.domain import plain_text
from chalicelib.domain.petitions.amendment import AmendmentKind
from chalicelib.domain.petitions.hand_in import HandIn, HandInFigures
from chalicelib.domain.petitions.petition import Petition
from chalicelib.rendering import translations

Gettext = Callable[[str], str]
"""The translation of a sentence."""
_GROUP: Final = 4


@dataclass(frozen=True, kw_only=True)
class FigureTable:
    """Figures of countries or days: a head for each of the two columns, and rows.

    `shares` has the part of each row in the largest one, from 0 to 1.
    """

    heads: tuple[str, str]
    rows: Sequence[tuple[str, str]]
    shares: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class ReportPart:
    """A part of a section, under a heading of its own if it has one. `codes` are keys and digests.

    What is empty is not there.
    """

    heading: str = ""
    paragraphs: Sequence[str] = ()
    codes: Sequence[str] = ()
    table: FigureTable | None = None


def demands(petition: Petition, code: str) -> Sequence[ReportPart]:
    """Each demand, in words without marks."""
    return [
        ReportPart(
            heading=f"{demand.number}. {demand.heading}",
            paragraphs=plain_text.of_html(demand.html + demand.details_html).split("\n"),
        )
        for demand in petition.text(code).demands
    ]


def counts(figures: HandInFigures, gettext: Gettext, code: str) -> Sequence[ReportPart]:
    """The figures by country and by day; none before the first signature."""
    if not figures.count:
        return []
    countries = [
        (translations.countries(code)[country], figure) for country, figure in figures.countries
    ]
    days = [(translations.format_date(day, code), figure) for day, figure in figures.days]
    return [
        _figures(
            gettext("Signatures by country"),
            (gettext("Country"), gettext("Signatures")),
            countries,
            (gettext("Other countries, or none given"), figures.other_countries),
            code,
        ),
        _figures(
            gettext("Signatures by day (UTC)"),
            (gettext("Day"), gettext("Signatures")),
            days,
            (gettext("Other days"), figures.other_days),
            code,
        ),
        ReportPart(
            paragraphs=[
                gettext("Countries and days with fewer than ten signatures are counted together.")
            ]
        ),
    ]


def _figures(
    heading: str,
    heads: tuple[str, str],
    lines: Sequence[tuple[str, int]],
    rest: tuple[str, int],
    code: str,
) -> ReportPart:
    rows = [*lines, *([rest] if rest[1] else [])]
    largest = max((figure for _, figure in rows), default=1)
    table = FigureTable(
        heads=heads,
        rows=[(label, translations.format_number(figure, code)) for label, figure in rows],
        shares=[figure / largest for _, figure in rows],
    )
    return ReportPart(heading=heading, table=table)


def method(hand_in: HandIn, gettext: Gettext, code: str) -> Sequence[str]:
    """How signatures were confirmed, what was left out, and how they are kept."""
    petition = hand_in.petition
    at_risk = petition.text(code).risk
    return [
        gettext(
            "Each signature was confirmed by email: it counts only if the person has followed the "
            "link or typed the code that was sent to the address given."
        ),
        gettext(
            "A mailbox can sign this petition once. Different spellings of one address count as "
            "one mailbox."
        ),
        gettext(
            "Signatures with several signs of having been sent by a program are held back until "
            "the organisers have decided on them. Held and withdrawn signatures are not counted "
            "in this report."
        ),
        gettext(
            "Name and address were sealed as soon as a signature was confirmed. Only the "
            "organisers can open them, on their own computers. The server that collected them "
            "cannot."
        ),
        *([gettext("People could sign with a pseudonym.")] if petition.pseudonyms else []),
        *([gettext("Signing can put people in danger.")] if at_risk else []),
        *([] if hand_in.names else [gettext("This report names nobody who has signed.")]),
    ]


def checks(hand_in: HandIn, gettext: Gettext) -> Sequence[ReportPart]:
    """The keys and digests with which others can check the figures, and what nobody can."""
    keys = hand_in.keys
    told = [
        (gettext("Signatures are sealed to this key of the organisers:"), keys.petition[:1]),
        (gettext("Earlier keys of the organisers:"), keys.petition[1:]),
        (
            gettext(
                "The server vouches for every signature that it stores. The organisers check this "
                "with its public key (Ed25519):"
            ),
            keys.attestation,
        ),
        (
            gettext("It vouches for every list that it hands out by another key (Ed25519):"),
            keys.export,
        ),
        (
            gettext("The file with the sealed signatures has this SHA-256 digest:"),
            [_grouped(hand_in.export_sha256)] if hand_in.export_sha256 else [],
        ),
    ]
    limits = gettext(
        "This cannot show whether people are who they say, or whether signatures were deleted."
    )
    return [
        *(ReportPart(paragraphs=[sentence], codes=codes) for sentence, codes in told if codes),
        ReportPart(paragraphs=[limits]),
    ]


def changes(petition: Petition, gettext: Gettext, code: str) -> Sequence[ReportPart]:
    """Each amendment of the text with its reason."""
    if not petition.amendments:
        return [ReportPart(paragraphs=[gettext("The text has not been changed.")])]
    sentences = {
        AmendmentKind.AMENDMENT: gettext("Changed on %(day)s"),
        AmendmentKind.CORRECTION: gettext("Corrected on %(day)s"),
    }
    return [
        ReportPart(
            heading=sentences[amendment.kind]
            % {"day": translations.format_date(amendment.made_at.date(), code)},
            paragraphs=[amendment.reason(code)],
        )
        for amendment in petition.amendments
    ]


def _grouped(digits: str) -> str:
    """Digits in groups of four, as people compare them."""
    return " ".join(digits[place : place + _GROUP] for place in range(0, len(digits), _GROUP))
