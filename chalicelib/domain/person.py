"""What is kept of one person on one petition, as far as the service itself can read it."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import N_, InvalidForm, Message
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.subscriber import Frequency, SubscriberState


@dataclass(frozen=True, kw_only=True)
class PersonIndexes:
    """Under which blind indexes a person is filed; "" where it is not known or not wanted."""

    slug: str
    signature: str = ""
    subscriber: str = ""
    suppression: str = ""


@dataclass(frozen=True, kw_only=True)
class SignatureRecord:
    """A signature beside its seal. A withdrawn one has neither country nor language.

    `since` is when it was confirmed or withdrawn, aware UTC; `erased_on` when a withdrawn one is
    forgotten.
    """

    state: SignatureState
    since: datetime
    country: str = ""
    language: str = ""
    erased_on: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether something sealed is kept."""
        return self.state is not SignatureState.WITHDRAWN


@dataclass(frozen=True, kw_only=True)
class SubscriptionRecord:
    """A subscription beside its address. One that was ended has no language.

    `since` is when it was confirmed or ended, aware UTC; `erased_on` when an ended one is deleted.
    """

    state: SubscriberState
    since: datetime
    language: str = ""
    frequency: Frequency = Frequency.EACH
    erased_on: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether an address is kept."""
        return self.state is not SubscriberState.UNSUBSCRIBED


@dataclass(frozen=True, kw_only=True)
class PersonRecord:
    """All that is kept of a person on a petition. `blocked`: they are never mailed, by any."""

    signature: SignatureRecord | None = None
    subscription: SubscriptionRecord | None = None
    blocked: bool = False

    @property
    def signed(self) -> bool:
        """Whether a signature is kept."""
        return self.signature is not None and self.signature.is_active

    @property
    def subscribed(self) -> bool:
        """Whether a subscription is kept."""
        return self.subscription is not None and self.subscription.is_active


def read_frequency(typed: str) -> Frequency:
    """How often somebody wants alerts, as a form says it. Raises InvalidForm."""
    try:
        return Frequency(typed)
    except ValueError:
        message = Message(text=N_("Please choose how often."))
        raise InvalidForm({"frequency": message}) from None
