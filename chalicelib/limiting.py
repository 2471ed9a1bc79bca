"""Counting against limits, without keeping who it was that counted."""

from datetime import date

from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.errors import TooManyRequests
from chalicelib.store import limits
from chalicelib.wiring import Services


def count_post(services: Services, network: str) -> None:
    """Count one form against its network's share of the hour. Raises TooManyRequests."""
    now = services.now()
    network_hash = limits.keyed_hash(_key(services, now.date()), network)
    cap = services.settings.posts_per_network
    if not limits.count_post(services.desk, network_hash, cap=cap, now=now):
        raise TooManyRequests


def address_hash(services: Services, address: EmailAddress, day: date) -> str:
    """What stands for an address in the limits of one day."""
    return limits.keyed_hash(_key(services, day), address.canonical)


def _key(services: Services, day: date) -> bytes:
    """The key of a day, read once by each process."""
    key = services.limit_keys.get(day)
    if key is None:
        key = limits.get_key(services.desk, day, now=services.now())
        services.limit_keys.clear()
        services.limit_keys[day] = key
    return key
