"""Publishing petitions and updates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.domain.errors import NotFound
from chalicelib.domain.petition import Petition
from chalicelib.domain.update import Update
from chalicelib.store import petitions, preview_images, updates
from chalicelib.wiring import Services


def publish_petition(services: Services, petition: Petition) -> Petition:
    """Store a petition as its next version; the same text again makes no new version.

    `petition.version` is ignored. Raises ConditionFailed if somebody else publishes at the same
    moment, and Unavailable.
    """
    try:
        current = petitions.get(services.petitions, petition.slug)
    except NotFound:
        current = replace(petition, version=0)
    # What is asked of forms at this moment is decided elsewhere (`shielding.py`).
    wanted = replace(petition, version=current.version, proof_until=current.proof_until)
    if wanted == current and current.version:
        return current
    published = replace(wanted, version=current.version + 1)
    petitions.save(services.petitions, published)
    services.cache.clear()
    return published


def publish_preview_images(
    services: Services, slug: str, pictures: Mapping[str, bytes]
) -> Sequence[str]:
    """Store the pictures (PNG, by language) that go with a petition's link.

    Those that were stored already stay as they are; returns the languages of the others.
    """
    return [
        language
        for language, picture in pictures.items()
        if preview_images.save(services.petitions, slug, language, picture)
    ]


def publish_update(services: Services, update: Update) -> Update:
    """Put an update on its page and in the feed, or amend it; schedule it if it has a time.

    Raises NotFound when there is no such petition.
    """
    petitions.get(services.petitions, update.slug)
    updates.save(services.petitions, update)
    services.cache.clear()
    return update
