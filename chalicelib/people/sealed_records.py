"""Sealed records of a person: signatures and subscriptions, under blind indexes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from chalicelib.crypto import attestation, sealing
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.signature import Correction, SealedSignature, SignatureRequest
from chalicelib.domain.subscriber import Confirmed, Frequency, NewsChoice, Subscriber
from chalicelib.people import blind_indexes
from chalicelib.store import preferences
from chalicelib.wiring import Services


def seal_signature(
    services: Services, petition: Petition, request: SignatureRequest, *, confirmed_at: datetime
) -> SealedSignature:
    """A signature as it is stored: sealed to the organisers of its petition, and attested."""
    record = {
        "name": request.name,
        "email": request.address.deliverable,
        "country": request.country,
        "language": request.language,
        "confirmed_at": confirmed_at.isoformat(timespec="seconds"),
    }
    sealed = _sealed(
        services, petition, request.address, record, confirmed_at.astimezone(UTC).date()
    )
    return replace(sealed, state=request.state, signals=request.signals)


def seal_correction(
    services: Services,
    petition: Petition,
    correction: Correction,
    *,
    address: EmailAddress,
    language: str,
    confirmed_on: date,
) -> SealedSignature:
    """What replaces the sealed part of a signature of that day (UTC), attested anew.

    Its moment is sealed, and so unknown: the new record has the day alone.
    """
    record = {
        "name": correction.name,
        "email": address.deliverable,
        "country": correction.country,
        "language": language,
        "confirmed_at": confirmed_on.isoformat(),
    }
    return _sealed(services, petition, address, record, confirmed_on)


def _sealed(
    services: Services,
    petition: Petition,
    address: EmailAddress,
    record: Mapping[str, str],
    confirmed_on: date,
) -> SealedSignature:
    index = blind_indexes.signature_index(services, petition.slug, address)
    sealed = sealing.seal(
        record,
        sealing.SIGNATURE,
        petition.public_key,
        sealing.info(sealing.SIGNATURE, petition.slug, index),
    )
    statement = attestation.signature_statement(petition.slug, index, sealed, confirmed_on)
    key = services.secrets.attestation_keys.current(services.now())
    return SealedSignature(
        slug=petition.slug,
        index=index,
        sealed=sealed,
        attestation=attestation.attest(key.raw, statement),
        country=record["country"] if petition.publishes_countries else "",
        confirmed_on=confirmed_on,
    )


def add_subscription(
    services: Services,
    *,
    slug: str,
    language: str,
    address: EmailAddress,
    requested_at: datetime,
    frequency: Frequency = Frequency.EACH,
) -> Confirmed:
    """Store a subscription. Safe to repeat.

    Sealed to the mailer: the address, and the blind index of its suppression.

    It has ended if that was after `requested_at`.
    """
    now = services.now()
    index = blind_indexes.subscriber_index(services, slug, address)
    subscriber = Subscriber(
        slug=slug,
        index=index,
        sealed_address=sealing.seal(
            [address.deliverable, blind_indexes.person_index(services, slug, address)],
            sealing.SUBSCRIBER,
            services.secrets.mailer_public_keys.current(now).raw,
            sealing.info(sealing.SUBSCRIBER, slug, index),
        ),
        language=language,
        subscribed_on=now.astimezone(UTC).date(),
        choice=NewsChoice(frequency=frequency),
    )
    return preferences.start(
        services.subscribers, services.petitions, subscriber, requested_at=requested_at
    )
