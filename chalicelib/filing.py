"""How a person is filed: under which blind index, and sealed to whom."""

import json
from datetime import datetime

from chalicelib import sealing
from chalicelib.domain.email_address import EmailAddress
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
    return _index(services, sealing.SUBSCRIBER, slug, address)


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
