"""Approvals by a second organiser, in the table of organisers."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.approval import Approval, ApprovalKind
from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.keys import SK


def ask(
    table: Table,
    slug: str,
    kind: ApprovalKind,
    subject: str,
    digest: str,
    *,
    by: Actor,
    now: datetime,
) -> Approval:
    """Q39: ask for an approval. One that stands for the same digest stays; any other is void."""
    asked = Approval(
        slug=slug,
        kind=kind,
        subject=subject,
        digest=digest,
        asked_by=by,
        asked_at=to_moment(to_milliseconds(now)),
    )
    try:
        table.put(
            desk_keys.approval(slug, kind, subject),
            {
                "digest": digest,
                "asked_by": by.id,
                "asked_by_name": by.name,
                "asked_at": to_milliseconds(now),
            },
            condition="attribute_not_exists(pk) OR #digest <> :digest",
            names={"#digest": "digest"},
            values={":digest": digest},
        )
    except ConditionFailed as failed:
        return _approval(slug, failed.item) if failed.item else asked
    return asked


def find(table: Table, slug: str, kind: ApprovalKind, subject: str) -> Approval | None:
    """Q39: the approval of one thing as it was last asked for, or None."""
    item = table.find(desk_keys.approval(slug, kind, subject), consistent=True)
    return _approval(slug, item) if item else None


def mark_approved(
    table: Table,
    slug: str,
    kind: ApprovalKind,
    subject: str,
    digest: str,
    *,
    by: Actor,
    now: datetime,
) -> bool:
    """Q39: approve what has this digest. A second time changes nothing.

    False, and no change, if it was asked for by the same organiser, or for another digest.
    """
    try:
        table.update(
            desk_keys.approval(slug, kind, subject),
            "SET approved_by = :by, approved_by_name = :name, approved_at = :now",
            condition=(
                "#digest = :digest AND asked_by <> :by AND attribute_not_exists(approved_by)"
            ),
            names={"#digest": "digest"},
            values={
                ":digest": digest,
                ":by": by.id,
                ":name": by.name,
                ":now": to_milliseconds(now),
            },
        )
    except ConditionFailed as failed:
        return failed.item is not None and _approval(slug, failed.item).covers(digest)
    return True


def withdraw(table: Table, slug: str, kind: ApprovalKind, subject: str) -> None:
    """Q39: take back what was asked for, approved or not."""
    table.delete(desk_keys.approval(slug, kind, subject))


def list_waiting(table: Table, slug: str) -> Sequence[Approval]:
    """Q39: what waits for a second organiser on a petition, by kind and subject."""
    items = table.items_of(desk_keys.approvals(slug), consistent=True)
    return [found for item in items if not (found := _approval(slug, item)).approved_by]


def _approval(slug: str, item: Item) -> Approval:
    kind, _, subject = item[SK].partition("#")
    approved = "approved_by" in item
    return Approval(
        slug=slug,
        kind=ApprovalKind(kind),
        subject=subject,
        digest=item["digest"],
        asked_by=Actor(id=item["asked_by"], name=item["asked_by_name"]),
        asked_at=to_moment(item["asked_at"]),
        approved_by=(
            Actor(id=item["approved_by"], name=item["approved_by_name"]) if approved else None
        ),
        approved_at=to_moment(item["approved_at"]) if approved else None,
    )
