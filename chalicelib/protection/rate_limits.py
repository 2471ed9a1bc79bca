"""Rate limits of networks and of all posts, counted under hashes that expire."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.errors import TooManyRequests, Unavailable
from chalicelib.store import keys
from chalicelib.store.limits import daily_keys, post_counts, quotas
from chalicelib.store.limits.quotas import Quota
from chalicelib.wiring import Services

_FLUSH_SIZE: Final = 10
"""Posts of one process in one minute for one write; fewer are never written."""
_MINUTES_READ: Final = 3
"""Minutes that the schedule looks back, in case it missed one or two."""


def count_post(services: Services, network: str) -> int:
    """Count one form of a network; its posts of this hour. Raises TooManyRequests."""
    quota = _count(services, network, cap=services.settings.posts_per_network)
    if not quota.counted:
        raise TooManyRequests
    return quota.count


def count_unproven_post(services: Services, network: str) -> int | None:
    """Count one form without a proof of work; the posts of its network in this hour.

    None when the network needs a proof: then nothing is counted, so that the form counts once when
    it comes again. Raises TooManyRequests when a proof would not help either.
    """
    settings = services.settings
    quota = _count(
        services, network, cap=min(settings.proof_posts_per_network, settings.posts_per_network)
    )
    if quota.counted:
        return quota.count
    if quota.count >= settings.posts_per_network:
        raise TooManyRequests
    return None


def count_slow_post(services: Services, network: str) -> int:
    """Count one form in the slow lane; all posts of its network in this hour.

    Raises TooManyRequests.
    """
    now = services.now()
    quota = quotas.count_slow_post(
        services.limits,
        _network_hash(services, network),
        cap=services.settings.posts_per_network,
        slow_cap=services.settings.slow_posts_per_network,
        now=now,
    )
    if not quota.counted:
        raise TooManyRequests
    return quota.count


def count_admitted_post(services: Services) -> None:
    """Count one admitted form among the posts of all networks.

    One write for ten forms of a minute. A failed write refuses no form: it is repeated at the next.
    """
    now = services.now()
    minute = now.replace(second=0, microsecond=0)
    unflushed = services.unflushed_post_counts
    unflushed.add(minute)
    taken = unflushed.take(minute, at_least=_FLUSH_SIZE)
    if not taken:
        return
    part = random.choice(keys.PARTS)  # noqa: S311 - spreads writes, hides nothing
    try:
        post_counts.add_of_minute(services.limits, taken, part=part, now=now)
    except Unavailable:
        unflushed.add(minute, taken)


def busiest_minute(services: Services) -> int:
    """The admitted forms of all networks in the busiest of the last minutes."""
    minute = services.now().replace(second=0, microsecond=0)
    minutes = [minute - timedelta(minutes=back) for back in range(_MINUTES_READ)]
    return max(post_counts.of_minutes(services.limits, minutes))


def address_hash(services: Services, address: EmailAddress, day: date) -> str:
    """The keyed hash of an address in the limits of one day."""
    return daily_keys.keyed_hash(_key(services, day), address.canonical)


def _count(services: Services, network: str, *, cap: int) -> Quota:
    return quotas.count_post(
        services.limits, _network_hash(services, network), cap=cap, now=services.now()
    )


def _network_hash(services: Services, network: str) -> str:
    return daily_keys.keyed_hash(_key(services, services.now().date()), network)


def _key(services: Services, day: date) -> bytes:
    """The key of a day, from a value in the table and the pepper. Each process reads it once."""
    key = services.limit_keys.get(day)
    if key is None:
        value = daily_keys.get_value(services.limits, day, now=services.now())
        # The pepper of the day's beginning: a change of peppers splits no count.
        midnight = datetime.combine(day, time.min, UTC)
        key = daily_keys.peppered(services.secrets.limit_peppers.current(midnight).raw, value)
        # One assignment: another thread never sees the dictionary empty.
        services.limit_keys = {day: key}
    return key
