"""Each subscriber's own copy of an alert: opened address, own language, own link to leave."""

import logging
from collections.abc import Mapping

from chalicelib import links, sealing, tokens
from chalicelib.domain.delivery import Chunk
from chalicelib.domain.petition import Petition
from chalicelib.domain.subscriber import Subscriber
from chalicelib.domain.update import Update
from chalicelib.emails import Alert, BulkRecipient, alert_for
from chalicelib.sealing import CannotOpen
from chalicelib.tokens import Purpose
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


def copies_for(
    services: Services,
    petition: Petition,
    update: Update,
    chunk: Chunk,
    recipients: Mapping[int, Subscriber],
) -> dict[int, BulkRecipient]:
    """The copies for the recipients at these positions of a chunk.

    A position is missing where the address cannot be opened: one damaged address must not hold up
    the others for ever.
    """
    copies = {}
    for position, subscriber in recipients.items():
        try:
            copies[position] = _copy_for(services, petition, update, chunk, position, subscriber)
        except CannotOpen:
            log.error("recipient %s of chunk %s cannot be opened", position, chunk.number)
    return copies


def _copy_for(
    services: Services,
    petition: Petition,
    update: Update,
    chunk: Chunk,
    position: int,
    subscriber: Subscriber,
) -> BulkRecipient:
    address = sealing.unseal(
        subscriber.sealed_address,
        services.secrets.mailer_private_key,
        sealing.info(sealing.SUBSCRIBER, petition.slug),
    ).decode()
    language = update.language(subscriber.language)
    text = update.text(language)
    public_url = services.settings.public_url
    token = tokens.issue(
        services.secrets.token_keys,
        Purpose.UNSUBSCRIBE,
        {"slug": petition.slug, "index": subscriber.index},
        services.now(),
    )
    alert = Alert(
        title=text.title,
        body_text=text.text,
        body_html=text.html,
        petition_title=petition.text(language).title,
        page=public_url + links.update(language, petition.slug, update.name),
        unsubscribe=public_url + links.unsubscribe(language, token),
    )
    return alert_for(
        address,
        language,
        alert,
        tags={"recipient": str(position), "attempt": str(chunk.attempt)},
    )
