"""What is kept of one person, over the tables of signatures and subscribers."""

from datetime import datetime

from chalicelib.domain.person import (
    PersonIndexes,
    PersonRecord,
    SignatureRecord,
    SubscriptionRecord,
)
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.subscriber import Frequency, SubscriberState
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item, to_epoch, to_moment
from chalicelib.store.dynamodb.table import Table, find_together


def find(
    signatures: Table, subscribers: Table, indexes: PersonIndexes, *, now: datetime
) -> PersonRecord:
    """Q4, Q6 and Q17 in one call: what is kept under these blind indexes.

    What is not asked for counts as not kept. One read unit for each index that is.
    """
    wanted = {
        "signature": (signatures, keys.signature, indexes.signature),
        "subscription": (subscribers, keys.subscriber, indexes.subscriber),
    }
    asked = {
        kind: (table, key(indexes.slug, index))
        for kind, (table, key, index) in wanted.items()
        if index
    }
    if indexes.suppression:
        asked["block"] = (subscribers, keys.suppression(indexes.suppression))
    items = find_together(list(asked.values()))
    # TTL is late by design.
    found = {
        kind: item
        for kind, item in zip(asked, items, strict=True)
        if item is not None and item.get(keys.EXPIRES_AT, to_epoch(now)) >= to_epoch(now)
    }
    return PersonRecord(
        signature=_signature(found["signature"]) if "signature" in found else None,
        subscription=_subscription(found["subscription"]) if "subscription" in found else None,
        blocked="block" in found,
    )


def _signature(item: Item) -> SignatureRecord:
    state = SignatureState(item["state"])
    if state is SignatureState.WITHDRAWN:
        return SignatureRecord(
            state=state, since=to_moment(item["withdrawn_at"]), erased_on=_gone_by(item)
        )
    return SignatureRecord(
        state=state,
        since=to_moment(item["confirmed_at"]),
        country=item["country"],
        language=item["language"],
    )


def _subscription(item: Item) -> SubscriptionRecord:
    state = SubscriberState(item["state"])
    if state is SubscriberState.UNSUBSCRIBED:
        return SubscriptionRecord(
            state=state, since=to_moment(item["unsubscribed_at"]), erased_on=_gone_by(item)
        )
    return SubscriptionRecord(
        state=state,
        since=to_moment(item["subscribed_at"]),
        language=item["language"],
        frequency=Frequency(item.get("frequency", Frequency.EACH)),
    )


def _gone_by(item: Item) -> datetime:
    return to_moment(item[keys.EXPIRES_AT] * 1000)
