"""How moments are kept: whole milliseconds since 1970, UTC."""

from datetime import UTC, datetime


def to_milliseconds(moment: datetime) -> int:
    """An aware moment as milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def to_moment(milliseconds: int) -> datetime:
    """Milliseconds since 1970 as an aware moment in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_epoch(moment: datetime) -> int:
    """An aware moment as whole seconds since 1970, as DynamoDB's TTL wants it."""
    return int(moment.timestamp())
