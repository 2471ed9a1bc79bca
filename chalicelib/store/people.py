"""The records of one person, over the tables of signatures and subscribers."""

from datetime import date, datetime
from typing import Final

from chalicelib.domain import suppression
from chalicelib.domain.person import (
    PersonIndexes,
    PersonRecord,
    SignatureRecord,
    SubscriptionRecord,
)
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.subscriber import Frequency, SubscriberState
from chalicelib.store import keys, suppressions
from chalicelib.store.dynamodb.items import Item, is_live, to_moment
from chalicelib.store.dynamodb.table import Table, find_across

_KEYS: Final = (keys.PK, keys.SK, keys.EXPIRES_AT)
_SIGNATURE: Final = (*_KEYS, "state", "country", "confirmed_on", "withdrawn_at")
_SUBSCRIPTION: Final = (
    *_KEYS,
    *("state", "subscribed_on", "unsubscribed_at", "language", "frequency"),
    *(name for name in suppressions.ATTRIBUTES if name not in _KEYS),
)


def find(
    signatures: Table, subscribers: Table, indexes: PersonIndexes, *, now: datetime
) -> PersonRecord:
    """Q4, Q6 and Q17 in one call: the records under these blind indexes, empty if there are none.

    An index of "" is not read, and no seal is. One read unit for each other index.
    """
    requested: list[tuple[str, Table, keys.Key]] = []
    if indexes.signature:
        requested.append(("signature", signatures, keys.signature(indexes.slug, indexes.signature)))
    if indexes.subscriber:
        key = keys.subscriber(indexes.slug, indexes.subscriber)
        requested.append(("subscription", subscribers, key))
    requested += [("suppression", subscribers, keys.suppression(i)) for i in indexes.suppressions]
    items = find_across(
        [(table, key) for _, table, key in requested],
        attributes={signatures.name: _SIGNATURE, subscribers.name: _SUBSCRIPTION},
    )
    live = [
        (kind, item)
        for (kind, _, _), item in zip(requested, items, strict=True)
        if item is not None and is_live(item, now)
    ]
    records = dict(live)
    found = (suppressions.read(item, now=now) for kind, item in live if kind == "suppression")
    return PersonRecord(
        signature=_signature(records["signature"]) if "signature" in records else None,
        subscription=_subscription(records["subscription"]) if "subscription" in records else None,
        suppression=suppression.strongest(found),
    )


def _signature(item: Item) -> SignatureRecord:
    state = SignatureState(item["state"])
    if state is SignatureState.WITHDRAWN:
        return SignatureRecord(
            state=state, since=to_moment(item["withdrawn_at"]).date(), erased_on=_erased_on(item)
        )
    return SignatureRecord(
        state=state,
        since=date.fromisoformat(item["confirmed_on"]),
        country=item.get("country", ""),
    )


def _subscription(item: Item) -> SubscriptionRecord:
    state = SubscriberState(item["state"])
    if state is SubscriberState.UNSUBSCRIBED:
        return SubscriptionRecord(
            state=state, since=to_moment(item["unsubscribed_at"]).date(), erased_on=_erased_on(item)
        )
    return SubscriptionRecord(
        state=state,
        since=date.fromisoformat(item["subscribed_on"]),
        language=item["language"],
        frequency=Frequency(item["frequency"]),
    )


def _erased_on(item: Item) -> datetime:
    return to_moment(item[keys.EXPIRES_AT] * 1000)
