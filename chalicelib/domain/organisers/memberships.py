"""Who has which roles on a petition."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from chalicelib.domain.errors import InvalidForm, Message
from chalicelib.domain.organisers.roles import Role

MAX_PEOPLE = 90
"""On one petition: their accounts are read in one call."""


@dataclass(frozen=True, kw_only=True)
class Memberships:
    """The roles of all organisers of a petition, by their ids, and the revision of the item.

    `is_removed`: its draft is being removed, or is gone. The name is not given again.
    """

    slug: str
    revision: int
    roles: Mapping[str, frozenset[Role]]
    is_removed: bool = False

    def of(self, organiser_id: str) -> frozenset[Role]:
        """The roles of an organiser; none for a stranger."""
        return self.roles.get(organiser_id, frozenset())

    def changed(self, organiser_id: str, roles: AbstractSet[Role]) -> "Memberships":
        """The same with other roles of one organiser; without roles, without the organiser."""
        others = {id_: held for id_, held in self.roles.items() if id_ != organiser_id}
        kept = {**others, organiser_id: frozenset(roles)} if roles else others
        if len(kept) > MAX_PEOPLE:
            raise InvalidForm({"name": Message(text=f"At most {MAX_PEOPLE} people.")})
        return replace(self, roles=kept)

    def has_steward(self, among: AbstractSet[str]) -> bool:
        """Whether one of these organisers is a steward."""
        return any(Role.STEWARD in self.of(organiser_id) for organiser_id in among)
