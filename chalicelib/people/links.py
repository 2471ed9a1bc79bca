"""Links in mails to a person: to the self-service page, and to end all mails."""

from datetime import timedelta
from typing import Final

from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Claims, Purpose
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.subscriber import Frequency
from chalicelib.people import blind_indexes
from chalicelib.rendering import urls
from chalicelib.wiring import Services

RENEWABLE: Final = timedelta(days=90)
"""How long after its issue an expired link can be exchanged for a new one."""


def self_service_link(services: Services, slug: str, language: str, address: EmailAddress) -> str:
    """The link to the page where a person sees, changes and deletes the own records.

    The address is in the token: a corrected signature is sealed with it again. Only a mail to that
    address has the link.
    """
    token = _self_service_token(services, slug, email=address.deliverable)
    return services.settings.public_url + urls.manage(language, token)


def news_token(services: Services, slug: str, subscriber: str) -> str:
    """The token of the same page, but for the news of a blind index alone."""
    return _self_service_token(services, slug, subscriber=subscriber)


def news_link(services: Services, slug: str, language: str, address: EmailAddress) -> str:
    """The link to the same page, but for the news of an address alone."""
    token = news_token(services, slug, blind_indexes.subscriber_index(services, slug, address))
    return services.settings.public_url + urls.manage(language, token)


def _self_service_token(
    services: Services, slug: str, *, email: str = "", subscriber: str = ""
) -> str:
    claims = {"slug": slug, "email": email, "subscriber": subscriber}
    keys = services.secrets.token_keys
    return tokens.issue(keys, Purpose.MANAGE, claims, services.now())


def alerts_link(
    services: Services,
    slug: str,
    language: str,
    address: EmailAddress,
    frequency: Frequency = Frequency.EACH,
) -> str:
    """The link that confirms a subscription in this language, asked for now."""
    claims = {
        "slug": slug,
        "language": language,
        "email": address.deliverable,
        "frequency": frequency,
    }
    keys = services.secrets.token_keys
    token = tokens.issue(keys, Purpose.CONFIRM_ALERTS, claims, services.now())
    return services.settings.public_url + urls.confirm_alerts(language, token)


def block_link(services: Services, slug: str, language: str, address: EmailAddress) -> str:
    """The link that blocks all further mail to an address. It never expires.

    The address is in the token, because no index of it outlives every change of keys. Only a mail
    to that address has the link.
    """
    claims = {"slug": slug, "email": address.deliverable}
    keys = services.secrets.permanent_token_keys
    token = tokens.issue(keys, Purpose.BLOCK, claims, services.now())
    return services.settings.public_url + urls.block(language, token)


def read_renewable(services: Services, purpose: Purpose, token: str) -> Claims:
    """Open the token of a link that may have expired, to mail a new one.

    Raises BrokenToken, or ExpiredToken when it is older than `RENEWABLE`.
    """
    return tokens.read(
        services.secrets.token_keys, purpose, token, now=services.now(), lifetime=RENEWABLE
    )
