"""Withdrawing by a link that was mailed before people had a page of their own (`managing.py`)."""

from chalicelib import recent, tokens
from chalicelib.domain.petition import Petition
from chalicelib.store import signatures, subscribers
from chalicelib.tokens import Claims, Purpose
from chalicelib.wiring import Services


def check_withdrawal(services: Services, token: str) -> None:
    """Whether a withdrawal link is good; changes nothing. Raises BrokenToken, ExpiredToken."""
    _read(services, token)


def withdraw(services: Services, token: str) -> Petition:
    """Withdraw the signature that a mailed link stands for, and end the news to its address.

    A second time changes nothing, and mends what a crash between the two has left.
    Raises BrokenToken, ExpiredToken, Unavailable.
    """
    claims = _read(services, token)
    slug = claims.values["slug"]
    now, links_live = services.now(), services.settings.links_live
    signatures.mark_withdrawn(
        services.signatures, slug, claims.values["signature"], now=now, links_live=links_live
    )
    subscribers.mark_unsubscribed(
        services.subscribers, slug, claims.values["subscriber"], now=now, links_live=links_live
    )
    return recent.petition(services, slug)


def petition_of(services: Services, token: str) -> Petition:
    """The petition of a withdrawal link, however old it is. Raises BrokenToken."""
    keys = services.secrets.token_keys
    claims = tokens.read(keys, Purpose.WITHDRAW, token, now=services.now())
    return recent.petition(services, claims.values["slug"])


def _read(services: Services, token: str) -> Claims:
    return tokens.read(
        services.secrets.token_keys,
        Purpose.WITHDRAW,
        token,
        now=services.now(),
        lifetime=services.settings.links_live,
    )
