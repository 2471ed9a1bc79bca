"""How changes of signatures become a count, each counted once however often it is delivered.

DynamoDB delivers a stream shard in order and at least once. The tally keeps a *fence* for each
shard: the sequence number of the last change that it has counted. Changes at or below the fence
have been counted before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.signature import SignatureState

SEQUENCE_DIGITS: Final = 40
"""Sequence numbers are decimal strings of 21 to 40 digits (DynamoDB Streams API reference)."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one signature. `difference` is what it adds to the count: -1, 0 or 1."""

    slug: str
    sequence: str
    difference: int


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What has been counted so far for one petition."""

    slug: str
    count: int


def sequence(number: str) -> str:
    """A sequence number as text of one length, so that text order is number order."""
    return number.zfill(SEQUENCE_DIGITS)


def difference(before: str | None, after: str | None) -> int:
    """What a change from state `before` to state `after` (None: no item) adds to the count."""
    return (after == SignatureState.CONFIRMED) - (before == SignatureState.CONFIRMED)


def beyond(fence: str | None, changes: Iterable[Change]) -> Sequence[Change]:
    """The changes that are not yet counted."""
    return [change for change in changes if fence is None or change.sequence > fence]
