"""SES's events about mails, from the feedback queue."""

import logging
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import wiring
from chalicelib.mail import ses_events
from chalicelib.routes import logs
from chalicelib.routes.events.errors import redact_errors

logs.configure()
log = logging.getLogger(__name__)
blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(queue="zaklik-feedback", batch_size=100)
@redact_errors
def record_feedback(event: SQSEvent) -> dict[str, Any]:
    """Record a batch of events. The answer names the messages that have to come again.

    A message that cannot be read is one of them, and hinders no other.
    """
    from chalicelib.usecases import feedback  # noqa: PLC0415

    events, failed = {}, set[str]()
    for message in event.to_dict()["Records"]:
        message_id = message["messageId"]
        try:
            events[message_id] = ses_events.read(message["body"])
        except (KeyError, TypeError, ValueError) as error:
            logs.report(log, "record_feedback", error)
            failed.add(message_id)
    failed |= feedback.record(wiring.services(), events)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
