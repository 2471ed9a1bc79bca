"""Lines of a petition's trail about what an operator does by a command."""

from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.alerts import alerts
from chalicelib.usecases.organisers import recording
from chalicelib.wiring import Services


def record(services: Services, slug: str, act: Act, detail: str = "") -> None:
    """Add a line, before the act is done. Raises Unavailable."""
    recording.record(services, slug, actor=OPERATOR, act=act, detail=detail)


def record_of_alert(services: Services, alert_id: str, act: Act) -> None:
    """Add a line on an alert, before the act is done. Raises NotFound, Unavailable."""
    alert = alerts.get(services.petitions, alert_id)
    record(services, alert.slug, act, alert.name)
