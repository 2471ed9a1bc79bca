"""Publishes petitions, their preview images, and updates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.domain.petition import Petition
from chalicelib.domain.update import Update
from chalicelib.store import petitions, preview_images, updates
from chalicelib.wiring import Services


def publish_petition(services: Services, petition: Petition) -> Petition:
    """Store a petition as its next version. An unchanged petition gets no new version.

    `petition.version` is ignored. Raises ConditionFailed (another publication at the same moment),
    Unavailable.
    """
    # As stored: an item that somebody else has changed is replaced.
    current = petitions.find_as_stored(services.petitions, petition.slug) or replace(
        petition, version=0
    )
    # `pressure.py` decides on `proof_until`.
    wanted = replace(petition, version=current.version, proof_until=current.proof_until)
    if wanted == current and current.version:
        return current
    published = replace(wanted, version=current.version + 1)
    petitions.save(services.petitions, published)
    services.cache.clear()
    return published


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

    Raises NotFound (no such petition), Unavailable.
    """
    petitions.get(services.petitions, update.slug)
    updates.save(services.petitions, update)
    services.cache.clear()
    return update
