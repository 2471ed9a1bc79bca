"""What runs by the clock: each minute, and once a night."""

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
    """Start what is due and mend what is stuck; see whether too many forms come.

    What goes wrong with one is told when the other has been tried, too.
    """
    from chalicelib.usecases import pressure  # noqa: PLC0415
    from chalicelib.usecases.alerts import fan_out  # noqa: PLC0415

    services = wiring.services()
    errors: list[Exception] = []
    for step in (fan_out.every_minute, pressure.every_minute):
        try:
            step(services)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other one is tried
            errors.append(error)
    if errors:
        # The first is logged where it ends up.
        for other in errors[1:]:
            logs.report(log, "every_minute", other)
        raise errors[0]


@blueprint.schedule("cron(20 3 * * ? *)")
@redact_errors
def reconcile(event: CloudWatchEvent) -> None:
    """Count everything once a night and repair a tally that has drifted."""
    from chalicelib.usecases.integrity import tallying  # noqa: PLC0415

    tallying.reconcile(wiring.services())
