"""Sealed records of a person: signatures and subscriptions, under blind indexes."""

from datetime import UTC, datetime

from chalicelib.crypto import attestation, sealing
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
    """A signature as it is stored: sealed to the organisers of its petition, and attested."""
    index = blind_indexes.signature_index(services, request.slug, request.address)
    record = {
        "name": request.name,
        "email": request.address.deliverable,
        "country": request.country,
        "language": request.language,
        "confirmed_at": confirmed_at.isoformat(timespec="seconds"),
    }
    sealed = sealing.seal(
        record,
        sealing.SIGNATURE,
        petition.public_key,
        sealing.info(sealing.SIGNATURE, request.slug, index),
    )
    confirmed_on = confirmed_at.astimezone(UTC).date()
    statement = attestation.signature_statement(request.slug, index, sealed, confirmed_on)
    key = services.secrets.attestation_keys.current(confirmed_at)
    return SealedSignature(
        slug=request.slug,
        index=index,
        sealed=sealed,
        attestation=attestation.attest(key.raw, statement),
        country=request.country if petition.publishes_countries else "",
        confirmed_on=confirmed_on,
        state=request.state,
        signals=request.signals,
    )


def add_subscription(
    services: Services, *, slug: str, language: str, address: EmailAddress, requested_at: datetime
) -> bool:
    """Store a subscription, its address sealed to the mailer. Safe to repeat.

    False if it was ended after `requested_at`.
    """
    now = services.now()
    index = blind_indexes.subscriber_index(services, slug, address)
    subscriber = Subscriber(
        slug=slug,
        index=index,
        sealed_address=sealing.seal(
            address.deliverable,
            sealing.SUBSCRIBER,
            services.secrets.mailer_public_keys.current(now).raw,
            sealing.info(sealing.SUBSCRIBER, slug, index),
        ),
        language=language,
        subscribed_on=now.astimezone(UTC).date(),
    )
    return subscribers.add(services.subscribers, subscriber, requested_at=requested_at)
