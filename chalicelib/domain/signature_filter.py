"""Which signatures a verdict of an organiser is about, told by what the server can read of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.signature import SignatureState


@dataclass(frozen=True, kw_only=True)
class SignatureSummary:
    """A signature that is kept, confirmed or held, without what is sealed.

    `signals` are as they were when it was confirmed, unknown ones included; `why` is what an
    organiser gave as the reason for holding it, or "". Both outlast a release, so that it can be
    taken back.
    """

    slug: str
    index: str
    state: SignatureState
    country: str
    language: str
    confirmed_at: datetime
    signals: frozenset[str] = frozenset()
    why: str = ""

    @property
    def reasons(self) -> Sequence[str]:
        """Why it is held: its signals by name, and an organiser's words in quotation marks."""
        return [*sorted(self.signals), *([f"“{self.why}”"] if self.why else [])]

    def __repr__(self) -> str:
        return f"Standing(slug={self.slug!r}, …)"


@dataclass(frozen=True, kw_only=True)
class SignatureFilter:
    """What signatures have in common; None for whatever. Moments are aware UTC.

    `confirmed_from` is the first moment that is meant, `confirmed_before` the first that is not.
    """

    signal: str | None = None
    why: str | None = None
    country: str | None = None
    language: str | None = None
    confirmed_from: datetime | None = None
    confirmed_before: datetime | None = None

    @property
    def is_everything(self) -> bool:
        """Whether no signature is left out."""
        return self == SignatureFilter()

    def includes(self, summary: SignatureSummary) -> bool:
        """Whether a signature has all that is asked for."""
        moment = summary.confirmed_at
        return (
            (self.signal is None or self.signal in summary.signals)
            and self.why in (None, summary.why)
            and self.country in (None, summary.country)
            and self.language in (None, summary.language)
            and (self.confirmed_from is None or self.confirmed_from <= moment)
            and (self.confirmed_before is None or moment < self.confirmed_before)
        )
