"""The limits in deploy.toml: how many forms and mails one network and one address may have."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from chalicelib.config import Settings
from chalicelib.domain.fields import Fields

PART: Final = "limits"
MAX_LIMITS: Final[Mapping[str, int]] = {
    "mails_per_address": 100,
    "mails_per_network": 100,
    "posts_per_network": 1_000_000,
    "proof_posts_per_network": 1_000_000,
    "proof_posts_per_minute": 1_000_000,
    "slow_posts_per_network": 1_000_000,
    "slow_minutes": 15,
    "busy_domain_mailboxes": 1_000,
    "flooded_domain_mailboxes": 1_000,
}
"""Every setting of the service in [limits] and its maximum; SQS delays for 15 minutes at most."""
DEFAULT_LIMITS: Final[Mapping[str, int]] = {
    setting.name: int(setting.default)  # type: ignore[arg-type]  # each has one
    for setting in fields(Settings)
    if setting.name in MAX_LIMITS
}


def limit_parameter(name: str) -> str:
    """The stack's parameter for a limit: `slow_minutes` is SlowMinutes."""
    return "".join(word.capitalize() for word in name.split("_"))


def read(fields: Fields) -> Mapping[str, int]:
    """Every limit: those of deploy.toml, else the defaults."""
    if PART not in fields.values:
        return DEFAULT_LIMITS
    part = fields.part(PART)
    part.refuse_others(tuple(MAX_LIMITS))
    return {name: _limit(part, name) for name in MAX_LIMITS}


def _limit(part: Fields, name: str) -> int:
    limit = part.values.get(name, DEFAULT_LIMITS[name])
    # type(), not isinstance: true and false are whole numbers to Python.
    if type(limit) is int and 1 <= limit <= MAX_LIMITS[name]:
        return limit
    reason = f"“{name}” must be a whole number from 1 to {MAX_LIMITS[name]:,}."
    part.add(name, reason, f"Write: {name} = {DEFAULT_LIMITS[name]}")
    return DEFAULT_LIMITS[name]
