"""The table of sealed signatures. The role of the pages reads by key and lists nothing."""

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
    """Q4: store a signature. Safe to repeat. False if it was withdrawn after `requested_at`.

    Only a request from after the withdrawal replaces a tombstone, so that an older confirmation
    link cannot restore the signature.
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
    """Q4: replace a signature with a tombstone and delete what was sealed. False if there is none.

    The tombstone expires after every link that was mailed before the withdrawal.
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
    """Q5: the number of confirmed signatures in one bucket, by country."""
    items = table.items_of(keys.bucket(slug, bucket), attributes=("state", "country"))
    return Counter(item["country"] for item in items if item["state"] == SignatureState.CONFIRMED)


def summaries_in(
    table: Table, slug: str, bucket: str, *, prefix: str | None = None
) -> Iterator[SignatureSummary]:
    """Q5: the signatures of one bucket, confirmed or held, page by page, without what is sealed.

    With a `prefix`, only those whose index begins with it.
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
    """Q5: hold a confirmed signature. Safe to repeat. Returns whether it is held now.

    False if it was withdrawn, or withdrawn and signed again, since `summary` was read.
    """
    return _moderate(table, summary, SignatureState.HELD, ", why = :why", {":why": why})


def mark_released(table: Table, summary: SignatureSummary) -> bool:
    """Q5: release a held signature, so that it counts again. Otherwise like `mark_held`."""
    return _moderate(table, summary, SignatureState.CONFIRMED)


def _moderate(
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
        # True when the first attempt succeeded and its answer was lost.
        stored = summaries_in(table, summary.slug, summary.index[:2], prefix=summary.index)
        return any((it.state, it.confirmed_at) == (state, summary.confirmed_at) for it in stored)
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
