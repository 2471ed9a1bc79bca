"""What is kept of one person, over the tables of signatures and subscribers."""

from datetime import datetime

from chalicelib.domain.person import Filed, Kept, KeptSignature, KeptSubscription
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.subscriber import Frequency, SubscriberState
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item, to_epoch, to_moment
from chalicelib.store.dynamodb.table import Table, find_together


def find(signatures: Table, subscribers: Table, filed: Filed, *, now: datetime) -> Kept:
    """Q4, Q6 and Q17 in one call: what is kept under these blind indexes.

    What is not asked for counts as not kept. One read unit for each index that is.
    """
    wanted = {
        "signature": (signatures, keys.signature, filed.signature),
        "subscription": (subscribers, keys.subscriber, filed.subscriber),
    }
    asked = {
        kind: (table, key(filed.slug, index))
        for kind, (table, key, index) in wanted.items()
        if index
    }
    if filed.never:
        asked["block"] = (subscribers, keys.block(filed.never))
    items = find_together(list(asked.values()))
    # TTL is late by design.
    found = {
        kind: item
        for kind, item in zip(asked, items, strict=True)
        if item is not None and item.get(keys.EXPIRES_AT, to_epoch(now)) >= to_epoch(now)
    }
    return Kept(
        signature=_signature(found["signature"]) if "signature" in found else None,
        subscription=_subscription(found["subscription"]) if "subscription" in found else None,
        blocked="block" in found,
    )


def _signature(item: Item) -> KeptSignature:
    state = SignatureState(item["state"])
    if state is SignatureState.WITHDRAWN:
        return KeptSignature(
            state=state, since=to_moment(item["withdrawn_at"]), gone_by=_gone_by(item)
        )
    return KeptSignature(
        state=state,
        since=to_moment(item["confirmed_at"]),
        country=item["country"],
        language=item["language"],
    )


def _subscription(item: Item) -> KeptSubscription:
    state = SubscriberState(item["state"])
    if state is SubscriberState.UNSUBSCRIBED:
        return KeptSubscription(
            state=state, since=to_moment(item["unsubscribed_at"]), gone_by=_gone_by(item)
        )
    return KeptSubscription(
        state=state,
        since=to_moment(item["subscribed_at"]),
        language=item["language"],
        frequency=Frequency(item.get("frequency", Frequency.EACH)),
    )


def _gone_by(item: Item) -> datetime:
    return to_moment(item[keys.EXPIRES_AT] * 1000)
