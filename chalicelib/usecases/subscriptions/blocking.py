"""Never again: an address that is not mailed any more, whoever asks, on any petition."""

from chalicelib import cached
from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Claims, Purpose
from chalicelib.people import blind_indexes
from chalicelib.store import subscribers, suppressions
from chalicelib.wiring import Services


def check(services: Services, token: str) -> str:
    """The slug of the petition that a good link came with; changes nothing. Raises BrokenToken."""
    return str(_read(services, token).values["slug"])


def block(services: Services, token: str) -> str:
    """Mail an address never again and end all its news; the slug of the petition at hand.

    The block comes first, so that a crash leaves nothing to be mailed but news, and a second click
    ends that. Links that were mailed before and could start news are worthless afterwards, so
    sending news need not ask for blocks. Raises BrokenToken, Unavailable.
    """
    values = _read(services, token).values
    now, person = services.now(), values["person"]
    suppressions.add(
        services.subscribers, blind_indexes.suppression_index(services, person), now=now
    )
    for petition in cached.all_petitions(services):
        subscribers.unsubscribe_pending(
            services.subscribers,
            petition.slug,
            blind_indexes.subscriber_index_of(services, petition.slug, person),
            now=now,
            link_lifetime=services.settings.link_lifetime,
        )
    return str(values["slug"])


def _read(services: Services, token: str) -> Claims:
    """A link from any mail, however old."""
    return tokens.read(services.secrets.token_keys, Purpose.BLOCK, token, now=services.now())
