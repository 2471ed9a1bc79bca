"""The funnel of a petition: of the forms that came, how many were mailed and confirmed.

It counts by day and by kind of mail provider, and no day and kind together are shown: a cell could
be one person. A process that ends loses what it has confirmed since its last write, seconds before,
and an event that SES reports twice counts twice.

Beside it stand complaints, of all mails of the petition, news too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from chalicelib.domain.mailboxes.provider_kinds import ProviderKind

MINIMUM: Final = 10
"""Fewer of a kind, country or language are shown as others only."""
LANGUAGE: Final = "language#"
"""Before a language: the signatures that were confirmed on pages in it."""
COMPLAINED: Final = "complained#"
"""Before a kind of provider: mails to it that were marked as spam."""
NEWS: Final = "news#taken"
"""Signatures that were confirmed with the wish for news."""
_NAME: Final = re.compile(r"[a-z]+#[a-z-]{2,20}", re.ASCII)


class Stage(StrEnum):
    """How far a form has come."""

    ASKED = "asked"
    """A form was taken, and its mail reached the mailer."""
    MAILED = "mailed"
    """SES has taken the mail."""
    BOUNCED = "bounced"
    """The mail came back."""
    CONFIRMED = "confirmed"
    """The signature is stored."""


@dataclass(frozen=True, kw_only=True)
class DayFigures:
    """The figures of one day (UTC) by name, such as `asked#google`."""

    day: date
    figures: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """The figures of some days together: by stage and kind of provider, and by language.

    `complaints` are by kind of provider; `news` is how many took the news as they signed.
    """

    by_kind: Mapping[ProviderKind, Mapping[Stage, int]] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    complaints: Mapping[ProviderKind, int] = field(default_factory=dict)
    news: int = 0

    def total(self, stage: Stage) -> int:
        """How many forms came as far as this."""
        return sum(stages.get(stage, 0) for stages in self.by_kind.values())


def name_of(stage: Stage, kind: ProviderKind) -> str:
    """The name of a figure."""
    return f"{stage}#{kind}"


def is_name(name: str) -> bool:
    """Whether there can be a figure of this name."""
    return _NAME.fullmatch(name) is not None


def of_days(days: Iterable[DayFigures]) -> Funnel:
    """The funnel of some days."""
    totals: Counter[str] = Counter()
    for day in days:
        totals.update(day.figures)
    by_kind = {
        kind: {stage: totals[name_of(stage, kind)] for stage in Stage} for kind in ProviderKind
    }
    return Funnel(
        by_kind={kind: stages for kind, stages in by_kind.items() if any(stages.values())},
        languages={
            name.removeprefix(LANGUAGE): count
            for name, count in totals.items()
            if name.startswith(LANGUAGE) and count
        },
        complaints={
            kind: count for kind in ProviderKind if (count := totals[f"{COMPLAINED}{kind}"])
        },
        news=totals[NEWS],
    )
