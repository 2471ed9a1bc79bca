"""Updates and the schedule of their alerts, in the table of petitions.

An update that cannot have been published is treated as if it did not exist.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.petitions.update import OnDoubt, Update, UpdateText
from chalicelib.store import keys, validation
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import MAX_ITEM_BYTES, Item, item_bytes
from chalicelib.store.dynamodb.table import Table, Write

MAX_BYTES: Final = MAX_ITEM_BYTES - 10_000
"""Of an update: the rest is room for what is added to it."""
_MAX_ATTEMPTS: Final = 5
_MAX_DUE: Final = 100
"""The scheduled updates that one run takes up; the next run takes the rest."""


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """An entry of the schedule, and the id of its update."""

    entry: str
    update_id: str

    def is_of(self, update: Update) -> bool:
        """Whether the update is still to be sent then. It may have been moved or taken back."""
        at = update.send_at
        return at is not None and keys.scheduled(at, update.id)[keys.SK] == self.entry


def get(table: Table, slug: str, name: str) -> Update:
    """Q9: an update. Raises NotFound."""
    update = find(table, slug, name)
    if update is None:
        raise NotFound
    return update


def find(table: Table, slug: str, name: str) -> Update | None:
    """Q9: an update, or None. Reads consistently: the schedule asks just after it was written."""
    item = table.find(keys.update(slug, name), consistent=True)
    return next(validation.validated([item] if item else [], from_item), None)


def list_of(table: Table, slug: str) -> Sequence[Update]:
    """Q8: the updates of a petition, newest first."""
    updates = validation.validated(table.items_of(keys.updates(slug)), from_item)
    return sorted(updates, key=lambda update: (update.published_on, update.name), reverse=True)


def change(
    table: Table, slug: str, name: str, changed: Callable[[Update | None], Update]
) -> Update:
    """Q9, Q10: store what `changed` makes of an update, with its entry in the schedule; returns it.

    Both or neither. If somebody else stores the update meanwhile, theirs is read and changed.
    Raises Unavailable if that goes on.
    """
    for _ in range(_MAX_ATTEMPTS):
        stored = table.find(keys.update(slug, name), consistent=True)
        current = next(validation.validated([stored] if stored else [], from_item), None)
        update, revision = changed(current), stored.get("revision") if stored else None
        old_send_at = current.send_at if current else None
        writes = _writes_after(update, revision)
        if old_send_at and old_send_at != update.send_at:
            writes.append(Write(key=keys.scheduled(old_send_at, update.id)))
        with suppress(ConditionFailed):
            table.transact(writes)
            return update
    raise Unavailable


def first_writes(update: Update) -> list[Write]:
    """Q9, Q10: the writes of a new update and of its entry in the schedule, if it has one."""
    item = {**to_item(update), "revision": 1}
    writes = [Write(key=keys.update(update.slug, update.name), item=item)]
    if update.send_at:
        writes.append(
            Write(key=keys.scheduled(update.send_at, update.id), item={"update_id": update.id})
        )
    return writes


def _writes_after(update: Update, revision: int | None) -> list[Write]:
    """The same in place of the item with this revision, or of none."""
    first, *others = first_writes(update)
    item = {**to_item(update), "revision": (revision or 0) + 1}
    if revision is None:
        return [replace(first, condition="attribute_not_exists(revision)"), *others]
    seen = {":seen": revision}
    return [replace(first, item=item, condition="revision = :seen", values=seen), *others]


def stored_bytes(update: Update) -> int:
    """The size of an update's item, in DynamoDB's way of counting."""
    return item_bytes({**keys.update(update.slug, update.name), **to_item(update)})


def due_by(table: Table, now: datetime) -> Sequence[Scheduled]:
    """Q10: the updates due by `now`, earliest first."""
    # "~" sorts after "#": an entry of this very second is due.
    up_to = now.isoformat(timespec="seconds") + "~"
    items, _ = table.page_of(keys.SCHEDULE, up_to=up_to, limit=_MAX_DUE)
    return [_scheduled(item) for item in items]


def list_scheduled(table: Table) -> Sequence[Scheduled]:
    """Q10: all entries of the schedule, earliest first."""
    return [_scheduled(item) for item in table.items_of(keys.SCHEDULE)]


def _scheduled(item: Item) -> Scheduled:
    return Scheduled(entry=item[keys.SK], update_id=item["update_id"])


def delete_scheduled(table: Table, entry: str) -> None:
    """Q10: delete an entry of the schedule."""
    table.delete({keys.PK: keys.SCHEDULE, keys.SK: entry})


def to_item(update: Update) -> Mapping[str, Any]:
    """The attributes of an update, without its key."""
    return {
        "slug": update.slug,
        "name": update.name,
        "published_on": update.published_on.isoformat(),
        "send_at": _text(update.send_at),
        "send_zone": update.send_zone,
        "automatic": update.automatic,
        "changed_at": _text(update.changed_at),
        "on_doubt": update.on_doubt,
        "languages": list(update.texts),
        "texts": {language: asdict(text) for language, text in update.texts.items()},
    }


def from_item(item: Item) -> Update:
    """The update of an item. Raises ValueError if its address could not be published."""
    validation.check_path(item["slug"], item["name"], languages=item["languages"])
    return Update(
        slug=item["slug"],
        name=item["name"],
        published_on=date.fromisoformat(item["published_on"]),
        send_at=_moment(item["send_at"]),
        send_zone=item["send_zone"],
        automatic=item["automatic"],
        changed_at=_moment(item["changed_at"]),
        on_doubt=OnDoubt(item["on_doubt"]),
        texts={language: UpdateText(**item["texts"][language]) for language in item["languages"]},
    )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
