"""Roles of organisers on petitions, in the table of organisers."""

from collections.abc import Iterable, Sequence

from chalicelib.domain.organisers.memberships import Memberships
from chalicelib.domain.organisers.roles import Role
from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.items import Item
from chalicelib.store.dynamodb.table import Table, Write
from chalicelib.store.keys import SK


def get(table: Table, slug: str) -> Memberships:
    """Q44: who has which roles on a petition; nobody on one that has no organisers."""
    return _memberships(slug, table.find(desk_keys.people(slug), consistent=True))


def list_slugs(table: Table, organiser_id: str) -> Sequence[str]:
    """Q45: the petitions on which an organiser has a role, by slug."""
    partition = desk_keys.organiser_partition(organiser_id)
    items = table.items_of(partition, prefix=desk_keys.MEMBERSHIP, attributes=[SK])
    return [item[SK].removeprefix(desk_keys.MEMBERSHIP) for item in items]


def save(table: Table, old: Memberships, new: Memberships, with_it: Iterable[Write] = ()) -> None:
    """Q44, Q45: store the roles on a petition, and the entries of those who come or go.

    Raises ConditionFailed if somebody else has changed them since `old` was read.
    """
    roles = {id_: sorted(held) for id_, held in new.roles.items()}
    writes = [
        Write(
            key=desk_keys.people(new.slug),
            item={"revision": old.revision + 1, "roles": roles},
            condition="attribute_not_exists(pk)" if not old.revision else "revision = :old",
            values={":old": old.revision} if old.revision else None,
        ),
        *with_it,
    ]
    writes += [
        Write(key=desk_keys.membership(organiser_id, new.slug), item={})
        for organiser_id in new.roles.keys() - old.roles.keys()
    ]
    writes += [
        Write(key=desk_keys.membership(organiser_id, new.slug))
        for organiser_id in old.roles.keys() - new.roles.keys()
    ]
    table.transact(writes)


def _memberships(slug: str, item: Item | None) -> Memberships:
    if item is None:
        return Memberships(slug=slug, revision=0, roles={})
    roles = {id_: frozenset(map(Role, held)) for id_, held in item["roles"].items()}
    return Memberships(slug=slug, revision=item["revision"], roles=roles)
