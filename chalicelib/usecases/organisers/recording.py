"""Recording what somebody does at the desk in the trail of a petition."""

from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.organisers import trail
from chalicelib.wiring import Services


def record(
    services: Services,
    slug: str,
    *,
    actor: Actor,
    act: Act,
    detail: str = "",
    refused: bool = False,
) -> None:
    """Add a line to the trail of a petition. Raises Unavailable."""
    trail.append(
        services.organisers,
        slug,
        actor=actor,
        act=act,
        detail=detail,
        refused=refused,
        now=services.now(),
    )
