"""A subscriber: an address that separately agreed to be mailed about one petition."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.errors import InvalidForm, Message
from chalicelib.domain.signature import read_address


class SubscriberState(StrEnum):
    """The state of a subscription. Only active subscribers are mailed."""

    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"


class Frequency(StrEnum):
    """How often a subscriber is mailed: at every update, or once a week with a digest."""

    EACH = "each"
    WEEKLY = "weekly"


@dataclass(frozen=True, kw_only=True)
class SubscriptionRequest:
    """A valid form for alerts only. It exists only inside a token."""

    slug: str
    language: str
    address: EmailAddress
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
    frequency: Frequency = Frequency.EACH


def read_subscribe_form(
    fields: Mapping[str, str], *, slug: str, language: str, now: datetime
) -> SubscriptionRequest:
    """Read the form for alerts only. Raises InvalidForm."""
    errors: dict[str, Message] = {}
    address = read_address(fields.get("email", ""), errors)
    if address is None:
        raise InvalidForm(errors)
    return SubscriptionRequest(slug=slug, language=language, address=address, requested_at=now)
