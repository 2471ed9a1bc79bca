"""What the desk's pages of exports share: an export as it is shown, and paths."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.domain.organisers.jobs import Job, JobState
from chalicelib.rendering import desk_urls
from chalicelib.usecases.exports import approving, ordering
from chalicelib.wiring import Services

TITLE: Final = "Lists of signatures"
REFRESH_SECONDS: Final = 5
_STATES: Final = {
    JobState.WAITING: ("In the queue", ""),
    JobState.RUNNING: ("Being made", ""),
    JobState.DONE: ("Ready", "good"),
    JobState.FAILED: ("Failed", "wrong"),
    JobState.CANCELLED: ("Ended", ""),
}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ShownExport:
    """An export in the list. `label` and `kind` are those of its state; `count` is None before."""

    href: str
    asked_at: str
    asked_by: str
    label: str
    kind: str
    count: int | None
    until: str


def shown_export(services: Services, job: Job) -> ShownExport:
    """An export as the pages show it."""
    label, kind = _STATES[job.state]
    if waits_for_approval(services, job):
        label, kind = "Waits for approval", "warning"
    has_file = ordering.has_file(services, job)
    if job.state is JobState.DONE and not has_file:
        label, kind = "Deleted after a week", ""
    return ShownExport(
        href=export_path(job.slug, job.id),
        asked_at=shown_moment(job.asked_at),
        asked_by=job.asked_by.name,
        label=label,
        kind=kind,
        count=job.counts.get("signatures"),
        until=f"{ordering.deleted_at(job):%-d %B}" if has_file else "",
    )


def waits_for_approval(services: Services, job: Job) -> bool:
    """Whether an export has not begun because no second organiser has approved it."""
    return job.state is JobState.WAITING and not approving.may_begin(services, job)


def file_size(job: Job) -> str:
    """The size of the file of an export, in words."""
    size = job.checkpoint["packed"]["size"] if job.checkpoint else 0
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"


def shown_moment(moment: datetime) -> str:
    """A moment in words."""
    return f"{moment:%-d %B %Y, %H:%M} UTC"


def lists_path(slug: str) -> str:
    """The path of all exports of a petition."""
    return desk_urls.petition(slug, "signatures")


def export_path(slug: str, job: str, what: str = "") -> str:
    """The path of an export, or of a form below it."""
    return f"{lists_path(slug)}/{job}/{what}" if what else f"{lists_path(slug)}/{job}"
