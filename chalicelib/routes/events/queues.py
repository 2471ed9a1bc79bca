"""Messages of the queues of mails, of jobs, of changes and of exports."""

from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import wiring
from chalicelib.mail import jobs
from chalicelib.mail.jobs import (
    DeleteSuppression,
    EraseSignature,
    EraseSubscription,
    FanOut,
    HoldSignatures,
    MailAgain,
    MakeExportLink,
    QueueAgain,
    ReleaseSignatures,
    Reseal,
    RunSlice,
    SendChunk,
    SendMail,
    SendProbe,
    SendTest,
)
from chalicelib.routes import logs
from chalicelib.routes.events.errors import UnknownEvent, redact_errors

logs.configure()
blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(queue="zaklik-mail", batch_size=1)
@redact_errors
def send_mail(event: SQSEvent) -> dict[str, Any]:
    """Send a single mail; one that has to wait is reported, and stays on the queue."""
    from chalicelib.usecases import mailing  # noqa: PLC0415

    services = wiring.services()
    waiting = []
    for record in event:
        message = record.to_dict()
        job = jobs.from_body(record.body, services.secrets.job_keys)
        if not isinstance(job, SendMail):
            raise UnknownEvent
        deliveries = int(message["attributes"]["ApproximateReceiveCount"])
        if not mailing.deliver(services, job, record.receipt_handle, deliveries=deliveries):
            waiting.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": waiting}


@blueprint.on_sqs_message(queue="zaklik-jobs", batch_size=1)
@redact_errors
def run_job(event: SQSEvent) -> None:
    """Run a piece of an alert; send a test or a probe; or seal a page of subscribers anew."""
    from chalicelib.usecases.alerts import (  # noqa: PLC0415
        fan_out,
        probing,
        resealing,
        retrying,
        sending,
        testing,
    )

    services = wiring.services()
    for record in event:
        match jobs.from_body(record.body, services.secrets.job_keys):
            case FanOut(alert_id=alert_id):
                fan_out.fan_out(services, alert_id)
            case SendChunk() as job:
                sending.send_chunk(services, job)
            case QueueAgain() as job:
                fan_out.queue_again(services, job)
            case MailAgain() as job:
                retrying.mail_again(services, job)
            case SendTest() as job:
                testing.send_test(services, job)
            case SendProbe() as job:
                probing.send(services, job)
            case Reseal() as job:
                resealing.reseal(services, job)
            case _:
                raise UnknownEvent


@blueprint.on_sqs_message(queue="zaklik-changes.fifo", batch_size=1)
@redact_errors
def change_records(event: SQSEvent) -> None:
    """Hold, release, erase or destroy records of people, as organisers or data requests demand."""
    from chalicelib.usecases.destruction import destroying  # noqa: PLC0415
    from chalicelib.usecases.signatures import (  # noqa: PLC0415
        bulk_moderating,
        data_requests,
        moderating,
    )

    services = wiring.services()
    secrets = services.secrets
    for record in event:
        job = jobs.from_body(
            record.body, secrets.job_keys, data_request_keys=secrets.data_request_keys
        )
        match job:
            case HoldSignatures():
                moderating.hold(services, job)
            case ReleaseSignatures():
                moderating.release(services, job)
            case RunSlice():
                # Each goes on with jobs of its own kind alone.
                bulk_moderating.run_slice(services, job)
                destroying.run_slice(services, job)
            case EraseSignature() | EraseSubscription() | DeleteSuppression():
                data_requests.answer(services, job)
            case _:
                raise UnknownEvent


@blueprint.on_sqs_message(queue="zaklik-exports.fifo", batch_size=1)
@redact_errors
def run_export(event: SQSEvent) -> None:
    """Go on with an export, make a link to the file of one, or end a destruction."""
    from chalicelib.usecases.destruction import certifying  # noqa: PLC0415
    from chalicelib.usecases.exports import exporting, linking  # noqa: PLC0415

    services = wiring.services()
    for record in event:
        match jobs.from_body(record.body, services.secrets.job_keys):
            case RunSlice() as job:
                exporting.run_slice(services, job.slug, job.job_id)
                certifying.finish(services, job)
            case MakeExportLink(slug=slug, job_id=job_id, organiser_id=organiser_id):
                linking.make_link(services, slug, job_id, organiser_id=organiser_id)
            case _:
                raise UnknownEvent
