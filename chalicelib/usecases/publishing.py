"""Publishing petitions and updates."""

from dataclasses import replace

from chalicelib.domain.errors import NotFound
from chalicelib.domain.petition import Petition
from chalicelib.domain.update import Update
from chalicelib.store import petitions, updates
from chalicelib.wiring import Services


def publish_petition(services: Services, petition: Petition) -> Petition:
    """Store a petition as its next version; the same text again makes no new version.

    `petition.version` is ignored. Raises ConditionFailed if somebody else publishes at the same
    moment, and Unavailable.
    """
    try:
        current = petitions.get(services.desk, petition.slug)
    except NotFound:
        current = replace(petition, version=0)
    else:
        if replace(petition, version=current.version) == current:
            return current
    published = replace(petition, version=current.version + 1)
    petitions.save(services.desk, published)
    services.cache.clear()
    return published


def publish_update(services: Services, update: Update) -> Update:
    """Put an update on its page and in the feed, or amend it; schedule it if it has a time.

    Raises NotFound when there is no such petition.
    """
    petitions.get(services.desk, update.slug)
    updates.save(services.desk, update)
    services.cache.clear()
    return update
