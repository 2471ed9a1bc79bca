"""Long work for organisers: an export, the destruction of a petition's data.

A job is done in slices of bounded time, each by a message of a queue. Its revision goes up by one
with each change that is stored: two workers at once cannot both store theirs.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from chalicelib.domain.organisers.actor import Actor

_ID: Final = re.compile(r"[0-9a-f]{27}")
PARTS: Final = 256
"""Parts of the work of a job, as progress is shown: the buckets of a petition's signatures."""


class JobOvertaken(Exception):
    """Another worker goes on with the job, or somebody has ended it."""


class JobKind(StrEnum):
    """What a job does."""

    EXPORT = "export"
    DESTROY = "destroy"
    MODERATE = "moderate"


class JobState(StrEnum):
    """The state of a job. A waiting one has not begun: it is queued, or not approved yet."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Job:
    """Work on the petition `slug` that somebody asked for.

    `cursor` is the place that the work has reached, which
    only the use case of its kind reads, as it does `checkpoint`, in DynamoDB's types. `counts` has
    what was done, by name. `detail` says why a job failed; it names no signer and no address.
    `worker` is the random id of the process that stored it last.
    """

    id: str
    slug: str
    kind: JobKind
    state: JobState
    asked_by: Actor
    asked_at: datetime
    changed_at: datetime
    cursor: str = ""
    done_parts: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    checkpoint: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""
    worker: str = ""
    revision: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the job is not ended."""
        return self.state in (JobState.WAITING, JobState.RUNNING)


def new_job_id(now: datetime) -> str:
    """A new id: the milliseconds since 1970 in 11 hexadecimal digits, and 16 random ones.

    Text order is the order in which jobs were asked for.
    """
    return f"{round(now.timestamp() * 1000):011x}{secrets.token_hex(8)}"


def asked_at(job_id: str) -> datetime:
    """When the job of an id was asked for, in UTC. Raises ValueError for what is no id."""
    if not _ID.fullmatch(job_id):
        raise ValueError("no id of a job")
    return datetime.fromtimestamp(int(job_id[:11], 16) / 1000, UTC)
