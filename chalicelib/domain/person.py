"""The records of one person on one petition, without what is sealed."""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.signature import SignatureState
from chalicelib.domain.subscriber import Frequency, SubscriberState
from chalicelib.domain.suppression import Suppression


@dataclass(frozen=True, kw_only=True)
class PersonIndexes:
    """The blind indexes of a person on a petition; "" where one is unknown or not needed.

    The person can be suppressed under each of `suppressions`, one for each root key.
    """

    slug: str
    signature: str = ""
    subscriber: str = ""
    suppressions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SignatureRecord:
    """What a person can be shown of a signature: the rest is sealed.

    `since` is the day (UTC) on which it was confirmed or withdrawn, `erased_on` when the record of
    a withdrawn one is deleted. `country` is a code if it is stored in the open, else "".
    """

    state: SignatureState
    since: date
    country: str = ""
    erased_on: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether the signature is not withdrawn, so that its sealed part is stored."""
        return self.state is not SignatureState.WITHDRAWN


@dataclass(frozen=True, kw_only=True)
class SubscriptionRecord:
    """The unsealed part of a subscription. An ended one has no language.

    `since` is the day (UTC) on which it was confirmed or ended, `erased_on` when the record of an
    ended one is deleted.
    """

    state: SubscriberState
    since: date
    language: str = ""
    frequency: Frequency = Frequency.EACH
    erased_on: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether the subscription is not ended, so that its address is stored."""
        return self.state is not SubscriberState.UNSUBSCRIBED


@dataclass(frozen=True, kw_only=True)
class PersonRecord:
    """All records of a person on a petition, and the suppression of the address if there is one."""

    signature: SignatureRecord | None = None
    subscription: SubscriptionRecord | None = None
    suppression: Suppression | None = None

    @property
    def blocked(self) -> bool:
        """Whether no petition ever mails the person."""
        return self.suppression is not None and self.suppression.is_block

    @property
    def signed(self) -> bool:
        """Whether there is a signature that is not withdrawn."""
        return self.signature is not None and self.signature.is_active

    @property
    def subscribed(self) -> bool:
        """Whether there is a subscription that is not ended."""
        return self.subscription is not None and self.subscription.is_active
