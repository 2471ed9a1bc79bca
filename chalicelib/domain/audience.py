"""The subscribers of a petition in numbers, as they are counted each night."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from chalicelib.domain.subscriber import Frequency


@dataclass(kw_only=True)
class SubscriberCount:
    """Subscriptions of a petition, or of a shard of it, as they are counted.

    `choices` are the active ones by language and frequency; `started` are these by the day (UTC) on
    which they began, and `ended` those that were ended and whose tombstones have not expired.
    """

    choices: Counter[tuple[str, Frequency]] = field(default_factory=Counter)
    started: Counter[date] = field(default_factory=Counter)
    ended: Counter[date] = field(default_factory=Counter)

    def add(self, other: "SubscriberCount") -> None:
        """Add the count of another shard."""
        self.choices += other.choices
        self.started += other.started
        self.ended += other.ended


@dataclass(frozen=True, kw_only=True)
class AudienceFigures:
    """The subscribers of a petition as they were counted last: by language, frequency and day."""

    counted_at: datetime
    by_language: Mapping[str, int]
    by_frequency: Mapping[Frequency, int]
    started: Mapping[date, int]
    ended: Mapping[date, int]

    @property
    def count(self) -> int:
        """All active subscribers."""
        return sum(self.by_frequency.values())
