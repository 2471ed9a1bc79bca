"""Accounts of organisers, in the table of organisers."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.organiser import OrganiserAccount
from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write
from chalicelib.store.keys import PK, SK


def adding(organiser: OrganiserAccount) -> Write:
    """Q40: the write that adds the account of somebody who is invited."""
    return Write(
        key=desk_keys.organiser(organiser.id),
        item={
            "name": organiser.name,
            "sealed_address": organiser.sealed_address,
            "begins_petitions": organiser.begins_petitions,
            "generation": organiser.generation,
            "passkeys_revision": organiser.passkeys_revision,
        },
        condition="attribute_not_exists(pk)",
    )


def find(table: Table, organiser_id: str) -> OrganiserAccount | None:
    """Q40: an account, or None."""
    item = table.find(desk_keys.organiser(organiser_id), consistent=True)
    return to_organiser(item) if item else None


def get(table: Table, organiser_id: str) -> OrganiserAccount:
    """Q40: an account. Raises NotFound."""
    found = find(table, organiser_id)
    if found is None:
        raise NotFound
    return found


def find_many(table: Table, organiser_ids: Sequence[str]) -> Mapping[str, OrganiserAccount]:
    """Q40: the accounts with these ids (100 at most) that exist."""
    items = table.find_many([desk_keys.organiser(organiser_id) for organiser_id in organiser_ids])
    found = [to_organiser(item) for item in items]
    return {organiser.id: organiser for organiser in found}


def list_all(table: Table) -> Sequence[OrganiserAccount]:
    """Q47: every organiser, by id."""
    return [to_organiser(item) for item in table.items_of(desk_keys.ORGANISERS, consistent=True)]


def replace_seal(table: Table, organiser_id: str, *, old: bytes, new: bytes) -> None:
    """Q40: store an address that was sealed anew, if the account still has the old seal."""
    with suppress(ConditionFailed):
        table.update(
            desk_keys.organiser(organiser_id),
            "SET sealed_address = :new",
            condition="sealed_address = :old",
            values={":old": old, ":new": new},
            return_values=False,
        )


def mark_named(table: Table, organiser_id: str, name: str) -> None:
    """Q40: change the name of an organiser. Raises NotFound."""
    _mark(table, organiser_id, "SET #name = :name", {":name": name}, {"#name": "name"})


def mark_recovery_code(table: Table, organiser_id: str, code_hash: str, *, now: datetime) -> None:
    """Q40: store the hash of a new recovery code, in place of any other. Raises NotFound."""
    _mark(
        table,
        organiser_id,
        "SET recovery_hash = :hash, recovery_made_at = :now",
        {":hash": code_hash, ":now": to_milliseconds(now)},
    )


def mark_sessions_ended(table: Table, organiser_id: str) -> None:
    """Q40: end all sessions that have begun before. Raises NotFound."""
    _mark(table, organiser_id, "ADD generation :one", {":one": 1})


def entering(organiser: OrganiserAccount, *, now: datetime) -> Write:
    """Q40: the write that notes that a mailed link was used: code and sessions are over.

    Its condition: since the account was read nobody has entered by a link, made another code or
    added a passkey.
    """
    conditions = [
        f"attribute_{'exists' if organiser.entered_at else 'not_exists'}(entered_at)",
        "recovery_hash = :hash"
        if organiser.recovery_hash
        else "attribute_not_exists(recovery_hash)",
        "passkeys_revision = :revision",
    ]
    return Write(
        key=desk_keys.organiser(organiser.id),
        expression=(
            "SET entered_at = if_not_exists(entered_at, :now) "
            "REMOVE recovery_hash, recovery_made_at "
            "ADD generation :one, passkeys_revision :one"
        ),
        condition=" AND ".join(conditions),
        values={
            ":now": to_milliseconds(now),
            ":one": 1,
            ":revision": organiser.passkeys_revision,
            **({":hash": organiser.recovery_hash} if organiser.recovery_hash else {}),
        },
    )


def counting_passkey(organiser: OrganiserAccount) -> Write:
    """Q40: the write that notes that a passkey is added at the desk.

    Its condition: since the account was read, no passkey was added and no session was ended.
    """
    return Write(
        key=desk_keys.organiser(organiser.id),
        expression="ADD passkeys_revision :one",
        condition="passkeys_revision = :revision AND generation = :generation",
        values={
            ":one": 1,
            ":revision": organiser.passkeys_revision,
            ":generation": organiser.generation,
        },
    )


def letting_begin(organiser_id: str) -> Write:
    """Q40: the write that lets an organiser begin petitions, while the account exists."""
    return Write(
        key=desk_keys.organiser(organiser_id),
        expression="SET begins_petitions = :yes",
        condition="attribute_exists(pk)",
        values={":yes": True},
    )


def deleting(organiser: OrganiserAccount) -> Write:
    """Q40: the write that deletes the account of an invitation that nobody has entered by.

    Its condition: that is still so.
    """
    return Write(
        key=desk_keys.organiser(organiser.id),
        condition="attribute_exists(pk) AND attribute_not_exists(entered_at)",
    )


def delete(table: Table, organiser_id: str) -> None:
    """Q40: delete an account, if it exists: from now on nobody is signed in to it."""
    table.delete(desk_keys.organiser(organiser_id))


def delete_records(table: Table, organiser_id: str) -> None:
    """Q41, Q42, Q45, Q46: delete all else that is kept of an organiser."""
    partition = desk_keys.organiser_partition(organiser_id)
    for item in list(table.items_of(partition, attributes=[PK, SK], consistent=True)):
        table.delete(item)


def to_organiser(item: Item) -> OrganiserAccount:
    """The organiser of an item."""
    return OrganiserAccount(
        id=item[SK],
        name=item["name"],
        sealed_address=item["sealed_address"],
        begins_petitions=item["begins_petitions"],
        entered_at=_moment(item, "entered_at"),
        recovery_hash=item.get("recovery_hash", ""),
        recovery_made_at=_moment(item, "recovery_made_at"),
        generation=int(item["generation"]),
        passkeys_revision=int(item["passkeys_revision"]),
    )


def _mark(
    table: Table,
    organiser_id: str,
    expression: str,
    values: Mapping[str, str | int],
    names: Mapping[str, str] | None = None,
) -> None:
    try:
        table.update(
            desk_keys.organiser(organiser_id),
            expression,
            condition="attribute_exists(pk)",
            names=names,
            values=values,
        )
    except ConditionFailed as failed:
        raise NotFound from failed


def _moment(item: Item, name: str) -> datetime | None:
    return to_moment(item[name]) if name in item else None
