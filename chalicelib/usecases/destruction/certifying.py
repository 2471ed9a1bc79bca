"""Ends a destruction: removes lists and what the desk keeps, and attests what was destroyed.

The exporter does it: it alone may delete files, and has the key by which exports are attested.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from chalicelib.crypto import attestation
from chalicelib.domain.organisers.jobs import PARTS, Job, JobKind, JobOvertaken, JobState
from chalicelib.mail.jobs import RunSlice
from chalicelib.store import export_files
from chalicelib.store.dynamodb.items import to_moment
from chalicelib.store.organisers import desk_items, jobs
from chalicelib.usecases.destruction.destroying import TABLES_DONE
from chalicelib.wiring import Services

FORMAT: Final = "zaklik-destruction/1"
AT_DESK: Final = (
    "Drafts of the petition and of its updates, with all versions and pictures.",
    "The key file as the desk has stored it, approvals, jobs, and links to lists.",
)
STAYS: Final = (
    "The texts of the petition and of its updates as they were published, and totals, are kept.",
    "The trail, the organisers' roles on the petition and this certificate are kept.",
    "Who was mailed an update is kept under indexes until 30 days after the mails.",
    "Copies of the tables, which AWS keeps for at most 35 days, hold sealed signatures.",
    "Without the index salt nobody can look for an address in either.",
    "Only the organisers' keys open them. Whoever destroys these ends that, too.",
    "In these copies the service's own key could open the addresses of subscribers.",
    "Lists that organisers have fetched before are theirs to delete.",
)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """The text that is attested (JSON), and its attestation (68 bytes)."""

    text: str
    attestation: bytes

    @property
    def values(self) -> Mapping[str, Any]:
        """What the text says."""
        return dict(json.loads(self.text))


def finish(services: Services, message: RunSlice) -> None:
    """Remove files and the desk's items, store the certificate, and end the job. Safe to repeat.

    Raises Unavailable.
    """
    job = jobs.find(services.organisers, message.slug, message.job_id)
    if job is None or job.kind is not JobKind.DESTROY or not job.is_open:
        return
    if job.cursor != TABLES_DONE:
        return
    listed = jobs.list_newest(services.organisers, job.slug, now=services.now())
    others = [each for each in listed if each.kind is not JobKind.DESTROY]
    try:
        noted = _with_exports_removed(services, job, others)
    except JobOvertaken:
        return
    desk_items.delete_all(services.organisers, job.slug, job_ids=[each.id for each in others])
    text = json.dumps(_values(noted, services.now()), indent=2, ensure_ascii=False)
    key = services.secrets.export_keys.current(services.now())
    attested = attestation.attest(key.raw, attestation.destruction_statement(text.encode()))
    certificate = {"certificate": text, "attestation": attested}
    jobs.save(
        services.organisers,
        replace(
            noted,
            state=JobState.DONE,
            done_parts=PARTS,
            changed_at=services.now(),
            checkpoint={**noted.checkpoint, **certificate},
        ),
    )


def certificate_of(job: Job) -> Certificate | None:
    """The certificate of a destruction that is done, or None."""
    if job.state is not JobState.DONE:
        return None
    values = job.checkpoint
    return Certificate(text=values["certificate"], attestation=values["attestation"])


def in_words(certificate: Certificate) -> str:
    """The certificate as a text for people."""
    values = certificate.values
    lines = [
        f"Certificate of destruction: the petition “{values['petition']}”",
        "",
        f"Asked for by {values['asked_by']}, {values['asked_at']}.",
        f"The salt of its blind indexes was deleted at {values['index_salt_deleted_at']}.",
        f"Everything was deleted by {values['finished_at']}:",
        *(
            f"- {name}: {values[name]['count']:,}; SHA-256 of their indexes: "
            f"{values[name]['sha256'] or 'none'}"
            for name in ("signatures", "subscriptions")
        ),
        *(
            f"- the file of a list of {export['signatures']:,} signatures, made at "
            f"{export['made_at']}; its digest: {export['sha256']}"
            for export in values["exports"]
        ),
        "",
        "Deleted at the desk:",
        *(f"- {sentence}" for sentence in values["at_desk"]),
        "",
        "What stays:",
        *(f"- {sentence}" for sentence in values["stays"]),
        "",
        f"Attestation: {base64.b64encode(certificate.attestation).decode()}",
        "It is of the text in the certificate for programs (JSON).",
    ]
    return "\n".join(lines) + "\n"


def _with_exports_removed(services: Services, job: Job, others: Sequence[Job]) -> Job:
    """The job with each export noted, whose file is gone. Raises JobOvertaken.

    They are stored with it before their own jobs are deleted, so that a crash forgets none.
    """
    removed = [_removed(services, each) for each in others if each.kind is JobKind.EXPORT]
    exports = {
        **job.checkpoint.get("exports", {}),
        **{each.id: _export_values(each) for each in removed if each.checkpoint},
    }
    noted = replace(
        job,
        counts={**job.counts, "exports": len(exports)},
        checkpoint={**job.checkpoint, "exports": exports},
    )
    return jobs.save_progress(services.organisers, noted, now=services.now())


def _removed(services: Services, export: Job) -> Job:
    """The export, ended if it was not, once it has no file any more."""
    latest = export
    while latest.is_open:
        ended = replace(latest, state=JobState.CANCELLED, changed_at=services.now())
        saved = jobs.save(services.organisers, ended)
        latest = saved or jobs.find(services.organisers, export.slug, export.id) or ended
    if latest.checkpoint:
        key = export_files.key_of(latest.slug, latest.id)
        export_files.remove(services.export_files, key, latest.checkpoint["upload_id"])
    return latest


def _export_values(export: Job) -> Mapping[str, Any]:
    return {
        "made_at": _written(export.asked_at),
        "signatures": export.counts.get("signatures", 0),
        "sha256": export.checkpoint["packed"]["digest"].hex(),
    }


def _values(job: Job, now: datetime) -> Mapping[str, Any]:
    digests, exports = job.checkpoint["digests"], job.checkpoint["exports"]
    return {
        "format": FORMAT,
        "petition": job.slug,
        "asked_by": job.asked_by.name,
        "asked_at": _written(job.asked_at),
        "index_salt_deleted_at": _written(to_moment(job.checkpoint["shut_at"])),
        "finished_at": _written(now),
        "signatures": _deleted(job, "signatures", digests),
        "subscriptions": _deleted(job, "subscriptions", digests),
        "exports": [exports[job_id] for job_id in sorted(exports)],
        "at_desk": AT_DESK,
        "stays": STAYS,
    }


def _deleted(job: Job, name: str, digests: Mapping[str, str]) -> Mapping[str, Any]:
    """How many records were deleted, and the digest of their indexes in the order of deletion."""
    return {"count": job.counts.get(name, 0), "sha256": digests.get(name, "")}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
