"""Petitions and their versions, in the table of petitions.

A petition that cannot have been published is treated as if it did not exist.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chalicelib.domain import plain_text
from chalicelib.domain.errors import NotFound
from chalicelib.domain.fields import FIRST_DAY, LAST_DAY
from chalicelib.domain.petitions.petition import (
    MAX_GOAL,
    Petition,
)
from chalicelib.store import keys, validation
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import MAX_ITEM_BYTES, item_bytes, to_milliseconds
from chalicelib.store.dynamodb.table import Table, Write, transact_across
from chalicelib.store.petitions import pictures
from chalicelib.store.petitions.petition_items import PROOF_UNTIL, from_item, to_item

MAX_BYTES: Final = MAX_ITEM_BYTES - 100_000
"""Of a petition as its organisers write it: the rest is room for former keys and amendments."""


def get(table: Table, slug: str) -> Petition:
    """Q1: the current version of a petition. Raises NotFound."""
    item = table.find(keys.petition(slug))
    for petition in validation.validated([item] if item else [], _checked):
        return petition
    raise NotFound


def find_as_stored(table: Table, slug: str) -> Petition | None:
    """Q1: the current version for comparison only, not validated; None if there is none.

    Reads consistently: who publishes twice is told the truth.
    """
    item = table.find(keys.petition(slug), consistent=True)
    return from_item(item) if item else None


def get_version(table: Table, slug: str, version: int) -> Petition:
    """Q29: a version of a petition, which never changes. Raises NotFound."""
    item = table.find(keys.petition_version(slug, version), consistent=True)
    for petition in validation.validated([item] if item else [], _checked):
        return petition
    raise NotFound


def stored_bytes(petition: Petition) -> int:
    """The size of a petition's item, in DynamoDB's way of counting."""
    return item_bytes({**keys.petition(petition.slug), **to_item(petition)})


def list_all(table: Table) -> Sequence[Petition]:
    """Q2: every petition, by slug."""
    return list(validation.validated(table.items_of(keys.PETITIONS), _checked))


def slugs(table: Table) -> Sequence[str]:
    """Q2: the slug of every petition, for functions that render nothing."""
    return [item[keys.SK] for item in table.items_of(keys.PETITIONS, attributes=[keys.SK])]


def save(
    table: Table,
    petition: Petition,
    *,
    key_file: str = "",
    with_it: Sequence[Write] = (),
    elsewhere: Sequence[tuple[Table, Write]] = (),
) -> None:
    """Q1: store a new version, and make it the current one; Q28: store its key file with it.

    The current item is changed, not replaced, so that `proof_until` and the switches stay.
    `with_it` is written in the same transaction, and so is what is `elsewhere`, in other tables.
    Raises ConditionFailed when the version exists: somebody else has published meanwhile; or when
    another condition does not hold.
    """
    item = to_item(petition)
    key_files = (
        [Write(key=keys.petition_key_file(petition.slug), item={"text": key_file})]
        if key_file
        else []
    )
    writes = [
        *key_files,
        *with_it,
        Write(
            key=keys.petition_version(petition.slug, petition.version),
            item=item,
            condition="attribute_not_exists(pk)",
        ),
        Write(
            key=keys.petition(petition.slug),
            expression="SET " + ", ".join(f"#{name} = :{name}" for name in item),
            condition="attribute_not_exists(pk) OR #version < :version",
            names={f"#{name}": name for name in item},
            values={f":{name}": value for name, value in item.items()},
        ),
    ]
    transact_across([*((table, write) for write in writes), *elsewhere])


def being_absent(slug: str) -> Write:
    """Q1: the check that there is no petition of this slug."""
    return Write(key=keys.petition(slug), condition="attribute_not_exists(pk)", only_check=True)


def save_key_file(table: Table, slug: str, text: str) -> None:
    """Q28: replace the key file of a petition."""
    table.put(keys.petition_key_file(slug), {"text": text})


def find_key_file(table: Table, slug: str) -> str | None:
    """Q28: the key file with which a petition was last published, as of now."""
    item = table.find(keys.petition_key_file(slug), consistent=True)
    return None if item is None else str(item["text"])


def require_proofs(table: Table, slug: str, *, until: datetime) -> bool:
    """Q1: require proofs of work at least until then. False if there is no petition."""
    try:
        table.update(
            keys.petition(slug),
            f"SET {PROOF_UNTIL} = :until",
            condition=(
                "attribute_exists(pk) "
                f"AND (attribute_not_exists({PROOF_UNTIL}) OR {PROOF_UNTIL} < :until)"
            ),
            values={":until": to_milliseconds(until)},
        )
    except ConditionFailed as failed:
        return failed.item is not None
    return True


def stop_requiring_proofs(table: Table, slug: str) -> bool:
    """Q1: stop requiring proofs of work. False if there is no petition."""
    try:
        table.update(keys.petition(slug), f"REMOVE {PROOF_UNTIL}", condition="attribute_exists(pk)")
    except ConditionFailed:
        return False
    return True


def _checked(item: Mapping[str, Any]) -> Petition:
    """The petition of an item. Raises ValueError if it could not be published.

    That is so if pages cannot link to its addresses, or reckon with its figures, days and pixels.
    """
    petition = from_item(item)
    validation.check_path(petition.slug, languages=petition.languages)
    for amendment in petition.amendments:
        validation.check_path(languages=list(amendment.reasons))
    organiser, goals = petition.organiser, petition.goals
    days = (petition.opens_on, petition.closes_on)
    if (
        plain_text.is_web_address(organiser.website)
        and plain_text.is_mailbox(organiser.email)
        and all(FIRST_DAY <= day <= LAST_DAY for day in days)
        and 0 < min(goals) <= max(goals) <= MAX_GOAL
        and (petition.picture is None or pictures.can_be_shown(petition.picture))
    ):
        return petition
    raise ValueError
