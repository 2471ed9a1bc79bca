"""Counting against limits, without keeping who it was that counted."""

import random
from datetime import date, timedelta
from typing import Final

from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.errors import TooManyRequests, Unavailable
from chalicelib.store import keys
from chalicelib.store.limits import daily_keys, post_counts, quotas
from chalicelib.store.limits.quotas import Quota
from chalicelib.wiring import Services

_FLUSH_SIZE: Final = 10
"""Posts of one process within a minute that become one write; fewer are never written."""
_MINUTES_READ: Final = 3
"""So that a clock that missed a minute or two still sees what came in them."""


def count_post(services: Services, network: str) -> int:
    """Count one form against its network's share of the hour, and say how many it has made.

    Raises TooManyRequests.
    """
    share = _count(services, network, cap=services.settings.posts_per_network)
    if not share.counted:
        raise TooManyRequests
    return share.count


def count_unproven_post(services: Services, network: str) -> int | None:
    """Count one form that brings no proof of work, or say None: its network needs one by now.

    Then nothing is counted, so the same form counts once when it shows its proof or comes again.
    Raises TooManyRequests when a proof would not help either.
    """
    settings = services.settings
    share = _count(
        services, network, cap=min(settings.proof_posts_per_network, settings.posts_per_network)
    )
    if share.counted:
        return share.count
    if share.count >= settings.posts_per_network:
        raise TooManyRequests
    return None


def count_slow_post(services: Services, network: str) -> int:
    """Count one form in the slow lane, and say how many its network has made in all.

    Raises TooManyRequests.
    """
    now = services.now()
    share = quotas.count_slow_post(
        services.petitions,
        _network_hash(services, network),
        cap=services.settings.posts_per_network,
        slow_cap=services.settings.slow_posts_per_network,
        now=now,
    )
    if not share.counted:
        raise TooManyRequests
    return share.count


def count_admitted_post(services: Services) -> None:
    """Count one form that was let in among those of everybody.

    Only every tenth of a minute costs a write. Nobody is turned away because it cannot be written:
    it is tried again with the next one.
    """
    now = services.now()
    minute = now.replace(second=0, microsecond=0)
    unwritten = services.unflushed_post_counts
    unwritten.add(minute)
    taken = unwritten.take(minute, at_least=_FLUSH_SIZE)
    if not taken:
        return
    part = random.choice(keys.PARTS)  # noqa: S311 - spreads writes, hides nothing
    try:
        post_counts.add_of_minute(services.petitions, taken, part=part, now=now)
    except Unavailable:
        unwritten.add(minute, taken)


def busiest_minute(services: Services) -> int:
    """How many forms were let in in the busiest of the last minutes, all networks together."""
    minute = services.now().replace(second=0, microsecond=0)
    minutes = [minute - timedelta(minutes=back) for back in range(_MINUTES_READ)]
    return max(post_counts.of_minutes(services.petitions, minutes))


def address_hash(services: Services, address: EmailAddress, day: date) -> str:
    """What stands for an address in the limits of one day."""
    return daily_keys.keyed_hash(_key(services, day), address.canonical)


def _count(services: Services, network: str, *, cap: int) -> Quota:
    return quotas.count_post(
        services.petitions, _network_hash(services, network), cap=cap, now=services.now()
    )


def _network_hash(services: Services, network: str) -> str:
    return daily_keys.keyed_hash(_key(services, services.now().date()), network)


def _key(services: Services, day: date) -> bytes:
    """The key of a day, read once by each process."""
    key = services.limit_keys.get(day)
    if key is None:
        key = daily_keys.get_key(services.petitions, day, now=services.now())
        # In one step: a thread in between would find no key and read it again.
        services.limit_keys = {day: key}
    return key
