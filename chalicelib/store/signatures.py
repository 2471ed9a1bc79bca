"""The table of sealed signatures. The web role only ever names one key; lists are for exports."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.integrity.tally import Figures
from chalicelib.domain.signature import SealedSignature, SignatureState
from chalicelib.domain.signature_filter import SignatureSummary
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_epoch, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table

_SEALED_STATES: Final = (SignatureState.CONFIRMED, SignatureState.HELD)
_READABLE: Final = (keys.SK, "state", "country", "language", "confirmed_at", "signals", "why")


def add(table: Table, signature: SealedSignature, *, requested_at: datetime) -> bool:
    """Keep a signature: one conditional put. False if it was withdrawn after it was asked for.

    A tombstone gives way only to a request made after the withdrawal, so that a confirmation link
    from before it cannot bring the signature back. Safe to repeat.
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
        )
    except ConditionFailed as failed:
        return (failed.item or {}).get("state") != SignatureState.WITHDRAWN
    return True


def mark_withdrawn(
    table: Table, slug: str, index: str, *, now: datetime, link_lifetime: timedelta
) -> bool:
    """Put a tombstone in place of a signature; what was sealed is gone. False if none stood there.

    The tombstone stays until every link mailed before the withdrawal has expired.
    """
    try:
        table.update(
            keys.signature(slug, index),
            "SET #state = :withdrawn, withdrawn_at = :now, expires_at = :expires_at "
            "REMOVE sealed, country, #language, confirmed_at, signals, why",
            condition="#state IN (:confirmed, :held)",
            names={"#state": "state", "#language": "language"},
            values={
                ":withdrawn": SignatureState.WITHDRAWN,
                ":confirmed": SignatureState.CONFIRMED,
                ":held": SignatureState.HELD,
                ":now": to_milliseconds(now),
                ":expires_at": to_epoch(now + link_lifetime + timedelta(days=1)),
            },
        )
    except ConditionFailed:
        return False
    return True


def sealed_in(table: Table, slug: str, bucket: str) -> Iterator[SealedSignature]:
    """Q5: the signatures of one bucket, confirmed or held, page by page."""
    for item in table.items_of(keys.bucket(slug, bucket)):
        if item["state"] in _SEALED_STATES:
            yield _signature(slug, item)


def count_in(table: Table, slug: str, bucket: str) -> Figures:
    """Q5: how many confirmed signatures one bucket holds, by country."""
    items = table.items_of(keys.bucket(slug, bucket), attributes=("state", "country"))
    return Counter(item["country"] for item in items if item["state"] == SignatureState.CONFIRMED)


def summaries_in(
    table: Table, slug: str, bucket: str, *, prefix: str | None = None
) -> Iterator[SignatureSummary]:
    """Q5: what one bucket holds that is not withdrawn, page by page; nothing that is sealed.

    Only what is filed under an index that `begins` so, if that is given.
    """
    partition = keys.bucket(slug, bucket)
    for item in table.items_of(partition, attributes=_READABLE, prefix=prefix):
        if item["state"] in _SEALED_STATES:
            yield SignatureSummary(
                slug=slug,
                index=item[keys.SK],
                state=SignatureState(item["state"]),
                country=item["country"],
                language=item["language"],
                confirmed_at=to_moment(item["confirmed_at"]),
                signals=frozenset(item.get("signals", ())),
                why=item.get("why", ""),
            )


def mark_held(table: Table, summary: SignatureSummary, *, why: str) -> bool:
    """Hold a confirmed signature: it is kept and not counted. Says whether it is held now.

    Not if it was withdrawn since it was read, or withdrawn and given anew. Safe to repeat.
    """
    return _judge(table, summary, SignatureState.HELD, ", why = :why", {":why": why})


def mark_released(table: Table, summary: SignatureSummary) -> bool:
    """Let a held signature count, from when it was confirmed. As `mark_held`."""
    return _judge(table, summary, SignatureState.CONFIRMED)


def _judge(
    table: Table,
    summary: SignatureSummary,
    state: SignatureState,
    change: str = "",
    values: Mapping[str, str] | None = None,
) -> bool:
    try:
        table.update(
            keys.signature(summary.slug, summary.index),
            f"SET #state = :state{change}",
            condition="#state = :seen AND confirmed_at = :confirmed_at",
            names={"#state": "state"},
            values={
                ":state": state,
                ":seen": summary.state,
                ":confirmed_at": to_milliseconds(summary.confirmed_at),
                **(values or {}),
            },
            return_values=False,
        )
    except ConditionFailed:
        # The same judgement, when its answer was lost; or it is no longer what was judged.
        again = summaries_in(table, summary.slug, summary.index[:2], prefix=summary.index)
        return (state, summary.confirmed_at) in {(it.state, it.confirmed_at) for it in again}
    return True


def _item(signature: SealedSignature) -> dict[str, Any]:
    item = {
        "state": signature.state,
        "sealed": signature.sealed,
        "country": signature.country,
        "language": signature.language,
        "confirmed_at": to_milliseconds(signature.confirmed_at),
    }
    if signature.state is SignatureState.HELD:
        item["signals"] = sorted(signature.signals)
    return item


def _signature(slug: str, item: Item) -> SealedSignature:
    return SealedSignature(
        slug=slug,
        index=item[keys.SK],
        sealed=item["sealed"],
        country=item["country"],
        language=item["language"],
        confirmed_at=to_moment(item["confirmed_at"]),
        state=SignatureState(item["state"]),
        signals=frozenset(map(Signal, item.get("signals", ()))),
    )
