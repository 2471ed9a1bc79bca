"""Writes each subscriber's copy of an alert: in their language, with their link to unsubscribe."""

import logging
from collections.abc import Collection, Mapping

from chalicelib.crypto import sealing, tokens, unsealing
from chalicelib.crypto.tokens import Purpose
from chalicelib.crypto.unsealing import UnsealFailed
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import Chunk
from chalicelib.domain.alerts.digest import Digest
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import Update
from chalicelib.domain.subscriber import Subscriber
from chalicelib.mail import alert_messages, petition_mails
from chalicelib.mail.alert_messages import BulkRecipient, Headline
from chalicelib.rendering import urls
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


def copies_for(
    services: Services,
    petition: Petition,
    alert: Alert,
    news: Update | Digest,
    chunk: Chunk,
    recipients: Mapping[int, Subscriber],
) -> dict[int, BulkRecipient]:
    """The copies for recipients of a chunk, by position.

    A recipient whose address cannot be opened gets none, so that the others are not held up.
    """
    copies = {}
    for position, subscriber in recipients.items():
        try:
            address, person = _opened(services, subscriber)
        except UnsealFailed:
            log.error("recipient %s of chunk %s cannot be opened", position, chunk.number)
            continue
        due = alert.updates_for(subscriber.choice)
        language, message = _message(services, petition, news, due, subscriber)
        copies[position] = alert_messages.to_recipient(
            address,
            language,
            message,
            tags={
                "recipient": str(position),
                "attempt": str(chunk.attempt),
                "person": person,
            },
        )
    return copies


def _opened(services: Services, subscriber: Subscriber) -> tuple[str, str]:
    """A subscriber's address, and the blind index of its suppression. Raises UnsealFailed."""
    address, person = unsealing.unseal(
        subscriber.sealed_address,
        services.mailer_keys,
        sealing.info(sealing.SUBSCRIBER, subscriber.slug, subscriber.index),
    )
    return address, person


def _message(
    services: Services,
    petition: Petition,
    news: Update | Digest,
    due: Collection[str],
    subscriber: Subscriber,
) -> tuple[str, alert_messages.AlertMessage | alert_messages.DigestMessage]:
    """The language of a copy, and its message.

    An alert is in one language that the update has. A digest is in the subscriber's language, and
    each update in it in one that the update has. It holds those whose names are in `due`.
    """
    if isinstance(news, Update):
        language = news.language(subscriber.language)
        text = news.text(language)
        return language, alert_messages.AlertMessage(
            title=text.title,
            body_text=text.text,
            body_html=text.html,
            **petition_mails.about(petition, language),
            page=_page(services, news, language),
            unsubscribe=_unsubscribe(services, subscriber, language),
        )
    language = subscriber.language
    return language, alert_messages.DigestMessage(
        headlines=[
            _headline(services, update, language) for update in news.updates if update.name in due
        ],
        **petition_mails.about(petition, language),
        unsubscribe=_unsubscribe(services, subscriber, language),
    )


def _headline(services: Services, update: Update, wanted: str) -> Headline:
    language = update.language(wanted)
    text = update.text(language)
    return Headline(
        language=language,
        title=text.title,
        summary=text.summary,
        page=_page(services, update, language),
    )


def _page(services: Services, update: Update, language: str) -> str:
    return services.settings.public_url + urls.update(language, update.slug, update.name)


def _unsubscribe(services: Services, subscriber: Subscriber, language: str) -> str:
    """The subscriber's link to change or end these mails."""
    token = tokens.issue(
        services.secrets.permanent_token_keys,
        Purpose.UNSUBSCRIBE,
        {"slug": subscriber.slug, "index": subscriber.index},
        services.now(),
    )
    return services.settings.public_url + urls.unsubscribe(language, token)
