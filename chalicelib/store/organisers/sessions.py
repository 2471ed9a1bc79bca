"""Sessions of organisers and spent challenges, in the table of organisers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.domain.organisers.organiser import ABSOLUTE, OrganiserAccount, Session
from chalicelib.store import desk_keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import Item, to_epoch, to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, find_across
from chalicelib.store.keys import EXPIRES_AT, PK, SK
from chalicelib.store.organisers.accounts import to_organiser


def add(table: Table, session: Session) -> None:
    """Q42: store a session, of a new id."""
    table.put(
        desk_keys.desk_session(session.organiser_id, session.id),
        {
            "device": session.device,
            "started_at": to_milliseconds(session.started_at),
            "touched_at": to_milliseconds(session.touched_at),
            "seen_at": to_milliseconds(session.seen_at),
            "generation": session.generation,
            EXPIRES_AT: to_epoch(session.started_at + ABSOLUTE),
        },
    )


def find(table: Table, organiser_id: str, session_id: str, *, now: datetime) -> Session | None:
    """Q42: a session that is live, of an account that exists, or None. One call."""
    account, item = find_across(
        [
            (table, desk_keys.organiser(organiser_id)),
            (table, desk_keys.desk_session(organiser_id, session_id)),
        ]
    )
    if account is None or item is None:
        return None
    organiser, session = to_organiser(account), _session(account["name"], item)
    return session if session.is_live(now) and not organiser.has_ended(session) else None


def list_live(table: Table, organiser: OrganiserAccount, *, now: datetime) -> Sequence[Session]:
    """Q42: the live sessions of an organiser, the newest first."""
    partition = desk_keys.organiser_partition(organiser.id)
    items = table.items_of(partition, prefix=desk_keys.SESSION, consistent=True)
    live = [
        session
        for item in items
        if (session := _session(organiser.name, item)).is_live(now)
        and not organiser.has_ended(session)
    ]
    return sorted(live, key=lambda session: session.started_at, reverse=True)


def mark_seen(table: Table, session: Session, *, now: datetime) -> None:
    """Q42: note that a session was used. One that was ended meanwhile stays ended."""
    _mark(table, session, "seen_at", now)


def mark_touched(table: Table, session: Session, *, now: datetime) -> bool:
    """Q42: note that the passkey was touched. False if the session was ended meanwhile."""
    return _mark(table, session, "touched_at", now)


def delete(table: Table, organiser_id: str, session_id: str) -> None:
    """Q42: end a session, if it exists."""
    table.delete(desk_keys.desk_session(organiser_id, session_id))


def spend_challenge(table: Table, nonce: str, *, lifetime: timedelta, now: datetime) -> bool:
    """Q43: spend a challenge. False if it was spent before."""
    try:
        table.add(
            desk_keys.spent_challenge(nonce),
            {EXPIRES_AT: to_epoch(now + lifetime + timedelta(hours=1))},
        )
    except ConditionFailed:
        return False
    return True


def _mark(table: Table, session: Session, name: str, now: datetime) -> bool:
    try:
        table.update(
            desk_keys.desk_session(session.organiser_id, session.id),
            f"SET {name} = :now",
            condition="attribute_exists(pk)",
            values={":now": to_milliseconds(now)},
        )
    except ConditionFailed:
        return False
    return True


def _session(name: str, item: Item) -> Session:
    return Session(
        organiser_id=item[PK].partition("#")[2],
        id=item[SK].removeprefix(desk_keys.SESSION),
        name=name,
        device=item["device"],
        started_at=to_moment(item["started_at"]),
        touched_at=to_moment(item["touched_at"]),
        seen_at=to_moment(item["seen_at"]),
        generation=int(item["generation"]),
    )
