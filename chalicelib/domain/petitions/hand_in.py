"""What the target of a petition is told when it is handed in.

Countries and days with fewer than ten signatures are counted together: a smaller figure could point
to a person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from chalicelib.domain.errors import InvalidForm, Message
from chalicelib.domain.petitions.petition import Petition

MINIMUM: Final = 10
"""The smallest figure of a country or a day that is told."""


@dataclass(frozen=True, kw_only=True)
class HandInFigures:
    """Exact figures at a moment (aware UTC): the confirmed signatures, and parts of them.

    `countries` are codes and figures, largest first; `days` (UTC) are in their order. Both hold
    figures from ten up; `other_countries` and `other_days` are the rest.
    """

    counted_at: datetime
    count: int
    countries: Sequence[tuple[str, int]]
    other_countries: int
    days: Sequence[tuple[date, int]]
    other_days: int


@dataclass(frozen=True, kw_only=True)
class HandInKeys:
    """Keys as people compare them, the current ones first.

    `petition`: fingerprints of those to which signatures are sealed; `attestation` and `export`:
    public ones of the server.
    """

    petition: Sequence[str]
    attestation: Sequence[str]
    export: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class HandIn:
    """A petition as it is handed in.

    `names` are those of signers, opened by an organiser; none if they stay sealed. `export_sha256`
    is the digest of the sealed file from which they come, in hexadecimal; "" if none is named.
    """

    petition: Petition
    figures: HandInFigures
    keys: HandInKeys
    names: Sequence[str] = ()
    export_sha256: str = ""


def figures(
    count: int,
    countries: Iterable[tuple[str, int]],
    days: Iterable[tuple[date, int]],
    *,
    counted_at: datetime,
) -> HandInFigures:
    """The figures to be told. The code "" stands for no country given."""
    large = [(code, figure) for code, figure in countries if code and figure >= MINIMUM]
    busy = [(day, figure) for day, figure in days if figure >= MINIMUM]
    return HandInFigures(
        counted_at=counted_at,
        count=count,
        countries=sorted(large, key=lambda line: (-line[1], line[0])),
        # Days are counted apart, and may be a moment ahead of the total.
        other_countries=max(0, count - sum(figure for _, figure in large)),
        days=sorted(busy),
        other_days=max(0, count - sum(figure for _, figure in busy)),
    )


def parse_day(typed: str, petition: Petition, today: date) -> date:
    """The day on which the petition was handed in, as typed. Raises InvalidForm."""
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise _wrong("Please give a day: year-month-day, such as {day}.", today) from None
    if day > today:
        raise _wrong("That day is still to come. Today is {day} (UTC).", today)
    if day < petition.opens_on:
        raise _wrong("That is before the petition opened, on {day}.", petition.opens_on)
    return day


def _wrong(sentence: str, day: date) -> InvalidForm:
    return InvalidForm({"day": Message(text=sentence, values={"day": day.isoformat()})})
