"""Records what SES reports about mails that it has taken."""

from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.store.alerts import chunk_events
from chalicelib.wiring import Services


def record_send_event(services: Services, alert_id: str, number: int, position: int) -> None:
    """Store that SES has reported the send event of this recipient of a chunk."""
    events = {EventKind.SEND: [position]}
    chunk_events.add(services.petitions, alert_id, number, events, now=services.now())
