"""Makes links to the files of exports. Only the exporter may read these files."""

from datetime import timedelta
from typing import Final

from chalicelib.domain.organisers.jobs import JobKind, JobState
from chalicelib.store import export_files
from chalicelib.store.organisers import export_links, jobs
from chalicelib.store.organisers.export_links import ExportLink
from chalicelib.wiring import Services

LIFETIME: Final = timedelta(minutes=10)


def make_link(services: Services, slug: str, job_id: str, *, organiser_id: str) -> None:
    """Store an organiser's link to the file of an export. Safe to repeat. Raises Unavailable."""
    job = jobs.find(services.organisers, slug, job_id)
    if job is None or job.kind is not JobKind.EXPORT or job.state is not JobState.DONE:
        return
    now = services.now()
    url = export_files.link_to(
        services.export_files,
        export_files.key_of(slug, job_id),
        file_name=f"{slug}-{job.changed_at:%Y-%m-%d}.zaklik",
        lifetime=LIFETIME,
    )
    link = ExportLink(url=url, expires_at=now + LIFETIME)
    export_links.save(services.organisers, slug, job_id, organiser_id, link)
