"""Filters by which a moderator selects signatures, over the fields that the server can read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.signature import SignatureState


@dataclass(frozen=True, kw_only=True)
class SignatureRevision:
    """A signature as it was read: a change of it is refused once it is another.

    A person who withdraws and signs again has another attestation. `revision` counts the holds and
    releases by hand.
    """

    slug: str
    index: str
    attestation: bytes
    revision: int = 0

    def __repr__(self) -> str:
        return f"{type(self).__name__}(slug={self.slug!r}, …)"


@dataclass(frozen=True, kw_only=True, repr=False)
class SignatureSummary(SignatureRevision):
    """A confirmed or held signature, without what is sealed.

    `signals` are those of its confirmation, unknown ones included. `why` is the reason that a
    moderator gave for holding it, or "". A release keeps both, so that it can be reversed.
    """

    state: SignatureState
    country: str
    confirmed_on: date
    signals: frozenset[str] = frozenset()
    why: str = ""

    @property
    def reasons(self) -> Sequence[str]:
        """The reasons for holding it: signals by name, a moderator's reason in quotation marks."""
        return [*sorted(self.signals), *([f"“{self.why}”"] if self.why else [])]


@dataclass(frozen=True, kw_only=True)
class SignatureFilter:
    """Conditions on signatures; None for no condition. Days are in UTC, both included.

    A signature meets them if it has all `signals` and none of `without`. `once_held`: only one that
    is held, or was held before it was released.
    """

    signals: Sequence[str] = ()
    without: Sequence[str] = ()
    why: str | None = None
    country: str | None = None
    confirmed_from: date | None = None
    confirmed_to: date | None = None
    once_held: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether it has no condition."""
        return self == SignatureFilter()

    def includes(self, summary: SignatureSummary) -> bool:
        """Whether a signature meets all conditions."""
        day = summary.confirmed_on
        return (
            summary.signals.issuperset(self.signals)
            and summary.signals.isdisjoint(self.without)
            and self.why in (None, summary.why)
            and self.country in (None, summary.country)
            and (not self.once_held or bool(summary.reasons))
            and (self.confirmed_from is None or self.confirmed_from <= day)
            and (self.confirmed_to is None or day <= self.confirmed_to)
        )
