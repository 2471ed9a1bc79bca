"""The records of one person, over the tables of signatures and subscribers."""

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
from chalicelib.store.dynamodb.items import Item, is_live, to_moment
from chalicelib.store.dynamodb.table import Table, find_across


def find(
    signatures: Table, subscribers: Table, indexes: PersonIndexes, *, now: datetime
) -> PersonRecord:
    """Q4, Q6 and Q17 in one call: the records under these blind indexes, empty if there are none.

    An index of "" is not read. One read unit for each other index.
    """
    questions = {
        "signature": (signatures, keys.signature, indexes.signature),
        "subscription": (subscribers, keys.subscriber, indexes.subscriber),
    }
    requested = {
        kind: (table, key(indexes.slug, index))
        for kind, (table, key, index) in questions.items()
        if index
    }
    if indexes.suppression:
        requested["block"] = (subscribers, keys.suppression(indexes.suppression))
    items = find_across(list(requested.values()))
    live = {
        kind: item
        for kind, item in zip(requested, items, strict=True)
        if item is not None and is_live(item, now)
    }
    return PersonRecord(
        signature=_signature(live["signature"]) if "signature" in live else None,
        subscription=_subscription(live["subscription"]) if "subscription" in live else None,
        blocked="block" in live,
    )


def _signature(item: Item) -> SignatureRecord:
    state = SignatureState(item["state"])
    if state is SignatureState.WITHDRAWN:
        return SignatureRecord(
            state=state, since=to_moment(item["withdrawn_at"]), erased_on=_erased_on(item)
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
            state=state, since=to_moment(item["unsubscribed_at"]), erased_on=_erased_on(item)
        )
    return SubscriptionRecord(
        state=state,
        since=to_moment(item["subscribed_at"]),
        language=item["language"],
        frequency=Frequency(item["frequency"]),
    )


def _erased_on(item: Item) -> datetime:
    return to_moment(item[keys.EXPIRES_AT] * 1000)
