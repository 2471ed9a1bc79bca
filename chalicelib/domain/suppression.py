"""Suppressions: why an address is not mailed, and for how long.

Its owner's block, a hard bounce and a complaint are for ever. Soft bounces only hold the news:
`SOFT_BOUNCES_KEPT` different mails within `SOFT_BOUNCE_PERIOD` hold it for `HOLD_PERIOD`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

SOFT_BOUNCES_KEPT: Final = 3
SOFT_BOUNCE_PERIOD: Final = timedelta(days=30)
HOLD_PERIOD: Final = timedelta(days=14)


class SuppressionReason(StrEnum):
    """Why an address is not mailed, the one that outranks the others first."""

    OWNER = "owner"
    COMPLAINT = "complaint"
    HARD_BOUNCE = "hard-bounce"
    SOFT_BOUNCES = "soft-bounces"


_ORDER: Final = tuple(SuppressionReason)


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Since which day (UTC) an address is not mailed, and why. `until`: the first day after it."""

    reason: SuppressionReason
    since: date
    until: date | None = None

    @property
    def is_block(self) -> bool:
        """Whether no mail is sent at all, for ever. A hold stops the news only."""
        return self.until is None


def hold(bounced_on: Collection[date], *, today: date) -> Suppression | None:
    """The hold that soft bounces of different mails on these days (UTC) are the reason of."""
    if len(bounced_on) < SOFT_BOUNCES_KEPT:
        return None
    newest = max(bounced_on)
    if newest - min(bounced_on) > SOFT_BOUNCE_PERIOD or today >= newest + HOLD_PERIOD:
        return None
    return Suppression(
        reason=SuppressionReason.SOFT_BOUNCES, since=newest, until=newest + HOLD_PERIOD
    )


def strongest(found: Iterable[Suppression | None]) -> Suppression | None:
    """The suppression that counts among those of one person, if any: a block before a hold."""
    return min(
        (it for it in found if it is not None),
        key=lambda it: (_ORDER.index(it.reason), it.since),
        default=None,
    )
