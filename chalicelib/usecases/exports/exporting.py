"""Writes the sealed signatures of a petition to a file in S3, slice by slice.

The file is gzip of lines of JSON, here with line breaks for reading:

  {"format": "zaklik-export/1", "petition": "open-door",
   "exported_at": "2026-03-08T12:00:00+00:00", "keys": [{"public_key": "…", "wraps": […]}]}
  {"index": "013f9a…", "confirmed_on": "2026-03-07", "sealed": "…", "attestation": "…"}
  {"damaged": "0140e1…"}
  {"manifest": TEXT, "attestation": "…"}

TEXT is JSON in a string, so that its bytes are those that were attested:

  {"petition": "open-door", "count": 1, "held": 0, "damaged": 1, "sha256": "0f3a…"}

`sha256` is the digest of all lines before the manifest, in hexadecimal: a chain over sections of
1,000 lines, as `crypto/section_digest.py` says. `attestation` of the manifest is four bytes of the
exporter's key and Ed25519 over `zaklik/export/1/` and the manifest's text; all bytes are base64.
Lines of signatures and damaged items are in the order of buckets (the third and fourth digit of an
index) and then of indexes.
"""

import base64
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib.crypto import attestation, petition_key_files
from chalicelib.crypto.petition_key_files import NotAPetitionKey
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers.jobs import PARTS, Job, JobKind, JobOvertaken, JobState
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import RunSlice
from chalicelib.store import export_files, keys
from chalicelib.store.export_files import UploadedPart, UploadGone
from chalicelib.store.organisers import jobs
from chalicelib.store.petitions import petitions
from chalicelib.store.signatures import signatures
from chalicelib.usecases.exports import approving, packing
from chalicelib.usecases.exports.packing import FilePart, Packed
from chalicelib.wiring import Services

SLICE: Final = timedelta(seconds=15)
"""The time after which a slice lets other work go first, once it has uploaded a part.

A part is of confirmed signatures, and held ones are read on the way to it: their number is limited
by the timeout of the function.
"""


class CannotExport(Exception):
    """The export ends here. The message tells organisers why."""


def run_slice(services: Services, slug: str, job_id: str) -> None:
    """Go on with an export for a while, and queue its next slice until it is done.

    What is uploaded is stored with the job after each part, under its revision: of two workers at
    once one goes on. After a crash the next delivery of the message goes on from the last part. An
    export that was ended leaves nothing in the bucket. Raises Unavailable.
    """
    job = jobs.find(services.organisers, slug, job_id)
    if job is None or job.kind is not JobKind.EXPORT:
        return
    if not job.is_open:
        _remove_unless_done(services, job)
        return
    if not approving.may_begin(services, job):
        return
    try:
        job = _run(services, job)
    except JobOvertaken:
        _remove_unless_done(services, jobs.find(services.organisers, slug, job_id) or job)
        return
    except UploadGone:
        _fail(services, job, "S3 has lost its upload. Start another export.")
        return
    except CannotExport as error:
        _fail(services, job, str(error))
        return
    except Unavailable:
        raise
    except Exception:
        _fail(services, job, "It met an error. The operator finds it in the log of run-export.")
        raise
    if job.is_open:
        job_queue.put(
            services.sqs,
            services.settings.export_queue_url,
            RunSlice(slug=slug, job_id=job_id),
            services.job_key,
        )


def _run(services: Services, job: Job) -> Job:
    """Take the job over, and do its next steps until it is done or the time is up."""
    until = services.now() + SLICE
    job = _save(services, replace(job, state=JobState.RUNNING, worker=uuid.uuid4().hex))
    while job.is_open and services.now() < until:
        job = _save(services, _advanced(services, job))
    return job


