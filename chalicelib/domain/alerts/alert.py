"""An alert: the sending of one update or digest to its subscribers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Alert:
    """The sending of one update or digest. `cursor` is where fan-out stands, None at its end.

    `alert_id` is the id of the update, or of the digest. `update_names` are the updates that a
    digest holds, as they were when it was made; an alert of one update needs none.
    `settled_count` says that the chunks below this number are known to be settled.
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
