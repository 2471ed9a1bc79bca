"""How a person is filed: under which blind index, and sealed to whom."""

import json
from datetime import datetime

from chalicelib import sealing
from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.person import Filed
from chalicelib.domain.petition import Petition
from chalicelib.domain.signature import SealedSignature, SignatureRequest
from chalicelib.domain.subscriber import Subscriber
from chalicelib.store import subscribers
from chalicelib.wiring import Services


def signature_index(services: Services, slug: str, address: EmailAddress) -> str:
    """The blind index of an address among the signatures of a petition."""
    return _index(services, sealing.SIGNATURE, slug, address)


def subscriber_index(services: Services, slug: str, address: EmailAddress) -> str:
    """The blind index of an address among the subscribers of a petition."""
    return subscriber_index_of(services, slug, person(services, address))


def person(services: Services, address: EmailAddress) -> str:
    """What stands for an address where it must not: its news and its block are filed by this.

    It is kept in no table. It lies sealed in the link that ends all mails, which can so find every
    subscription of a person without knowing who that is.
    """
    return _index(services, sealing.PERSON, "", address)


def subscriber_index_of(services: Services, slug: str, person: str) -> str:
    """The blind index of a person among the subscribers of a petition."""
    return sealing.blind_index(services.secrets.index_key, sealing.SUBSCRIBER, slug, person)


def never_index(services: Services, person: str) -> str:
    """The blind index of a person among those who are never mailed, by any petition."""
    return sealing.blind_index(services.secrets.index_key, sealing.NEVER, "", person)


def filed(services: Services, slug: str, address: EmailAddress) -> Filed:
    """Every blind index of an address that matters to a petition."""
    known = person(services, address)
    return Filed(
        slug=slug,
        signature=signature_index(services, slug, address),
        subscriber=subscriber_index_of(services, slug, known),
        never=never_index(services, known),
    )


def seal_signature(
    services: Services, petition: Petition, request: SignatureRequest, *, confirmed_at: datetime
) -> SealedSignature:
    """A signature as it is kept: sealed to the organisers of its petition."""
    record = {
        "name": request.name,
        "email": request.address.deliverable,
        "country": request.country,
        "language": request.language,
        "confirmed_at": confirmed_at.isoformat(timespec="seconds"),
    }
    return SealedSignature(
        slug=request.slug,
        index=signature_index(services, request.slug, request.address),
        sealed=sealing.seal(
            json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(),
            petition.public_key,
            sealing.info(sealing.SIGNATURE, request.slug),
        ),
        country=request.country,
        language=request.language,
        confirmed_at=confirmed_at,
        state=request.state,
        signals=request.signals,
    )


def keep_subscription(
    services: Services, *, slug: str, language: str, address: EmailAddress, asked_at: datetime
) -> bool:
    """Store a subscription, its address sealed to the mailer. Safe to repeat.

    False if it was ended after it was asked for.
    """
    subscriber = Subscriber(
        slug=slug,
        index=subscriber_index(services, slug, address),
        sealed_address=sealing.seal(
            address.deliverable.encode(),
            services.secrets.mailer_public_key,
            sealing.info(sealing.SUBSCRIBER, slug),
        ),
        language=language,
        subscribed_at=services.now(),
    )
    return subscribers.add(services.subscribers, subscriber, asked_at=asked_at)


def _index(services: Services, kind: str, slug: str, address: EmailAddress) -> str:
    return sealing.blind_index(services.secrets.index_key, kind, slug, address.canonical)
