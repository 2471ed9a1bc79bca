"""Accounts of organisers and their passkeys, in the table of organisers."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.organiser import OrganiserAccount, Passkey
from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write, find_across
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


def adding_passkey(passkey: Passkey) -> Write:
    """Q41: the write that adds a passkey."""
    return Write(
        key=desk_keys.passkey(passkey.organiser_id, passkey.credential_id),
        item={
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "label": passkey.label,
            "created_at": to_milliseconds(passkey.created_at),
            "used_at": to_milliseconds(passkey.used_at),
        },
        condition="attribute_not_exists(pk)",
    )


def find_with_passkey(
    table: Table, organiser_id: str, credential_id: str
) -> tuple[OrganiserAccount | None, Passkey | None]:
    """Q40, Q41: an account and one of its passkeys, or None for what is not there. One call."""
    account, item = find_across(
        [
            (table, desk_keys.organiser(organiser_id)),
            (table, desk_keys.passkey(organiser_id, credential_id)),
        ]
    )
    return (
        to_organiser(account) if account else None,
        _passkey(item) if item else None,
    )


def list_passkeys(table: Table, organiser_id: str) -> Sequence[Passkey]:
    """Q41: the passkeys of an organiser, the oldest first."""
    items = table.items_of(
        desk_keys.organiser_partition(organiser_id), prefix=desk_keys.PASSKEY, consistent=True
    )
    return sorted(map(_passkey, items), key=lambda passkey: passkey.created_at)


def mark_used(table: Table, passkey: Passkey, *, sign_count: int, now: datetime) -> bool:
    """Q41: note that a passkey was used. False if its counter has not risen: a copy exists.

    An authenticator without a counter always says 0.
    """
    try:
        table.update(
            desk_keys.passkey(passkey.organiser_id, passkey.credential_id),
            "SET sign_count = :count, used_at = :now",
            condition=(
                "attribute_exists(pk) AND (sign_count < :count OR (sign_count = :zero "
                "AND :count = :zero))"
            ),
            values={":count": sign_count, ":zero": 0, ":now": to_milliseconds(now)},
        )
    except ConditionFailed:
        return False
    return True


def deleting_passkey(passkey: Passkey) -> Write:
    """Q41: the write that deletes a passkey, if it exists."""
    return Write(key=desk_keys.passkey(passkey.organiser_id, passkey.credential_id))


def delete(table: Table, organiser_id: str) -> None:
    """Q40: delete an account, if it exists: from now on nobody is signed in to it."""
    table.delete(desk_keys.organiser(organiser_id))


def delete_records(table: Table, organiser_id: str) -> None:
    """Q41, Q42, Q45, Q46: delete all else that is kept of an organiser."""
    partition = desk_keys.organiser_partition(organiser_id)
    for item in list(table.items_of(partition, attributes=[PK, SK], consistent=True)):
        table.delete(item)


def requiring_passkey(passkey: Passkey) -> Write:
    """Q41: the part of a transaction that fails if this passkey is gone."""
    return Write(
        key=desk_keys.passkey(passkey.organiser_id, passkey.credential_id),
        condition="attribute_exists(pk)",
        only_check=True,
    )


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


def _passkey(item: Item) -> Passkey:
    return Passkey(
        organiser_id=item[PK].partition("#")[2],
        credential_id=item[SK].removeprefix(desk_keys.PASSKEY),
        public_key=item["public_key"],
        sign_count=item["sign_count"],
        label=item["label"],
        created_at=to_moment(item["created_at"]),
        used_at=to_moment(item["used_at"]),
    )
