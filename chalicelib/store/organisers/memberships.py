"""Roles of organisers on petitions, in the table of organisers."""

from collections.abc import Iterable, Sequence
from typing import Final

from chalicelib.domain.organisers.memberships import Memberships
from chalicelib.domain.organisers.roles import Role
from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.items import Item
from chalicelib.store.dynamodb.table import Table, Write, transact_across
from chalicelib.store.keys import SK

_IS_REMOVED: Final = "is_removed"


def get(table: Table, slug: str) -> Memberships:
    """Q44: who has which roles on a petition; nobody on one that has no organisers."""
    return _memberships(slug, table.find(desk_keys.people(slug), consistent=True))


def list_slugs(table: Table, organiser_id: str) -> Sequence[str]:
    """Q45: the petitions on which an organiser has a role, by slug."""
    partition = desk_keys.organiser_partition(organiser_id)
    items = table.items_of(partition, prefix=desk_keys.MEMBERSHIP, attributes=[SK], consistent=True)
    return [item[SK].removeprefix(desk_keys.MEMBERSHIP) for item in items]


def staying(slug: str) -> Write:
    """Q44: the check that nobody removes the draft of a petition, or has removed it."""
    return Write(
        key=desk_keys.people(slug),
        condition=f"attribute_not_exists({_IS_REMOVED})",
        only_check=True,
    )


def save(
    table: Table,
    old: Memberships,
    new: Memberships,
    with_it: Iterable[Write] = (),
    *,
    elsewhere: Iterable[tuple[Table, Write]] = (),
) -> None:
    """Q44, Q45: store the roles on a petition, and the entries of those who come or go.

    With it other writes, also in other tables: all or nothing. Raises ConditionFailed if somebody
    else has changed the roles since `old` was read, or another condition does not hold.
    """
    writes = [*changing(old, new), *with_it]
    transact_across([*((table, write) for write in writes), *elsewhere])


def changing(old: Memberships, new: Memberships) -> Sequence[Write]:
    """Q44, Q45: the writes of `save`. Their condition: nobody has changed the roles since `old`."""
    roles = {id_: sorted(held) for id_, held in new.roles.items()}
    writes = [
        Write(
            key=desk_keys.people(new.slug),
            item={
                "revision": old.revision + 1,
                "roles": roles,
                **({_IS_REMOVED: True} if new.is_removed else {}),
            },
            condition="attribute_not_exists(pk)" if not old.revision else "revision = :old",
            values={":old": old.revision} if old.revision else None,
        ),
    ]
    writes += [
        Write(key=desk_keys.membership(organiser_id, new.slug), item={})
        for organiser_id in new.roles.keys() - old.roles.keys()
    ]
    writes += [
        Write(key=desk_keys.membership(organiser_id, new.slug))
        for organiser_id in old.roles.keys() - new.roles.keys()
    ]
    return writes


def _memberships(slug: str, item: Item | None) -> Memberships:
    if item is None:
        return Memberships(slug=slug, revision=0, roles={})
    roles = {id_: frozenset(map(Role, held)) for id_, held in item["roles"].items()}
    return Memberships(
        slug=slug,
        revision=item["revision"],
        roles=roles,
        is_removed=_IS_REMOVED in item,
    )
