"""Sets the public figures of all petitions, at the moments of the clock and never at an event."""

import logging
import secrets
from datetime import datetime

from chalicelib.domain.integrity import public_figures as rules
from chalicelib.domain.integrity.public_figures import Draw, Rounding
from chalicelib.store.integrity import public_figures, tallies
from chalicelib.store.integrity.public_figures import LastLook
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


def every_minute(services: Services, *, draw: Draw = secrets.randbelow) -> None:
    """Set the figures that are due. The error of one petition stops no other.

    Makes one AWS call between two moments. Raises the first error at the end; the next run then
    looks again, at those petitions only whose figures are still due.
    """
    now = services.now()
    last = public_figures.last_look(services.petitions)
    if rules.due_moment(last.at, now, busy=last.busy) is None:
        return
    errors: list[Exception] = []
    busy = False
    for slug, closes_at in public_figures.closing_moments(services.petitions).items():
        try:
            steps = _set_figures(services, slug, closes_at, draw=draw, busy=last.busy)
            busy = busy or steps >= rules.BUSY_FACTOR
        except Exception as error:  # noqa: BLE001 - the others go on, and the first is raised
            log.error("public figures of %s not set: %s", slug, type(error).__name__)
            errors.append(error)
    if errors:
        raise errors[0]
    public_figures.save_last_look(services.petitions, LastLook(at=now, busy=busy))


def _set_figures(
    services: Services, slug: str, closes_at: datetime, *, draw: Draw, busy: bool
) -> int:
    """Set the figures of one petition, if they are due; by how many steps they moved.

    Each look is stored, so that no moment is drawn for twice, whatever fails or runs twice.
    """
    now, settings = services.now(), services.settings
    seen = tallies.get(services.petitions, slug)
    moment = rules.due_moment(seen.looked_at, now, busy=busy)
    final_at = rules.final_moment(closes_at, settings.link_lifetime)
    if moment is None or seen.looked_at >= final_at:
        return 0
    figures = rules.figures_at(
        moment,
        seen.public,
        count=seen.count,
        countries=seen.countries,
        rounding=Rounding(step=settings.count_step, country_minimum=settings.country_minimum),
        ended=moment.at >= final_at,
        draw=draw,
    )
    since = seen.public_since if figures == seen.public else now
    saved = public_figures.save(
        services.petitions, slug, figures, since=since, at=moment.at, seen=seen.looked_at
    )
    return (figures.count - seen.public.count) // settings.count_step if saved else 0
