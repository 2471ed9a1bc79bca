"""Writes an update at each milestone of a petition, and schedules it to be mailed at once."""

from chalicelib.domain.alerts.milestone import MilestonePlan, Occasion
from chalicelib.domain.petitions.update import Update
from chalicelib.rendering import milestone_texts
from chalicelib.store.alerts import milestones
from chalicelib.store.integrity import public_figures
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services


def look_at(services: Services, plan: MilestonePlan) -> None:
    """Write the updates of a petition's milestones that have come. Safe to repeat.

    Page, feed entry and schedule entry of an update are one transaction. Whatever happens after
    it, the schedule starts the alert. One AWS call while nothing has come, none if no goal is left
    to reach. Raises NotFound (no such petition), Unavailable.
    """
    for occasion in plan.of_the_day(services.now()):
        _write(services, plan, occasion)
    if not plan.counts(services.now()):
        return
    count = public_figures.get(services.petitions, plan.slug).count
    reached = plan.goal_reached(count)
    if reached:
        _write(services, plan, reached, count=count)
    elif count != plan.counted:
        milestones.save_count(services.petitions, plan, count)


def _write(
    services: Services, plan: MilestonePlan, occasion: Occasion, *, count: int | None = None
) -> None:
    now = services.now()
    petition = petitions.get(services.petitions, plan.slug)
    update = Update(
        slug=plan.slug,
        name=occasion.name,
        published_on=now.date(),
        texts=milestone_texts.texts_of(petition, occasion),
        send_at=plan.due_at(occasion, now),
        automatic=True,
    )
    if milestones.add(services.petitions, plan, update, count=count):
        services.cache.clear()
