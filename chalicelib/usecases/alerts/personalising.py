"""Writes each subscriber's copy of an alert: in their language, with their link to unsubscribe."""

from dataclasses import dataclass

from chalicelib.crypto import sealing, tokens, unsealing
from chalicelib.crypto.tokens import Purpose
from chalicelib.crypto.unsealing import UnsealFailed
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import Chunk
from chalicelib.domain.alerts.content import AlertContent
from chalicelib.domain.subscriber import Subscriber
from chalicelib.mail import alert_messages
from chalicelib.mail.alert_messages import BulkRecipient
from chalicelib.rendering import urls
from chalicelib.usecases.alerts import composing
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class OpenedSubscriber:
    """A subscriber with what their seal holds: the address, and the index of its suppression."""

    subscriber: Subscriber
    address: str
    person: str

    def __repr__(self) -> str:
        return "OpenedSubscriber(…)"


def opened(services: Services, subscriber: Subscriber) -> OpenedSubscriber | None:
    """A subscriber with the address in the open. None if no key opens the seal."""
    try:
        address, person = unsealing.unseal(
            subscriber.sealed_address,
            services.mailer_keys,
            sealing.info(sealing.SUBSCRIBER, subscriber.slug, subscriber.index),
        )
    except UnsealFailed:
        return None
    return OpenedSubscriber(subscriber=subscriber, address=address, person=person)


def copy_for(
    services: Services,
    alert: Alert,
    content: AlertContent,
    chunk: Chunk,
    position: int,
    recipient: OpenedSubscriber,
) -> BulkRecipient:
    """The copy of the recipient at a position of a chunk. SES's events repeat its tags."""
    subscriber = recipient.subscriber
    language, message = composing.message(
        services,
        content,
        alert.kind,
        due=alert.updates_for(subscriber.choice),
        wanted=subscriber.language,
        unsubscribe=lambda language: _unsubscribe(services, subscriber, language),
    )
    return alert_messages.to_recipient(
        recipient.address,
        language,
        message,
        tags={
            "recipient": str(position),
            "attempt": str(chunk.attempt),
            "person": recipient.person,
        },
    )


def _unsubscribe(services: Services, subscriber: Subscriber, language: str) -> str:
    """The path of the subscriber's link to change or end these mails."""
    token = tokens.issue(
        services.secrets.permanent_token_keys,
        Purpose.UNSUBSCRIBE,
        {"slug": subscriber.slug, "index": subscriber.index},
        services.now(),
    )
    return urls.unsubscribe(language, token)
