"""Pending digests and the sendings of updates, in the table of petitions: one item a petition.

The alert of an update starts in one transaction with its place in the next daily and in the next
weekly digest; a digest starts in one transaction with an empty place for the one after it. So every
update that was sent is in exactly one digest of each kind, whatever happens between two moments.

An update is *underway* until its alert and both of its digests have ended. Who changes how they are
mailed keeps the way of every update underway, so no digest needs to wait for any alert. Endings are
noticed when a digest starts: an update that counts as underway for longer does no harm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.alerts.digest import DIGESTS, PendingDigests, Sending, Waiting
from chalicelib.domain.alerts.schedule import DEFAULT_TIMES
from chalicelib.domain.subscriber import Frequency
from chalicelib.store import keys, validation
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


def emptying(pending: PendingDigests, frequency: Frequency, name: str) -> Write:
    """Q18: the write that empties a pending digest as its alert `name` starts.

    Its condition is that nothing has changed since `pending` was read.
    """
    names = pending.updates_for(frequency).names
    started = {Sending(update_name=each, name=name) for each in names}
    return Write(
        key=keys.news(pending.slug),
        expression=f"SET {frequency}_names = :none, sendings = :sendings "
        f"REMOVE {frequency}_since ADD {REVISION} :one",
        condition=f"{REVISION} = :seen",
        values={
            ":none": [],
            ":sendings": {_text(each) for each in pending.sendings | started},
            ":one": 1,
            ":seen": pending.revision,
        },
    )


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
