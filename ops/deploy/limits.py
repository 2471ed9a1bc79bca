"""The part [limits] of deploy.toml: how much an address and a network may have.

Each limit is a setting of the service, under its own name; what is not written keeps its default.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from chalicelib.config import Settings
from chalicelib.domain.fields import Fields

PART: Final = "limits"
MOST: Final[Mapping[str, int]] = {
    "mails_per_address": 100,
    "posts_per_network": 1_000_000,
    "proof_posts_per_network": 1_000_000,
    "proof_posts_per_minute": 1_000_000,
    "slow_posts_per_network": 1_000_000,
    "slow_minutes": 15,
}
"""Every limit and the most that it can be: SQS holds no mail back for longer than 15 minutes."""
DEFAULTS: Final[Mapping[str, int]] = {
    setting.name: int(setting.default)  # type: ignore[arg-type]  # each has one
    for setting in fields(Settings)
    if setting.name in MOST
}


def read_limits(sheet: Fields) -> Mapping[str, int]:
    """Every limit by the name of its setting, from the sheet of deploy.toml."""
    if PART not in sheet.values:
        return DEFAULTS
    part = sheet.part(PART)
    part.refuse_others(tuple(MOST))
    return {name: _number(part, name) for name in MOST}


def parameter(name: str) -> str:
    """The stack's parameter for a limit: `slow_minutes` is SlowMinutes."""
    return "".join(word.capitalize() for word in name.split("_"))


def _number(part: Fields, name: str) -> int:
    value = part.values.get(name, DEFAULTS[name])
    # type(), not isinstance: true and false are whole numbers to Python.
    if type(value) is int and 1 <= value <= MOST[name]:
        return value
    part.add(
        name,
        f"“{name}” must be a whole number from 1 to {MOST[name]:,}.",
        f"Write: {name} = {DEFAULTS[name]}",
    )
    return DEFAULTS[name]
