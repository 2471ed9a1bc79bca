"""Suppresses an address at its owner's wish: no petition mails it any more."""

from contextlib import suppress

from chalicelib import cached
from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Claims, Purpose
from chalicelib.domain.errors import DataDestroyed
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.suppression import SuppressionReason
from chalicelib.people import blind_indexes
from chalicelib.store import subscribers, suppressions
from chalicelib.wiring import Services


def check(services: Services, token: str) -> str:
    """The slug of the petition whose mail had the link. Changes nothing. Raises BrokenToken."""
    return str(_read(services, token).values["slug"])


def block(services: Services, token: str) -> str:
    """Suppress an address and end its subscriptions; the slug of the petition of the link.

    The suppression is written first. After a crash only alerts are still mailed, and a second click
    ends those. Links that were mailed before can start no subscription afterwards.
    Raises BrokenToken, Unavailable.
    """
    values = _read(services, token).values
    now, address = services.now(), email_address.parse(values["email"])
    index = blind_indexes.suppression_index(services, address)
    suppressions.add(services.subscribers, index, SuppressionReason.OWNER, now=now)
    for petition in cached.all_petitions(services):
        # Where all subscriptions were destroyed there is none to end, and none can start.
        with suppress(DataDestroyed):
            subscribers.unsubscribe_pending(
                services.subscribers,
                petition.slug,
                blind_indexes.subscriber_index(services, petition.slug, address),
                now=now,
                link_lifetime=services.settings.link_lifetime,
            )
    return str(values["slug"])


def _read(services: Services, token: str) -> Claims:
    """Open a link of any age."""
    return tokens.read(
        services.secrets.permanent_token_keys, Purpose.BLOCK, token, now=services.now()
    )
