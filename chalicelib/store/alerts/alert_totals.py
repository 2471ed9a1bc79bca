"""The totals in the header of an alert: recipients of settled groups by outcome, and by refusal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item, to_milliseconds
from chalicelib.store.dynamodb.table import Write

_COUNTED: Final = "total_"
_REFUSED: Final = "refused_"
"""Before a reason, which is a word of SES: the attribute that counts it."""


def outcomes_of(item: Item) -> Mapping[Outcome, int]:
    """The recipients by outcome in the item of a header."""
    return {outcome: item.get(f"{_COUNTED}{outcome}", 0) for outcome in Outcome}


def refusals_of(item: Item) -> Mapping[str, int]:
    """Those who were refused, by reason."""
    return {
        name.removeprefix(_REFUSED): count
        for name, count in item.items()
        if name.startswith(_REFUSED) and count
    }


def counting(
    alert_id: str,
    counts: Mapping[Outcome, int],
    refusals: Mapping[str, int],
    *,
    settled_at: datetime,
) -> Write:
    """Q12: the write that adds outcomes of recipients, and reasons of rejections, to the totals."""
    additions, names, values = _additions(counts, refusals)
    return Write(
        key=keys.alert(alert_id),
        expression="SET settled_at = :now" + additions,
        condition="attribute_exists(pk)",
        names=names or None,
        values={":now": to_milliseconds(settled_at), **values},
    )


def reopening(
    alert: Alert,
    state: AlertState,
    chunk_count: int,
    counted: Mapping[Outcome, int],
    refusals: Mapping[str, int],
    *,
    now: datetime,
) -> Write:
    """Q12: the write that adds chunks for recipients who are taken off the totals."""
    additions, names, values = _additions(
        {outcome: -n for outcome, n in counted.items()},
        {reason: -n for reason, n in refusals.items()},
    )
    return Write(
        key=keys.alert(alert.alert_id),
        expression="SET #state = :state, chunk_count = :chunks, changed_at = :now" + additions,
        condition="#state = :old AND chunk_count = :old_chunks",
        names={"#state": "state", **names},
        values={
            ":state": state,
            ":old": alert.state,
            ":chunks": alert.chunk_count + chunk_count,
            ":old_chunks": alert.chunk_count,
            ":now": to_milliseconds(now),
            **values,
        },
    )


def _additions(
    counts: Mapping[Outcome, int], refusals: Mapping[str, int]
) -> tuple[str, Mapping[str, str], Mapping[str, int]]:
    """The part of an expression that adds to the totals, with its names and values."""
    added = {f"{_COUNTED}{outcome}": count for outcome, count in counts.items() if count}
    added |= {f"{_REFUSED}{reason}": count for reason, count in refusals.items() if count}
    if not added:
        return "", {}, {}
    places = {f"{place}": name for place, name in enumerate(added)}
    additions = ", ".join(f"#added{place} :added{place}" for place in places)
    names = {f"#added{place}": name for place, name in places.items()}
    return f" ADD {additions}", names, {f":added{p}": added[name] for p, name in places.items()}
