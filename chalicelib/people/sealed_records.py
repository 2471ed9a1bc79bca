"""Sealed records of a person: signatures and subscriptions, under blind indexes."""

import json
from datetime import datetime

from chalicelib.crypto import sealing
from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.petition import Petition
from chalicelib.domain.signature import SealedSignature, SignatureRequest
from chalicelib.domain.subscriber import Subscriber
from chalicelib.people import blind_indexes
from chalicelib.store import subscribers
from chalicelib.wiring import Services


def seal_signature(
    services: Services, petition: Petition, request: SignatureRequest, *, confirmed_at: datetime
) -> SealedSignature:
    """A signature as it is stored: sealed to the organisers of its petition."""
    record = {
        "name": request.name,
        "email": request.address.deliverable,
        "country": request.country,
        "language": request.language,
        "confirmed_at": confirmed_at.isoformat(timespec="seconds"),
    }
    return SealedSignature(
        slug=request.slug,
        index=blind_indexes.signature_index(services, request.slug, request.address),
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


def add_subscription(
    services: Services, *, slug: str, language: str, address: EmailAddress, requested_at: datetime
) -> bool:
    """Store a subscription, its address sealed to the mailer. Safe to repeat.

    False if it was ended after `requested_at`.
    """
    subscriber = Subscriber(
        slug=slug,
        index=blind_indexes.subscriber_index(services, slug, address),
        sealed_address=sealing.seal(
            address.deliverable.encode(),
            services.secrets.mailer_public_key,
            sealing.info(sealing.SUBSCRIBER, slug),
        ),
        language=language,
        subscribed_at=services.now(),
    )
    return subscribers.add(services.subscribers, subscriber, requested_at=requested_at)
