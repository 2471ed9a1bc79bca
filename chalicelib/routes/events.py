"""The back door: queue messages, stream records, SES events and the clock.

Chalice deploys each handler as `chalicelib.routes.events.<name>`; `app.py` is not imported then.
Each imports what it needs when it is called: this module is imported by every function.
Queue names and the stream's ARN are only names here: `.chalice/resources.json` sets the real ones.
"""

import json
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from chalice.app import Blueprint, CloudWatchEvent, DynamoDBEvent, SQSEvent

from chalicelib import jobs, logs, wiring
from chalicelib.domain import tally as counting
from chalicelib.domain.tally import Change, Image
from chalicelib.jobs import FanOut, SendChunk, SendMail

logs.configure()
log = logging.getLogger(__name__)
blueprint = Blueprint(__name__)

STREAM_ARN: Final = "arn:aws:dynamodb:us-east-1:000000000000:table/signatures/stream/latest"


class Failed(Exception):
    """A handler could not do its work; AWS will deliver the event again. Names only our own."""


class UnknownEvent(Exception):
    """An event that this handler cannot have been sent."""


def kept_private(handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let an error out by name and place only: AWS logs its message, which may quote a person."""

    @wraps(handler)
    def guarded(event: Any) -> Any:
        try:
            return handler(event)
        except Exception as error:  # noqa: BLE001 - whatever it is, AWS would log what it says
            failed = logs.report(log, handler.__name__, error)
        # Raised out here, so that the error is not chained to it and printed after all.
        raise Failed(failed)

    return guarded


@blueprint.on_sqs_message(queue="zaklik-mail", batch_size=1)
@kept_private
def send_mail(event: SQSEvent) -> None:
    """Send a single mail."""
    from chalicelib.usecases import mailing  # noqa: PLC0415

    for record in event:
        job = jobs.from_body(record.body)
        if not isinstance(job, SendMail):
            raise UnknownEvent
        mailing.send_mail(wiring.services(), job)


@blueprint.on_sqs_message(queue="zaklik-jobs", batch_size=1)
@kept_private
def work_off(event: SQSEvent) -> None:
    """Work off a piece of an alert."""
    from chalicelib.usecases import alerting, delivering  # noqa: PLC0415

    for record in event:
        match jobs.from_body(record.body):
            case FanOut(alert_id=alert_id):
                alerting.fan_out(wiring.services(), alert_id)
            case SendChunk(alert_id=alert_id, number=number):
                delivering.send_chunk(wiring.services(), alert_id, number)
            case _:
                raise UnknownEvent


@blueprint.on_sqs_message(queue="zaklik-feedback", batch_size=1)
@kept_private
def note_feedback(event: SQSEvent) -> None:
    """Note what SES says about mails of alerts; what it says about others is not for us."""
    from chalicelib.usecases import delivering  # noqa: PLC0415

    for record in event:
        detail = json.loads(record.body)["detail"]
        tags = detail["mail"].get("tags", {})
        if detail["eventType"] == "Send" and "recipient" in tags:
            delivering.mark_seen(
                wiring.services(),
                f"{tags['petition'][0]}/{tags['update'][0]}",
                int(tags["chunk"][0]),
                int(tags["recipient"][0]),
            )


@blueprint.on_dynamodb_record(stream_arn=STREAM_ARN, batch_size=1000)
@kept_private
def tally(event: DynamoDBEvent) -> dict[str, Any]:
    """Count changes of signatures.

    The stream is mapped with a tumbling window, because only then does the event name its shard,
    and the answer must hold a state.
    """
    from chalicelib.usecases import tallying  # noqa: PLC0415

    values = event.to_dict()
    changes = [_change(record["dynamodb"]) for record in values["Records"]]
    if changes:
        tallying.count_changes(wiring.services(), values["shardId"], changes)
    return {"state": {}}


@blueprint.schedule("rate(1 minute)")
@kept_private
def tick(event: CloudWatchEvent) -> None:
    """Start what is due and mend what is stuck; see whether too many forms come.

    What goes wrong with one is told when the other has been tried, too.
    """
    from chalicelib.usecases import alerting, shielding  # noqa: PLC0415

    services = wiring.services()
    errors: list[Exception] = []
    for step in (alerting.tick, shielding.tick):
        try:
            step(services)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other one is tried
            errors.append(error)
    if errors:
        # The first is logged where it ends up.
        for other in errors[1:]:
            logs.report(log, "tick", other)
        raise errors[0]


@blueprint.schedule("cron(20 3 * * ? *)")
@kept_private
def reconcile(event: CloudWatchEvent) -> None:
    """Count everything once a night and repair a tally that has drifted."""
    from chalicelib.usecases import tallying  # noqa: PLC0415

    tallying.reconcile(wiring.services())


def _change(record: dict[str, Any]) -> Change:
    return Change(
        slug=str(record["Keys"]["pk"]["S"]).rpartition("#")[0],
        sequence=counting.sequence(record["SequenceNumber"]),
        differences=counting.differences(
            _image(record.get("OldImage")), _image(record.get("NewImage"))
        ),
    )


def _image(item: dict[str, Any] | None) -> Image | None:
    if not item:
        return None
    # A tombstone has no country.
    return Image(state=str(item["state"]["S"]), country=str(item.get("country", {"S": ""})["S"]))
