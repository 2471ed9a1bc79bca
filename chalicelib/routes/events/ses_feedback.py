"""SES events about mails, from the feedback queue."""

import json

from chalice.app import Blueprint, SQSEvent

from chalicelib import wiring
from chalicelib.routes import logs
from chalicelib.routes.events.errors import redact_errors

logs.configure()
blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(queue="zaklik-feedback", batch_size=1)
@redact_errors
def record_feedback(event: SQSEvent) -> None:
    """Record the send events of alerts. Events of other mails are ignored."""
    from chalicelib.usecases import feedback  # noqa: PLC0415

    for record in event:
        detail = json.loads(record.body)["detail"]
        tags = detail["mail"].get("tags", {})
        if detail["eventType"] == "Send" and "recipient" in tags:
            feedback.record_send_event(
                wiring.services(),
                tags["alert"][0],
                int(tags["chunk"][0]),
                int(tags["recipient"][0]),
            )