def _advanced(services: Services, job: Job) -> Job:
    """The job after its next step: its upload is begun, a part is uploaded, or the file is there.

    Raises CannotExport, UploadGone, Unavailable.
    """
    if not job.checkpoint:
        upload_id = export_files.begin(services.export_files, _key(job))
        begun_at = services.now().isoformat(timespec="seconds")
        checkpoint = {"upload_id": upload_id, "exported_at": begun_at, "parts": []}
        return replace(job, checkpoint={**checkpoint, "packed": Packed().to_values()})
    if job.done_parts < PARTS:
        return _with_next_part(services, job)
    packed = Packed.from_values(job.checkpoint["packed"])
    export_files.complete(
        services.export_files,
        _key(job),
        job.checkpoint["upload_id"],
        [UploadedPart(number=number, tag=tag) for number, tag in job.checkpoint["parts"]],
        size=packed.size,
    )
    return replace(job, state=JobState.DONE)


def _with_next_part(services: Services, job: Job) -> Job:
    """The job once it has uploaded the signatures after its cursor that fill a part."""
    checkpoint = job.checkpoint
    part = FilePart(Packed.from_values(checkpoint["packed"]))
    if not checkpoint["parts"]:
        wrapped_keys = _petition_keys(services, job.slug)
        part.write(packing.header(job.slug, checkpoint["exported_at"], wrapped_keys))
    done_parts, cursor = _fill(services, job, part)
    if done_parts == PARTS:
        part.write(_attested(services, part.manifest(job.slug)))
    data, packed = part.end(last=done_parts == PARTS)
    # No other worker has this revision: none overwrites this part.
    uploaded = export_files.put_part(
        services.export_files, _key(job), checkpoint["upload_id"], job.revision, data
    )
    return replace(
        job,
        cursor=cursor,
        done_parts=done_parts,
        counts={"signatures": packed.count, "held": packed.held, "damaged": packed.damaged},
        checkpoint={
            **checkpoint,
            "parts": [*checkpoint["parts"], [uploaded.number, uploaded.tag]],
            "packed": packed.to_values(),
        },
    )


def _fill(services: Services, job: Job, part: FilePart) -> tuple[int, str]:
    """Pack signatures until the part is large enough or none is left.

    Returns the number of buckets that are read, and the last index of the next one, or "".
    """
    after = job.cursor or None
    for number, bucket in enumerate(keys.BUCKETS[job.done_parts :], start=job.done_parts):
        for signature in signatures.sealed_in(services.signatures, job.slug, bucket, after=after):
            part.add(signature)
            if part.may_end and part.size >= export_files.MIN_PART_BYTES:
                return number, signature.index
        after = None
    return PARTS, ""


def _save(services: Services, job: Job) -> Job:
    return jobs.save_progress(services.organisers, job, now=services.now())


def _fail(services: Services, job: Job, detail: str) -> None:
    """End the job as failed, unless somebody has ended it, and leave nothing in the bucket."""
    latest = jobs.find(services.organisers, job.slug, job.id)
    if latest is None:
        # A destruction has deleted the job, after its file.
        return
    if latest.is_open:
        failed = replace(latest, state=JobState.FAILED, detail=detail, changed_at=services.now())
        latest = jobs.save(services.organisers, failed) or latest
    _remove_unless_done(services, latest)


def _remove_unless_done(services: Services, job: Job) -> None:
    """Remove what an export has left that was ended before it was done."""
    if job.checkpoint and job.state in (JobState.FAILED, JobState.CANCELLED):
        export_files.remove(services.export_files, _key(job), job.checkpoint["upload_id"])


def _key(job: Job) -> str:
    return export_files.key_of(job.slug, job.id)


def _petition_keys(services: Services, slug: str) -> Sequence[Mapping[str, Any]]:
    """The petition's keys, wrapped for its organisers. Raises CannotExport, Unavailable."""
    text = petitions.find_key_file(services.petitions, slug)
    if text is None:
        raise CannotExport(
            "The service has no key file of the petition, without which nobody could open the "
            "list. Publish the petition again."
        )
    try:
        return petition_key_files.to_values(petition_key_files.read(text))
    except NotAPetitionKey as error:
        raise CannotExport(
            "The petition's key file is damaged. Publish the petition again."
        ) from error


def _attested(services: Services, manifest: str) -> Mapping[str, Any]:
    key = services.secrets.export_keys.current(services.now())
    statement = attestation.manifest_statement(manifest.encode())
    return {
        "manifest": manifest,
        "attestation": base64.b64encode(attestation.attest(key.raw, statement)).decode(),
    }
