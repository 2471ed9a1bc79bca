"""An alert: the sending of one update or digest to its subscribers."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.alerts import digest
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.alerts.content import AlertContent
from chalicelib.domain.alerts.pacing import Lane
from chalicelib.domain.petitions.update import OnDoubt
from chalicelib.domain.subscriber import NewsChoice


class AlertKind(StrEnum):
    """What an alert sends: one update, or a digest of several."""

    UPDATE = "update"
    DIGEST = "digest"


class AlertState(StrEnum):
    """The state of an alert. Only an open one is fanned out, sent and recovered."""

    OPEN = "open"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    COMPLETE = "complete"


@dataclass(frozen=True, kw_only=True)
class NewAlert:
    """An alert that is to start: of the update or digest `name` of the petition `slug`."""

    slug: str
    name: str
    kind: AlertKind
    update_names: tuple[str, ...]
    content: AlertContent
    on_doubt: OnDoubt = OnDoubt.ASK


@dataclass(frozen=True, kw_only=True)
class Alert:
    """The sending of the update or digest `name` of the petition `slug`.

    `reason` says why an alert is paused or cancelled, else it is empty. `cursor` is the place that
    fan-out has reached, None at its end. `totals` counts the recipients of settled groups by
    outcome, `refusals` those rejected by reason; `settled_at` is when the last were added to them.
    """

    alert_id: str
    slug: str
    name: str
    kind: AlertKind
    update_names: tuple[str, ...]
    state: AlertState
    reason: str
    on_doubt: OnDoubt
    started_at: datetime
    changed_at: datetime
    cursor: str | None
    chunk_count: int
    recipient_count: int
    pilot_checked: bool
    totals: Mapping[Outcome, int] = field(default_factory=dict)
    refusals: Mapping[str, int] = field(default_factory=dict)
    settled_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the alert goes on."""
        return self.state is AlertState.OPEN

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody has ended the alert: nobody more is mailed by it."""
        return self.state is AlertState.CANCELLED

    @property
    def lane(self) -> Lane:
        """Who its mails yield to."""
        return Lane.DIGEST if self.kind is AlertKind.DIGEST else Lane.ALERT

    def updates_for(self, choice: NewsChoice) -> tuple[str, ...]:
        """The names of its updates that reach a subscriber by this alert, none if it is not due."""
        way = digest.frequency_of(self.name)
        return tuple(name for name in self.update_names if choice.way_of(name) is way)


def new_id() -> str:
    """A new random id of an alert: 16 hexadecimal digits."""
    return secrets.token_hex(8)
