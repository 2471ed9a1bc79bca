"""What the stream has counted, in the desk table: one item a petition."""

from datetime import datetime

from chalicelib.domain.tally import Tally
from chalicelib.store import keys
from chalicelib.store.errors import ConditionFailed
from chalicelib.store.moments import to_milliseconds
from chalicelib.store.table import Table

_FENCE = "fence#"


def get(table: Table, slug: str) -> Tally:
    """Q3: the tally of a petition; zero when nothing has been counted yet."""
    item = table.find(keys.tally(slug))
    return Tally(slug=slug, count=item["count"] if item else 0)


def find_fence(table: Table, slug: str, shard: str) -> str | None:
    """The last sequence number that is counted of a stream shard, or None."""
    item = table.find(keys.tally(slug), consistent=True)
    return str(item[_FENCE + shard]).partition("@")[0] if item and _FENCE + shard in item else None


def add(
    table: Table,
    slug: str,
    *,
    difference: int,
    shard: str,
    fence: str | None,
    last: str,
    now: datetime,
) -> bool:
    """Add to the count and move the shard's fence from `fence` to `last`, in one write.

    False if the fence was not where it was thought to be; nothing is changed then.
    """
    name = {"#fence": _FENCE + shard, "#count": "count"}
    values: dict[str, str | int] = {
        ":difference": difference,
        ":last": f"{last}@{to_milliseconds(now)}",
    }
    if fence is None:
        condition = "attribute_not_exists(#fence)"
    else:
        condition = "begins_with(#fence, :fence)"
        values[":fence"] = f"{fence}@"
    try:
        table.update(
            keys.tally(slug),
            "SET #fence = :last ADD #count :difference",
            condition=condition,
            names=name,
            values=values,
        )
    except ConditionFailed:
        return False
    return True


def repair(table: Table, slug: str, *, counted: int, seen: int) -> bool:
    """Set the count to `counted` if it still is `seen`. False if the stream has moved it.

    A tally that the stream has never touched is not there yet, and counts as zero.
    """
    try:
        table.update(
            keys.tally(slug),
            "SET #count = :counted",
            condition="#count = :seen OR (attribute_not_exists(#count) AND :seen = :zero)",
            names={"#count": "count"},
            values={":counted": counted, ":seen": seen, ":zero": 0},
        )
    except ConditionFailed:
        return False
    return True


def delete_fences(table: Table, slug: str, *, before: datetime) -> int:
    """Forget the fences of shards that have been silent since `before`; how many they were."""
    item = table.find(keys.tally(slug), consistent=True) or {}
    limit = to_milliseconds(before)
    old = [
        name
        for name, value in item.items()
        if name.startswith(_FENCE) and int(value.partition("@")[2]) < limit
    ]
    if old:
        names = {f"#f{number}": name for number, name in enumerate(old)}
        table.update(keys.tally(slug), "REMOVE " + ", ".join(names), names=names)
    return len(old)
