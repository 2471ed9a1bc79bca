"""The table of sealed signatures. The web role only ever names one key; lists are for exports."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain.signature import SealedSignature, SignatureState
from chalicelib.store import keys
from chalicelib.store.errors import ConditionFailed
from chalicelib.store.items import Item
from chalicelib.store.moments import to_epoch, to_milliseconds, to_moment
from chalicelib.store.table import Table


def add(table: Table, signature: SealedSignature, *, asked_at: datetime) -> bool:
    """Keep a signature: one conditional put. False if it was withdrawn after it was asked for.

    A tombstone gives way only to a request made after the withdrawal, so that a confirmation link
    from before it cannot bring the signature back. Safe to repeat.
    """
    try:
        table.put(
            keys.signature(signature.slug, signature.index),
            {
                "state": SignatureState.CONFIRMED,
                "sealed": signature.sealed,
                "country": signature.country,
                "language": signature.language,
                "confirmed_at": to_milliseconds(signature.confirmed_at),
            },
            condition=(
                "attribute_not_exists(pk) OR (#state = :withdrawn AND withdrawn_at < :asked_at)"
            ),
            names={"#state": "state"},
            values={
                ":withdrawn": SignatureState.WITHDRAWN,
                ":asked_at": to_milliseconds(asked_at),
            },
        )
    except ConditionFailed as failed:
        return (failed.item or {}).get("state") != SignatureState.WITHDRAWN
    return True


def stands(table: Table, slug: str, index: str) -> bool:
    """Q4: whether a signature of this address is kept and not withdrawn."""
    item = table.find(keys.signature(slug, index), consistent=True)
    return item is not None and item["state"] in (SignatureState.CONFIRMED, SignatureState.HELD)


def mark_withdrawn(
    table: Table, slug: str, index: str, *, now: datetime, links_live: timedelta
) -> bool:
    """Put a tombstone in place of a signature; what was sealed is gone. False if none stood there.

    The tombstone stays until every link mailed before the withdrawal has expired.
    """
    try:
        table.update(
            keys.signature(slug, index),
            "SET #state = :withdrawn, withdrawn_at = :now, expires_at = :expires_at "
            "REMOVE sealed, country, #language, confirmed_at",
            condition="#state IN (:confirmed, :held)",
            names={"#state": "state", "#language": "language"},
            values={
                ":withdrawn": SignatureState.WITHDRAWN,
                ":confirmed": SignatureState.CONFIRMED,
                ":held": SignatureState.HELD,
                ":now": to_milliseconds(now),
                ":expires_at": to_epoch(now + links_live + timedelta(days=1)),
            },
        )
    except ConditionFailed:
        return False
    return True


def confirmed_in(table: Table, slug: str, bucket: str) -> Iterator[SealedSignature]:
    """Q5: the confirmed signatures of one bucket, page by page."""
    for item in table.items_of(keys.bucket(slug, bucket)):
        if item["state"] == SignatureState.CONFIRMED:
            yield _signature(slug, item)


def count_in(table: Table, slug: str, bucket: str) -> int:
    """Q5: how many confirmed signatures one bucket holds."""
    states = table.items_of(keys.bucket(slug, bucket), names_of=("state",))
    return sum(item["state"] == SignatureState.CONFIRMED for item in states)


def _signature(slug: str, item: Item) -> SealedSignature:
    return SealedSignature(
        slug=slug,
        index=item[keys.SK],
        sealed=item["sealed"],
        country=item["country"],
        language=item["language"],
        confirmed_at=to_moment(item["confirmed_at"]),
    )
