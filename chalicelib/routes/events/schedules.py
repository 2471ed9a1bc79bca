"""Scheduled handlers: each minute, and once a night."""

import logging

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib import wiring
from chalicelib.routes import logs
from chalicelib.routes.events.errors import redact_errors

logs.configure()
log = logging.getLogger(__name__)
blueprint = Blueprint(__name__)


@blueprint.schedule("rate(1 minute)")
@redact_errors
def every_minute(event: CloudWatchEvent) -> None:
    """Do what is due each minute: pace, alerts, proofs while too many forms come, public figures.

    An error of one does not stop the others.
    """
    from chalicelib.usecases import pacing, pressure  # noqa: PLC0415
    from chalicelib.usecases.alerts import recovery, scheduling  # noqa: PLC0415
    from chalicelib.usecases.integrity import disclosing  # noqa: PLC0415

    services = wiring.services()
    errors: list[Exception] = []
    steps = (pacing, scheduling, recovery, pressure, disclosing)
    for step in steps:
        try:
            step.every_minute(services)
        except Exception as error:  # noqa: BLE001 - the other steps run nevertheless
            errors.append(error)
    if errors:
        # `redact_errors` logs the first.
        for other in errors[1:]:
            logs.report(log, "every_minute", other)
        raise errors[0]


@blueprint.schedule("cron(20 3 * * ? *)")
@redact_errors
def reconcile(event: CloudWatchEvent) -> None:
    """Count all signatures, repair counts that have drifted, and count the subscribers."""
    from chalicelib.usecases.integrity import tallying  # noqa: PLC0415
    from chalicelib.usecases.subscriptions import counting  # noqa: PLC0415

    tallying.reconcile(wiring.services())
    counting.every_night(wiring.services())
