"""Rate limits of networks and of all posts, counted under hashes that expire."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from chalicelib.domain import networks
from chalicelib.domain.errors import TooManyRequests, Unavailable
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.store import keys
from chalicelib.store.limits import daily_keys, post_counts, quotas
from chalicelib.store.limits.quotas import Quota
from chalicelib.wiring import Services

_FLUSH_SIZE: Final = 10
"""Posts of one process in one minute for one write; fewer are never written."""
_WIDER: Final = 2
"""How many times the forms of a /64 a /56 may have, and a /48 those of a /56.

A phone has a /64 of its own, and a mobile carrier thousands of them in a /48; a rented server may
have all 65,536. So a /48 gets more than a line, and nothing like what its lines would get together.
"""
_MINUTES_READ: Final = 3
"""Minutes that the schedule looks back, in case it missed one or two."""


def count_post(services: Services, network: str) -> float:
    """Count one form of a network; the largest share that it has used of a quota.

    Raises TooManyRequests.
    """
    quota = _count(services, network, services.settings.posts_per_network)
    if not quota.counted:
        raise TooManyRequests
    return _share(services, quota)


def count_unproven_post(services: Services, network: str) -> float | None:
    """Count one form without a proof of work; the largest share that it has used of a quota.

    None when the network needs a proof: then nothing is counted, so that the form counts once when
    it comes again. Raises TooManyRequests when a proof would not help either.
    """
    settings = services.settings
    cap = min(settings.proof_posts_per_network, settings.posts_per_network)
    quota = _count(services, network, cap)
    if quota.counted:
        return _share(services, quota)
    if _share(services, quota) >= 1:
        raise TooManyRequests
    return None


def count_slow_post(services: Services, network: str) -> float:
    """Count one form in the slow lane; the largest share of a quota, in any lane.

    Raises TooManyRequests.
    """
    settings = services.settings
    quota = _count(
        services, network, settings.posts_per_network, slow_cap=settings.slow_posts_per_network
    )
    if not quota.counted:
        raise TooManyRequests
    return _share(services, quota)


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
    return daily_keys.keyed_hash(services.limit_key(day), address.canonical)


def _count(services: Services, network: str, cap: int, *, slow_cap: int = 0) -> Quota:
    """Count a form of a network and of those around it, within `cap` of the narrowest."""
    now = services.now()
    key = services.limit_key(now.date())
    hashes = [daily_keys.keyed_hash(key, prefix) for prefix in networks.prefixes(network)]
    return quotas.count_post(
        services.limits,
        hashes,
        caps=_caps(cap, len(hashes)),
        slow_caps=_caps(slow_cap, len(hashes)) if slow_cap else (),
        now=now,
    )


def _caps(cap: int, levels: int) -> Sequence[int]:
    """The caps of nested networks, the widest first, from that of the narrowest."""
    return [cap * _WIDER**level for level in reversed(range(levels))]


def _share(services: Services, quota: Quota) -> float:
    """The largest share that one of nested networks has used of its forms in this hour."""
    caps = _caps(services.settings.posts_per_network, len(quota.counts))
    return max(count / cap for count, cap in zip(quota.counts, caps, strict=True))
