"""Slots as the store gives them, without a table."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.alerts import slots
from chalicelib.domain.alerts.pacing import Lane, Pace


def given_slot(pace: Pace, lane: Lane, count: int, now: datetime) -> tuple[Pace, datetime]:
    """The pace after a slot, and when the slot starts. Raises NotNow."""
    slot = slots.slot(pace, lane, count, now)
    single_until = pace.single_until
    if not lane.is_bulk:
        single_until = max(now, single_until) + slot.single_cost
    moved = replace(
        pace,
        all_until=max(now, pace.all_until) + slot.all_cost,
        single_until=single_until,
        slots=pace.slots + count,
        singles=pace.singles if lane.is_bulk else pace.singles + count,
    )
    return moved, slot.starts_at(moved)
