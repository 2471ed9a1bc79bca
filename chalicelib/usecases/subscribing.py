"""Subscribing to alerts and leaving them."""

from collections.abc import Mapping

from chalicelib import filing, limiting, links, outgoing, recent, tokens
from chalicelib.domain import email_address
from chalicelib.domain.errors import EndedSince
from chalicelib.domain.petition import Petition
from chalicelib.domain.subscriber import read_subscribe_form
from chalicelib.emails import ConfirmAlerts
from chalicelib.store import subscribers
from chalicelib.tokens import Claims, Purpose
from chalicelib.wiring import Services


def ask_to_subscribe(
    services: Services, *, slug: str, language: str, fields: Mapping[str, str], network: str
) -> None:
    """Mail a link that confirms alerts; the same whether or not the address has them already.

    Raises NotFound, InvalidForm, TooManyRequests, Unavailable.
    """
    petition = recent.petition(services, slug)
    request = read_subscribe_form(fields, slug=slug, language=language, now=services.now())
    limiting.count_post(services, network)
    token = tokens.issue(
        services.secrets.token_keys,
        Purpose.CONFIRM_ALERTS,
        {"slug": slug, "language": language, "email": request.address.deliverable},
        request.asked_at,
    )
    mail = ConfirmAlerts(
        petition_title=petition.text(language).title,
        link=services.settings.public_url + links.confirm_alerts(language, token),
        link_days=services.settings.link_days,
    )
    outgoing.queue_mail(services, to=request.address.deliverable, language=language, mail=mail)


def check_confirmation(services: Services, token: str) -> None:
    """Whether a link is good; changes nothing. Raises BrokenToken, ExpiredToken."""
    _read_confirmation(services, token)


def confirm(services: Services, token: str) -> Petition:
    """Start the alerts that a mailed link stands for. A second time changes nothing.

    Raises BrokenToken, ExpiredToken, EndedSince, Unavailable.
    """
    claims = _read_confirmation(services, token)
    slug = claims.values["slug"]
    if not filing.keep_subscription(
        services,
        slug=slug,
        language=claims.values["language"],
        address=email_address.parse(claims.values["email"]),
        asked_at=claims.issued_at,
    ):
        raise EndedSince
    return recent.petition(services, slug)


def check_unsubscription(services: Services, token: str) -> None:
    """Whether an unsubscribe link is good; changes nothing. Raises BrokenToken."""
    _read_unsubscription(services, token)


def unsubscribe(services: Services, token: str) -> Petition:
    """End alerts at once: a link from any alert, however old. A second time changes nothing.

    Raises BrokenToken, Unavailable.
    """
    claims = _read_unsubscription(services, token)
    slug = claims.values["slug"]
    subscribers.mark_unsubscribed(
        services.subscribers,
        slug,
        claims.values["index"],
        now=services.now(),
        links_live=services.settings.links_live,
    )
    return recent.petition(services, slug)


def _read_confirmation(services: Services, token: str) -> Claims:
    return tokens.read(
        services.secrets.token_keys,
        Purpose.CONFIRM_ALERTS,
        token,
        now=services.now(),
        lifetime=services.settings.links_live,
    )


def _read_unsubscription(services: Services, token: str) -> Claims:
    return tokens.read(services.secrets.token_keys, Purpose.UNSUBSCRIBE, token, now=services.now())
