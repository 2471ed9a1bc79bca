"""Revisions of signatures: each is held, and released again, only as it was read."""

from collections.abc import Sequence

from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureRevision
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item
from chalicelib.store.dynamodb.table import Table, find_across
from chalicelib.store.signatures import signatures


def revisions_of(table: Table, slug: str, indexes: Sequence[str]) -> list[SignatureRevision]:
    """Q4: the revisions of those that are stored among up to 100 signatures."""
    items = find_across(
        [(table, keys.signature(slug, index)) for index in indexes],
        attributes={table.name: signatures.REVISION},
    )
    revisions = (_find_revision(slug, item) for item in items if item is not None)
    return [revision for revision in revisions if revision is not None]


def mark_held(table: Table, seen: SignatureRevision, *, why: str) -> bool:
    """Q4: hold a confirmed signature. Safe to repeat. False if it is not as it was read."""
    return _moderate(table, seen, SignatureState.HELD, ", why = :why", {":why": why})


def mark_released(table: Table, seen: SignatureRevision) -> bool:
    """Q4: release a held signature, so that it counts again. Otherwise like `mark_held`."""
    return _moderate(table, seen, SignatureState.CONFIRMED, "", {})


def _moderate(
    table: Table, seen: SignatureRevision, new: SignatureState, change: str, values: Item
) -> bool:
    """Change the state once. Without the revision an old hold could undo a later release."""
    (old,) = {*signatures.SEALED_STATES} - {new}
    unchanged = "revision = :seen" if seen.revision else "attribute_not_exists(revision)"
    return signatures.change(
        table,
        keys.signature(seen.slug, seen.index),
        f"SET #state = :new, revision = :next{change}",
        f"#state = :old AND attestation = :attestation AND {unchanged}",
        {
            ":old": old,
            ":new": new,
            ":attestation": seen.attestation,
            ":next": seen.revision + 1,
            **({":seen": seen.revision} if seen.revision else {}),
            **values,
        },
    )


def _find_revision(slug: str, item: Item) -> SignatureRevision | None:
    """The revision of an item; None for a tombstone, and for a damaged one."""
    try:
        return signatures.read_revision(slug, item)
    except (KeyError, TypeError, ValueError):
        return None
