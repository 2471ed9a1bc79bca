"""The table of sealed signatures. The role of the pages reads by key, lists nothing, reads no seal.

An item that cannot be read, or is in another partition than its index says, is reported by this
index, and stops no reader.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from chalicelib.crypto.attestation import ATTESTATION_BYTES
from chalicelib.crypto.sealing import SIGNATURE
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.integrity import breakdown
from chalicelib.domain.integrity.tally import Figures, Image
from chalicelib.domain.signature import DamagedSignature, SealedSignature, SignatureState
from chalicelib.domain.signature_filter import SignatureRevision, SignatureSummary
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_epoch, to_milliseconds
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.keys import Key

SEALED_STATES: Final = (SignatureState.CONFIRMED, SignatureState.HELD)
REVISION: Final = (keys.PK, keys.SK, "attestation", "revision")
_COUNTED: Final = (keys.SK, "state", "country", "confirmed_on", "signals", "why")
_READABLE: Final = (*REVISION, "state", "country", "confirmed_on", "signals", "why")


def add(table: Table, signature: SealedSignature, *, requested_at: datetime) -> bool:
    """Q4: store a signature. False if there is one, or one was withdrawn after `requested_at`.

    Safe to repeat: the first one stands. Only a request from after the withdrawal replaces a
    tombstone, so that an older confirmation link cannot restore the signature.
    """
    try:
        table.put(
            keys.signature(signature.slug, signature.index),
            _item(signature),
            condition=(
                "attribute_not_exists(pk) OR (#state = :withdrawn AND withdrawn_at < :requested_at)"
            ),
            names={"#state": "state"},
            values={
                ":withdrawn": SignatureState.WITHDRAWN,
                ":requested_at": to_milliseconds(requested_at),
            },
            return_old=False,
        )
    except ConditionFailed:
        return False
    return True


def save_correction(table: Table, signature: SealedSignature) -> bool:
    """Q4: replace what is sealed of a signature of that day. False if none is stored.

    Its state, its signals and its revision stay. Safe to repeat.
    """
    country = ", country = :country" if signature.country else " REMOVE country"
    values = {
        ":sealed": signature.sealed,
        ":attestation": signature.attestation,
        ":day": signature.confirmed_on.isoformat(),
        ":confirmed": SignatureState.CONFIRMED,
        ":held": SignatureState.HELD,
        **({":country": signature.country} if signature.country else {}),
    }
    return change(
        table,
        keys.signature(signature.slug, signature.index),
        f"SET sealed = :sealed, attestation = :attestation{country}",
        "#state IN (:confirmed, :held) AND confirmed_on = :day",
        values,
    )


def mark_withdrawn(
    table: Table,
    slug: str,
    index: str,
    *,
    now: datetime,
    link_lifetime: timedelta,
    attestation: bytes | None = None,
) -> bool:
    """Q4: replace a signature with a tombstone and delete what was sealed. False if there is none.

    With an `attestation`, only the signature that has it. The tombstone expires after every link
    that was mailed before the withdrawal.
    """
    values: dict[str, Any] = {
        ":withdrawn": SignatureState.WITHDRAWN,
        ":confirmed": SignatureState.CONFIRMED,
        ":held": SignatureState.HELD,
        ":now": to_milliseconds(now),
        ":expires_at": to_epoch(now + link_lifetime + timedelta(days=1)),
    }
    condition = "#state IN (:confirmed, :held)"
    if attestation is not None:
        condition += " AND attestation = :attestation"
        values[":attestation"] = attestation
    return change(
        table,
        keys.signature(slug, index),
        "SET #state = :withdrawn, withdrawn_at = :now, expires_at = :expires_at "
        "REMOVE sealed, attestation, country, confirmed_on, signals, why, revision",
        condition,
        values,
    )


@dataclass(frozen=True, kw_only=True)
class BucketCount:
    """The confirmed signatures of a bucket by country, all by day and reason, and damaged items."""

    confirmed: Figures
    breakdown: Figures
    damaged: int


def sealed_in(
    table: Table, slug: str, bucket: str, *, after: str | None = None
) -> Iterator[SealedSignature | DamagedSignature]:
    """Q5: the signatures of one bucket, confirmed or held, page by page; those after an index."""
    for item in table.items_of(keys.bucket(slug, bucket), after=after):
        try:
            if _state(item, bucket) in SEALED_STATES:
                yield _signature(slug, item)
        except (KeyError, TypeError, ValueError):
            yield DamagedSignature(slug=slug, index=item[keys.SK])


def count_in(table: Table, slug: str, bucket: str) -> BucketCount:
    """Q5: the signatures of one bucket: the confirmed ones by country, all by day and reason."""
    confirmed: Counter[str] = Counter()
    by_day: Counter[str] = Counter()
    damaged = 0
    for item in table.items_of(keys.bucket(slug, bucket), attributes=_COUNTED):
        try:
            if _state(item, bucket) is SignatureState.CONFIRMED:
                confirmed[Image.of(item).country] += 1
            by_day.update(breakdown.figures_of(item))
        except (KeyError, TypeError, ValueError):
            damaged += 1
    return BucketCount(confirmed=confirmed, breakdown=by_day, damaged=damaged)


def summaries_in(
    table: Table, slug: str, bucket: str, *, after: str | None = None
) -> Iterator[SignatureSummary | DamagedSignature]:
    """Q5: the signatures of one bucket, confirmed or held, page by page, without what is sealed.

    Those after an index, or all.
    """
    for item in table.items_of(keys.bucket(slug, bucket), after=after, attributes=_READABLE):
        try:
            if _state(item, bucket) in SEALED_STATES:
                yield _summary(slug, item)
        except (KeyError, TypeError, ValueError):
            yield DamagedSignature(slug=slug, index=item[keys.SK])


def change(table: Table, key: Key, expression: str, condition: str, values: Item) -> bool:
    """Q4: change a signature. False if the condition, on its `#state` too, does not hold."""
    try:
        table.update(
            key,
            expression,
            condition=condition,
            names={"#state": "state"},
            values=values,
            return_values=False,
        )
    except ConditionFailed:
        return False
    return True


def _item(signature: SealedSignature) -> dict[str, Any]:
    item: dict[str, Any] = {
        "state": signature.state,
        "sealed": signature.sealed,
        "attestation": signature.attestation,
        "confirmed_on": signature.confirmed_on.isoformat(),
    }
    if signature.country:
        item["country"] = signature.country
    if signature.state is SignatureState.HELD:
        item["signals"] = sorted(signature.signals)
    return item


def _state(item: Item, bucket: str) -> SignatureState:
    """The state of an item of a bucket. Raises KeyError or ValueError for a damaged one."""
    if item[keys.SK][2:4] != bucket:
        raise ValueError("copied from another partition")
    return SignatureState(item["state"])


def _signature(slug: str, item: Item) -> SealedSignature:
    """The signature of an item. Raises KeyError, TypeError or ValueError for a damaged one."""
    return SealedSignature(
        slug=slug,
        index=item[keys.SK],
        sealed=_bytes(item["sealed"], SIGNATURE.sealed_bytes),
        attestation=_bytes(item["attestation"], ATTESTATION_BYTES),
        country=Image.of(item).country,
        confirmed_on=date.fromisoformat(item["confirmed_on"]),
        state=SignatureState(item["state"]),
        signals=frozenset(map(Signal, item.get("signals", ()))),
    )


def _summary(slug: str, item: Item) -> SignatureSummary:
    """The summary of an item. Raises KeyError, TypeError or ValueError for a damaged one."""
    return SignatureSummary(
        **vars(read_revision(slug, item)),
        state=SignatureState(item["state"]),
        country=Image.of(item).country,
        confirmed_on=date.fromisoformat(item["confirmed_on"]),
        signals=frozenset(map(str, item.get("signals", ()))),
        why=str(item.get("why", "")),
    )


def read_revision(slug: str, item: Item) -> SignatureRevision:
    """The revision of an item. Raises KeyError, TypeError or ValueError for a damaged one."""
    return SignatureRevision(
        slug=slug,
        index=item[keys.SK],
        attestation=_bytes(item["attestation"], ATTESTATION_BYTES),
        revision=int(item.get("revision", 0)),
    )


def _bytes(value: Any, length: int) -> bytes:
    # `bytes` of a number would be so many zeros.
    if not isinstance(value, bytes) or len(value) != length:
        raise ValueError(f"not {length} bytes")
    return value
