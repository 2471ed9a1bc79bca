"""An alert: the sending of one update or digest to its subscribers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Alert:
    """The sending of one update or digest.

    `alert_id` is the id of the update or digest. `cursor` is the place that fan-out has reached,
    None at its end. All chunks below `settled_count` are settled. `update_names` are the updates
    of a digest, and empty for an alert of one update.
    """

    alert_id: str
    started_at: datetime
    changed_at: datetime
    cursor: str | None
    chunk_count: int
    settled_count: int
    update_names: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every recipient has an outcome."""
        return self.cursor is None and self.settled_count >= self.chunk_count
