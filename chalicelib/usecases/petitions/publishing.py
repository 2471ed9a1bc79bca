"""Publishes petitions, their preview images, and updates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date

from chalicelib.crypto.sealing import fingerprint
from chalicelib.domain.petition import FormerKey, Petition, VerificationKeys
from chalicelib.domain.update import Update
from chalicelib.store import petitions, preview_images, updates
from chalicelib.wiring import Services


def publish_petition(services: Services, petition: Petition, *, key_file: str = "") -> Petition:
    """Store a petition as its next version. An unchanged petition gets no new version.

    `petition.version` is ignored. `key_file`, the text of its key file, is stored with it, so that
    a lost folder loses no key. Raises ConditionFailed (another publication at the same moment),
    MissingSecret, Unavailable.
    """
    today = services.now().astimezone(UTC).date()
    # As stored: an item that somebody else has changed is replaced.
    current = petitions.find_as_stored(services.petitions, petition.slug) or replace(
        petition, version=0, key_since=today, former_keys=()
    )
    # `pressure.py` decides on `proof_until`.
    wanted = replace(
        petition,
        version=current.version,
        proof_until=current.proof_until,
        key_since=current.key_since,
        former_keys=current.former_keys,
        verification=verification_keys(services),
    )
    if wanted.public_key != current.public_key:
        wanted = replace(
            wanted, key_since=today, former_keys=(*current.former_keys, _former(current, today))
        )
    if wanted == current and current.version:
        if key_file:
            petitions.save_key_file(services.petitions, petition.slug, key_file)
        return current
    published = replace(wanted, version=current.version + 1)
    petitions.save(services.petitions, published, key_file=key_file)
    services.cache.clear()
    return published


def verification_keys(services: Services) -> VerificationKeys:
    """The keys by which the attestations of this service are verified, also those to come.

    Raises MissingSecret, Unavailable.
    """
    return VerificationKeys(
        attestation=tuple(key.raw for key in services.secrets.attestation_public_keys.keys),
        export=tuple(key.raw for key in services.secrets.export_public_keys.keys),
    )


def _former(petition: Petition, until: date) -> FormerKey:
    return FormerKey(
        fingerprint=fingerprint(petition.public_key), since=petition.key_since, until=until
    )


def publish_preview_images(
    services: Services, slug: str, images: Mapping[str, bytes]
) -> Sequence[str]:
    """Store a petition's preview images (PNG, by language); the languages whose image changed."""
    return [
        language
        for language, image in images.items()
        if preview_images.save(services.petitions, slug, language, image)
    ]


def publish_update(services: Services, update: Update) -> Update:
    """Publish or amend an update, and schedule its alert if `send_at` is set.

    Publishing the same texts again is no amendment. Raises NotFound (no such petition),
    Unavailable.
    """
    petitions.get(services.petitions, update.slug)
    current = updates.find(services.petitions, update.slug, update.name)
    published = update.published_after(current, now=services.now())
    updates.save(services.petitions, published)
    services.cache.clear()
    return published
