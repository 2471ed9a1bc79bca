"""A subscriber: an address that separately agreed to be mailed about one petition."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
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
    """How often a subscriber is mailed: at every update, or with a digest of a day or a week."""

    EACH = "each"
    DAILY = "daily"
    WEEKLY = "weekly"


class Confirmed(Enum):
    """What becomes of a subscription once it is confirmed: it starts, one stands, or it ended."""

    STARTED = "started"
    STANDS = "stands"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class NewsChoice:
    """How often a subscriber is mailed, and the updates that a change of that leaves on their way.

    `ways` says by which other frequency an update reaches the subscriber, because its alert had
    started before a change; None: not at all, as its alert had started before the subscriber came
    back. So changes repeat nothing and lose nothing.
    """

    frequency: Frequency = Frequency.EACH
    ways: Mapping[str, Frequency | None] = field(default_factory=dict)

    def way_of(self, update_name: str) -> Frequency | None:
        """The way by which an update reaches the subscriber: at once, in which digest, or none."""
        return self.ways.get(update_name, self.frequency)

    def changed(self, frequency: Frequency, *, underway: Collection[str]) -> "NewsChoice":
        """The choice of this frequency for all news but the updates underway.

        `underway` names every update that has begun to be sent in any way, and not ended in each.
        """
        ways = {name: self.way_of(name) for name in underway}
        kept = {name: way for name, way in ways.items() if way is not frequency}
        return NewsChoice(frequency=frequency, ways=kept)

    def without(self, underway: Collection[str]) -> "NewsChoice":
        """The same choice for all news but the updates underway, which do not come."""
        return NewsChoice(frequency=self.frequency, ways=dict.fromkeys(underway))


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
