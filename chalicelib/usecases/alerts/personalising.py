"""Writes each subscriber's copy of an alert: in their language, with their link to unsubscribe."""

from dataclasses import dataclass

from chalicelib.crypto import sealing, tokens, unsealing
from chalicelib.crypto.tokens import Purpose
from chalicelib.crypto.unsealing import UnsealFailed
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.chunk import Chunk
from chalicelib.domain.alerts.content import AlertContent
from chalicelib.domain.mailboxes import email_address, provider_kinds
from chalicelib.domain.mailboxes.email_address import BadAddress
from chalicelib.domain.mailboxes.provider_kinds import ProviderKind
from chalicelib.domain.subscriber import Subscriber
from chalicelib.mail import alert_messages
from chalicelib.mail.alert_messages import BulkRecipient
from chalicelib.rendering import translations, urls
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
    language = translations.known(subscriber.language)
    message = composing.message(
        services,
        content,
        alert.kind,
        due=alert.updates_for(subscriber.choice),
        wanted=language,
        unsubscribe=lambda language: _unsubscribe(services, subscriber, language),
    )
    mailing_list = composing.mailing_list(services, content)
    return alert_messages.to_recipient(
        recipient.address,
        language,
        message,
        mailing_list=mailing_list,
        tags={
            **mailing_list.feedback_tags(alert.kind),
            "recipient": str(position),
            "attempt": str(chunk.attempt),
            "person": recipient.person,
            "petition": alert.slug,
            "provider": _provider(recipient.address),
        },
    )


def _provider(address: str) -> ProviderKind:
    """The kind of provider of an address, whatever today's rules say of the address."""
    try:
        return provider_kinds.kind_of(email_address.parse(address))
    except BadAddress:
        return ProviderKind.OTHER


def _unsubscribe(services: Services, subscriber: Subscriber, language: str) -> str:
    """The path of the subscriber's link to change or end these mails."""
    token = tokens.issue(
        services.secrets.permanent_token_keys,
        Purpose.UNSUBSCRIBE,
        {"slug": subscriber.slug, "index": subscriber.index},
        services.now(),
    )
    return urls.unsubscribe(language, token)
