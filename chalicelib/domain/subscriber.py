"""A subscriber: an address that separately agreed to be mailed about one petition."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum

from chalicelib.domain.errors import N_, InvalidForm, Message
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.signature import read_address


class SubscriberState(StrEnum):
    """The state of a subscription. Only active subscribers are mailed."""

    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"


class Frequency(StrEnum):
    """How often a subscriber is mailed: at every update, or once a week with a digest."""

    EACH = "each"
    WEEKLY = "weekly"


class Confirmed(Enum):
    """What becomes of a subscription once it is confirmed: it starts, one stands, or it ended."""

    STARTED = "started"
    STANDS = "stands"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class NewsChoice:
    """How often a subscriber is mailed, and the updates that a change of that leaves on their way.

    `other_way` names the updates that reach the subscriber by the other frequency, because their
    alert had started before the change. So a change repeats nothing and loses nothing.
    """

    frequency: Frequency = Frequency.EACH
    other_way: frozenset[str] = frozenset()

    def way_of(self, update_name: str) -> Frequency:
        """The way by which an update reaches the subscriber: at once, or in a weekly digest."""
        if update_name not in self.other_way:
            return self.frequency
        return Frequency.EACH if self.frequency is Frequency.WEEKLY else Frequency.WEEKLY

    def changed(self, frequency: Frequency, *, underway: Collection[str]) -> "NewsChoice":
        """The choice of this frequency for all news but the updates underway.

        `underway` names every update whose alert has started and whose digest is not complete.
        """
        kept = frozenset(name for name in underway if self.way_of(name) is not frequency)
        return NewsChoice(frequency=frequency, other_way=kept)


@dataclass(frozen=True, kw_only=True)
class SubscriptionRequest:
    """A valid form for alerts only. It exists only inside a token."""

    slug: str
    language: str
    address: EmailAddress
    frequency: Frequency
    requested_at: datetime

    def __repr__(self) -> str:
        return f"SubscriptionRequest(slug={self.slug!r}, …)"


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """A stored subscription, of this day (UTC). Only the mailer can open `sealed_address`."""

    slug: str
    index: str
    sealed_address: bytes
    language: str
    subscribed_on: date
    choice: NewsChoice = NewsChoice()


def read_subscribe_form(
    fields: Mapping[str, str], *, slug: str, language: str, now: datetime
) -> SubscriptionRequest:
    """Read the form for alerts only, which need not say how often. Raises InvalidForm."""
    errors: dict[str, Message] = {}
    address = read_address(fields.get("email", ""), errors)
    frequency = Frequency.EACH
    try:
        frequency = read_frequency(fields.get("frequency", frequency))
    except InvalidForm as refusal:
        errors |= refusal.errors
    if errors or address is None:
        raise InvalidForm(errors)
    return SubscriptionRequest(
        slug=slug, language=language, address=address, frequency=frequency, requested_at=now
    )


def read_frequency(typed: str) -> Frequency:
    """The frequency that a form names. Raises InvalidForm."""
    try:
        return Frequency(typed)
    except ValueError:
        message = Message(text=N_("Please choose how often you want news."))
        raise InvalidForm({"frequency": message}) from None
