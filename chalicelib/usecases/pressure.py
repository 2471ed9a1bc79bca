"""Asking for proofs of work: by the clock while too many forms come, by the operator at will."""

import logging
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.protection import rate_limits
from chalicelib.store import petitions
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

DURATION: Final = timedelta(minutes=10)
"""How long proofs are asked for after the last busy minute that the clock has seen."""


def every_minute(services: Services) -> None:
    """What the clock does each minute: ask for proofs while forms come too fast.

    One call while it is calm. Where AWS fails, the next minute tries again.
    """
    try:
        busiest = rate_limits.busiest_minute(services)
        if busiest < services.settings.proof_posts_per_minute:
            return
        log.warning("%s forms in a minute: proofs of work are asked for", busiest)
        for petition in petitions.list_all(services.petitions):
            petitions.require_proofs(
                services.petitions, petition.slug, until=services.now() + DURATION
            )
    except Unavailable:
        log.warning("could not see how many forms came")


def require_proofs(services: Services, slug: str, *, until: datetime) -> None:
    """Ask for proofs until then, or longer if that was asked for. Raises NotFound, Unavailable."""
    if not petitions.require_proofs(services.petitions, slug, until=until):
        raise NotFound
    services.cache.clear()


def stop_requiring_proofs(services: Services, slug: str) -> None:
    """Ask for proofs no longer, until the clock sees a reason. Raises NotFound, Unavailable."""
    if not petitions.stop_requiring_proofs(services.petitions, slug):
        raise NotFound
    services.cache.clear()
