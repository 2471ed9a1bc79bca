"""Passkeys of organisers, in the table of organisers."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.organisers.organiser import OrganiserAccount, Passkey
from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write, find_across
from chalicelib.store.keys import PK, SK
from chalicelib.store.organisers.accounts import to_organiser


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


def requiring_passkey(passkey: Passkey) -> Write:
    """Q41: the part of a transaction that fails if this passkey is gone."""
    return Write(
        key=desk_keys.passkey(passkey.organiser_id, passkey.credential_id),
        condition="attribute_exists(pk)",
        only_check=True,
    )


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
