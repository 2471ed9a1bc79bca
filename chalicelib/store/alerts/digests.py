"""Pending digests and the sendings of updates, in the table of petitions: one item a petition.

The alert of an update starts in one transaction with its place in the next daily and in the next
weekly digest; a digest starts in one transaction with an empty place for the one after it. So every
update that was sent is in exactly one digest of each kind, whatever happens between two moments. Of
an update whose alert is paused that is a later one, and none if it was cancelled before.

An update is *underway* until its alert and both of its digests have ended. Who changes how they are
mailed keeps the way of every update underway, so no digest needs to wait for any alert. Endings are
noticed when a digest starts: an update that counts as underway for longer does no harm.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.alerts.digest import DIGESTS, PendingDigests, Sending, Waiting
from chalicelib.domain.alerts.schedule import DEFAULT_TIMES
from chalicelib.domain.subscriber import Frequency
from chalicelib.store import keys, validation
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write
from chalicelib.store.petitions import petition_items

REVISION: Final = "revision"
UNDERWAY: Final = (*(f"{each}_names" for each in DIGESTS), "sendings", REVISION)
"""The attributes that tell which updates are underway."""
_ENDED: Final = {AlertState.COMPLETE, AlertState.CANCELLED}


def waiting_for_digests(slug: str, name: str, *, since: datetime) -> Write:
    """Q18: the write by which an update waits for both digests, as its alert starts."""
    sets = [
        clause
        for each in DIGESTS
        for clause in (
            f"{each}_names = list_append(if_not_exists({each}_names, :none), :names)",
            f"{each}_since = if_not_exists({each}_since, :since)",
        )
    ]
    return Write(
        key=keys.news(slug),
        expression=f"SET {', '.join(sets)} ADD sendings :sending, {REVISION} :one",
        values={
            ":none": [],
            ":names": [name],
            ":since": to_milliseconds(since),
            ":sending": {_text(Sending(update_name=name, name=name))},
            ":one": 1,
        },
    )


def emptying(
    pending: PendingDigests,
    frequency: Frequency,
    name: str,
    *,
    started: Collection[str],
    held: Sequence[str],
) -> Write:
    """Q18: the write by which a pending digest loses all updates but the `held` ones.

    Those `started` go with the digest's alert `name`. Its condition is that nothing has changed
    since `pending` was read.
    """
    sendings = pending.sendings | {Sending(update_name=each, name=name) for each in started}
    changes, removed = [f"{frequency}_names = :held"], [] if held else [f"{frequency}_since"]
    values: dict[str, Any] = {":held": list(held), ":one": 1, ":seen": pending.revision}
    if sendings:
        changes.append("sendings = :sendings")
        values[":sendings"] = set(map(_text, sendings))
    else:
        # DynamoDB has no empty sets.
        removed.append("sendings")
    removal = f" REMOVE {', '.join(removed)}" if removed else ""
    return Write(
        key=keys.news(pending.slug),
        expression=f"SET {', '.join(changes)}{removal} ADD {REVISION} :one",
        condition=f"{REVISION} = :seen",
        values=values,
    )


def apply(table: Table, write: Write) -> None:
    """Q18: change a pending digest without a digest. No change if it is another by now."""
    with suppress(ConditionFailed):
        table.transact([write])


def list_pending(table: Table) -> Sequence[PendingDigests]:
    """Q18: the pending digests of each petition. A damaged item is left out."""
    return list(validation.validated(table.items_of(keys.NEWS), from_item))


def get(table: Table, slug: str) -> PendingDigests:
    """Q18: the pending digests of one petition, without any if nothing was ever sent."""
    item = table.find(keys.news(slug), consistent=True)
    return from_item(item) if item else PendingDigests(slug=slug)


def without_ended(table: Table, pending: PendingDigests) -> PendingDigests:
    """Q12, Q24: the same without sendings that have ended; two reads for each alert."""
    names = {sending.name for sending in pending.sendings}
    going_on = {name for name in names if not _has_ended(table, pending.slug, name)}
    return replace(
        pending, sendings=frozenset(each for each in pending.sendings if each.name in going_on)
    )


def from_item(item: Item) -> PendingDigests:
    """The pending digests in the item of a petition's news."""
    times = item.get("digest_times")
    return PendingDigests(
        slug=item[keys.SK],
        times=petition_items.digest_times(times) if times else DEFAULT_TIMES,
        waiting={each: _waiting(item, each) for each in DIGESTS},
        sendings=frozenset(map(_sending, item.get("sendings", ()))),
        revision=item.get(REVISION, 0),
    )


def _waiting(item: Mapping[str, Any], frequency: Frequency) -> Waiting:
    since = item.get(f"{frequency}_since")
    return Waiting(
        names=tuple(item.get(f"{frequency}_names", ())),
        since=None if since is None else to_moment(since),
    )


def _has_ended(table: Table, slug: str, name: str) -> bool:
    """Whether an alert has ended. One whose header is lost or damaged sends nothing any more."""
    sent = table.find(keys.sent(slug, name), consistent=True)
    header = sent and table.find(keys.alert(sent["alert_id"]), consistent=True)
    return not header or header.get("state") in _ENDED


def _text(sending: Sending) -> str:
    return f"{sending.update_name}#{sending.name}"


def _sending(text: str) -> Sending:
    update_name, _, name = text.partition("#")
    return Sending(update_name=update_name, name=name)
