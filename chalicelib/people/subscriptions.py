"""Starts the subscription that a person has confirmed, by whichever page, and welcomes it."""

import logging
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.subscriber import Confirmed, Frequency
from chalicelib.mail import petition_mails
from chalicelib.mail.messages import Welcome
from chalicelib.people import links, mail_queue, sealed_records
from chalicelib.rendering import translations
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ConfirmedRequest:
    """A subscription as a person confirms it. `requested_at` is the moment of its form."""

    petition: Petition
    language: str
    address: EmailAddress
    frequency: Frequency
    requested_at: datetime

    def __repr__(self) -> str:
        return f"ConfirmedRequest(slug={self.petition.slug!r}, …)"


def confirm(services: Services, request: ConfirmedRequest, *, network: str) -> Confirmed:
    """Store a subscription, and welcome it if it has just started. Safe to repeat.

    One write, two where one stands; one read more where one has ended; and one message for a
    welcome.
    Raises Unavailable.
    """
    confirmed = sealed_records.add_subscription(
        services,
        slug=request.petition.slug,
        language=request.language,
        address=request.address,
        requested_at=request.requested_at,
        frequency=request.frequency,
    )
    if confirmed is Confirmed.STARTED:
        _welcome(services, request, network=network)
    return confirmed


def _welcome(services: Services, request: ConfirmedRequest, *, network: str) -> None:
    """Queue the welcome, at most once: a crash or a fault before it loses it.

    The subscription stands by then, so a fault must not make its answer a refusal. Who has lost
    this mail misses nothing: each mail with news has the link to the same page.
    """
    slug, language, address = request.petition.slug, request.language, request.address
    mail = Welcome(
        **petition_mails.about(request.petition, language),
        block_link=links.block_link(services, slug, language, address),
        link=links.news_link(services, slug, language, address),
        link_days=services.settings.link_days,
        frequency=request.frequency,
        news_language=translations.languages()[
            request.petition.language(language)
        ].name_in_sentence,
    )
    try:
        mail_queue.queue_mail(
            services,
            to=address,
            network=network,
            slug=slug,
            language=language,
            mail=mail,
            blocked=False,
        )
    except Unavailable:
        log.warning("a welcome to the news of %s could not be queued", slug)
