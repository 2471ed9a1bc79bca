"""The last look before a chunk is sent: does its alert go on, and who gets no news?"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.store import keys, suppressions
from chalicelib.store.dynamodb.table import Table, find_across


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whether an alert is open, and which people are suppressed, by blind index."""

    is_open: bool
    suppressed: frozenset[str]


def get(
    petitions: Table, subscribers: Table, alert_id: str, people: Collection[str], *, now: datetime
) -> Standing:
    """Q12, Q17: the standing of an alert and of up to 99 people, in one consistent call."""
    asked = sorted(set(people))
    header, *items = find_across(
        [
            (petitions, keys.alert(alert_id)),
            *((subscribers, keys.suppression(person)) for person in asked),
        ],
        attributes={
            petitions.name: (keys.PK, keys.SK, "state"),
            subscribers.name: suppressions.ATTRIBUTES,
        },
    )
    return Standing(
        is_open=header is not None and header["state"] == AlertState.OPEN,
        suppressed=frozenset(
            person
            for person, item in zip(asked, items, strict=True)
            if suppressions.read(item, now=now) is not None
        ),
    )
