"""Decides when forms need a proof of work: while too many forms come, or as the operator says."""

import logging
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.protection import rate_limits
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

DURATION: Final = timedelta(minutes=10)
"""How long proofs are required after the last busy minute."""


def every_minute(services: Services) -> None:
    """Require proofs of all petitions while too many forms come.

    Makes one AWS call while there is no pressure. The next minute tries again after a failure.
    """
    try:
        busiest = rate_limits.busiest_minute(services)
        if busiest < services.settings.proof_posts_per_minute:
            return
        log.warning("%s forms in a minute: proofs of work are required", busiest)
        for slug in petitions.slugs(services.petitions):
            petitions.require_proofs(services.petitions, slug, until=services.now() + DURATION)
    except Unavailable:
        log.warning("the number of forms could not be read")


def require_proofs(services: Services, slug: str, *, until: datetime) -> None:
    """Require proofs of a petition until `until`, or later. Raises NotFound, Unavailable."""
    if not petitions.require_proofs(services.petitions, slug, until=until):
        raise NotFound
    services.cache.clear()


def stop_requiring_proofs(services: Services, slug: str) -> None:
    """Stop requiring proofs until the next busy minute. Raises NotFound, Unavailable."""
    if not petitions.stop_requiring_proofs(services.petitions, slug):
        raise NotFound
    services.cache.clear()
