"""Starts and ends subscriptions to alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib import cached
from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Claims, Purpose
from chalicelib.domain.errors import Blocked, EndedMeanwhile, ExpiredToken
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.person import PersonIndexes
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.subscriber import Confirmed, Frequency, read_subscribe_form
from chalicelib.mail import petition_mails
from chalicelib.mail.messages import ConfirmAlerts
from chalicelib.people import blind_indexes, links, mail_queue, subscriptions
from chalicelib.people.subscriptions import ConfirmedRequest
from chalicelib.protection import admission, mailboxes, rate_limits
from chalicelib.store import people, subscribers
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class SubscriptionOffer:
    """What a confirmation link starts: the news of a petition, its language and its frequency.

    `stands`: such news came already, and comes as often as before.
    """

    petition: Petition
    language: str
    frequency: Frequency
    stands: bool = False


def request_subscription(
    services: Services, *, slug: str, language: str, fields: Mapping[str, str], network: str
) -> int:
    """Mail a link that confirms a subscription, whether or not the address is subscribed.

    Returns the delay of the mail in minutes: 0, unless the form used the slow lane.
    Raises NotFound, InvalidForm, MistypedDomain, RiskyMailbox, ProofRequired, TooManyRequests,
    Unavailable.
    """
    petition = cached.petition(services, slug)
    request = read_subscribe_form(fields, slug=slug, language=language, now=services.now())
    address = mailboxes.settle(services, request.address, fields)
    admitted = admission.admit(services, petition, network=network, fields=fields)
    _queue_confirmation(
        services,
        petition,
        language,
        address,
        request.frequency,
        network=network,
        delay_seconds=admitted.delay_seconds,
    )
    return admitted.delay_seconds // 60


def _queue_confirmation(
    services: Services,
    petition: Petition,
    language: str,
    address: EmailAddress,
    frequency: Frequency,
    *,
    network: str,
    delay_seconds: int = 0,
) -> None:
    """Mail a link that confirms such a subscription."""
    mail = ConfirmAlerts(
        **petition_mails.about(petition, language),
        block_link=links.block_link(services, petition.slug, language, address),
        link=links.alerts_link(services, petition.slug, language, address, frequency),
        link_days=services.settings.link_days,
    )
    mail_queue.queue_mail(
        services,
        to=address,
        network=network,
        slug=petition.slug,
        language=language,
        mail=mail,
        blocked=_is_blocked(services, petition.slug, address),
        delay_seconds=delay_seconds,
    )


def show_request(services: Services, token: str) -> SubscriptionOffer:
    """What a confirmation link starts. Changes nothing. Raises BrokenToken, ExpiredToken."""
    return _offer(services, _read_confirmation(services, token))


def confirm(services: Services, token: str, *, network: str) -> SubscriptionOffer:
    """Start the subscription that a mailed link confirms, or change an active one to it.

    Language and address that were confirmed last count; how often stays. A second time changes
    nothing. Raises BrokenToken, ExpiredToken, EndedMeanwhile, Blocked, Unavailable.
    """
    claims = _read_confirmation(services, token)
    offer, address = _offer(services, claims), email_address.parse(claims.values["email"])
    if _is_blocked(services, offer.petition.slug, address):
        raise Blocked
    confirmed = subscriptions.confirm(
        services,
        ConfirmedRequest(
            petition=offer.petition,
            language=offer.language,
            address=address,
            frequency=offer.frequency,
            requested_at=claims.issued_at,
        ),
        network=network,
    )
    if confirmed is Confirmed.ENDED:
        raise EndedMeanwhile
    return replace(offer, stands=confirmed is Confirmed.STANDS)


def _offer(services: Services, claims: Claims) -> SubscriptionOffer:
    values = claims.values
    return SubscriptionOffer(
        petition=cached.petition(services, values["slug"]),
        language=values["language"],
        frequency=Frequency(values["frequency"]),
    )


def _is_blocked(services: Services, slug: str, address: EmailAddress) -> bool:
    suppressions = blind_indexes.suppression_indexes(services, address)
    record = people.find(
        services.signatures,
        services.subscribers,
        PersonIndexes(slug=slug, suppressions=suppressions),
        now=services.now(),
    )
    return record.blocked


def petition_of(services: Services, token: str) -> Petition:
    """The petition of a confirmation link of any age. Raises BrokenToken."""
    keys = services.secrets.token_keys
    claims = tokens.read(keys, Purpose.CONFIRM_ALERTS, token, now=services.now())
    return cached.petition(services, claims.values["slug"])


def is_renewable(services: Services, token: str) -> bool:
    """Whether an expired link can be exchanged for a new one. Raises BrokenToken."""
    try:
        links.read_renewable(services, Purpose.CONFIRM_ALERTS, token)
    except ExpiredToken:
        return False
    return True


def renew(services: Services, token: str, *, network: str) -> Petition:
    """Mail a new link in place of an expired one, to the same address.

    Raises BrokenToken, ExpiredToken, TooManyRequests, Unavailable.
    """
    values = links.read_renewable(services, Purpose.CONFIRM_ALERTS, token).values
    petition = cached.petition(services, values["slug"])
    rate_limits.count_post(services, network)
    address = email_address.parse(values["email"])
    frequency = Frequency(values["frequency"])
    _queue_confirmation(services, petition, values["language"], address, frequency, network=network)
    return petition


def tested_petition(services: Services, token: str) -> Petition | None:
    """The petition of an unsubscribe link, if it comes from a test; else None.

    A test belongs to no subscription. Raises BrokenToken.
    """
    values = _read_unsubscription(services, token).values
    return None if values["index"] else cached.petition(services, values["slug"])


def self_service_token(services: Services, token: str) -> str:
    """The token of the page for language and frequency, for the holder of an unsubscribe link.

    It gives no access to a signature: the link may be years old, or forwarded.
    Raises BrokenToken, DataDestroyed.
    """
    values = _read_unsubscription(services, token).values
    blind_indexes.require_kept(services, values["slug"])
    return links.news_token(services, values["slug"], values["index"])


def unsubscribe(services: Services, token: str) -> Petition:
    """End a subscription by a link from an alert, of any age. A second time changes nothing.

    Raises BrokenToken, DataDestroyed, Unavailable.
    """
    claims = _read_unsubscription(services, token)
    slug = claims.values["slug"]
    subscribers.mark_unsubscribed(
        services.subscribers,
        slug,
        claims.values["index"],
        now=services.now(),
        link_lifetime=services.settings.link_lifetime,
    )
    blind_indexes.require_kept(services, slug)
    return cached.petition(services, slug)


def _read_confirmation(services: Services, token: str) -> Claims:
    return tokens.read(
        services.secrets.token_keys,
        Purpose.CONFIRM_ALERTS,
        token,
        now=services.now(),
        lifetime=services.settings.link_lifetime,
    )


def _read_unsubscription(services: Services, token: str) -> Claims:
    return tokens.read(
        services.secrets.permanent_token_keys, Purpose.UNSUBSCRIBE, token, now=services.now()
    )
