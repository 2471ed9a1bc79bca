"""The milestones that petitions are to have, and have had, in the items of their news.

Publishing a petition writes what it is to have. The update of a milestone, its entry in the
schedule and the note that it has come are written in one transaction: all or nothing, and once.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from chalicelib.domain.alerts.milestone import Milestone, MilestonePlan
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import Update
from chalicelib.store import keys, validation
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write
from chalicelib.store.petitions import petition_items, updates

_COUNTED: Final = "counted"
_PAST: Final = "past_milestones"


def planning(petition: Petition) -> Write:
    """Q18: the write of when digests are due and which milestones a petition is to have.

    A petition that stops telling of goals forgets how far it has looked.
    """
    values: Mapping[str, Any] = {
        "digest_times": petition_items.digest_times_item(petition.digest_times),
        "milestones": list(petition.milestones),
        "goals": list(petition.goals),
        "closes_on": petition.closes_on.isoformat(),
        "closes_at": to_milliseconds(petition.closes_at),
        "handed_in_on": petition.handed_in_on.isoformat() if petition.handed_in_on else "",
    }
    sets = "SET " + ", ".join(f"{name} = :{name}" for name in values)
    forget = "" if Milestone.GOAL in petition.milestones else f" REMOVE {_COUNTED}"
    return Write(
        key=keys.news(petition.slug),
        expression=sets + forget,
        values={f":{name}": value for name, value in values.items()},
    )


def list_plans(table: Table) -> Sequence[MilestonePlan]:
    """Q18: the milestones of each petition that has some. A damaged item is left out."""
    items = (item for item in table.items_of(keys.NEWS) if item.get("milestones"))
    return list(validation.validated(items, _plan))


def save_count(table: Table, plan: MilestonePlan, count: int) -> None:
    """Q18: store the public count that was looked at, without a milestone."""
    condition, values = _not_looked_since(plan)
    try:
        table.update(
            keys.news(plan.slug),
            f"SET {_COUNTED} = :count",
            condition=condition,
            values={**values, ":count": count},
            return_values=False,
        )
    except ConditionFailed:
        # Another run has looked.
        return


def add(table: Table, plan: MilestonePlan, update: Update, *, count: int | None) -> bool:
    """Q9, Q10, Q18: store the update of a milestone, to be mailed at once; `count` is what it saw.

    False if another run has done so, or has looked at the public count since.
    """
    condition, values = _not_looked_since(plan)
    note = Write(
        key=keys.news(plan.slug),
        expression=f"SET {_COUNTED} = :count ADD {_PAST} :names"
        if count is not None
        else f"ADD {_PAST} :names",
        condition=f"(attribute_not_exists({_PAST}) OR NOT contains({_PAST}, :name))"
        + (f" AND {condition}" if count is not None else ""),
        values={":name": update.name, ":names": {update.name}}
        | ({**values, ":count": count} if count is not None else {}),
    )
    try:
        table.transact([note, *updates.first_writes(update)])
    except ConditionFailed:
        return False
    return True


def _not_looked_since(plan: MilestonePlan) -> tuple[str, Mapping[str, Any]]:
    """The condition that no run has stored another count, and its values."""
    if plan.counted is None:
        return f"attribute_not_exists({_COUNTED})", {}
    return f"{_COUNTED} = :counted", {":counted": plan.counted}


def _plan(item: Item) -> MilestonePlan:
    handed_in_on = item["handed_in_on"]
    return MilestonePlan(
        slug=item[keys.SK],
        milestones=frozenset(map(Milestone, item["milestones"])),
        goals=tuple(item["goals"]),
        closes_on=date.fromisoformat(item["closes_on"]),
        closes_at=to_moment(item["closes_at"]),
        handed_in_on=date.fromisoformat(handed_in_on) if handed_in_on else None,
        times=petition_items.digest_times(item["digest_times"]),
        counted=item.get(_COUNTED),
        past=frozenset(item.get(_PAST, ())),
    )
