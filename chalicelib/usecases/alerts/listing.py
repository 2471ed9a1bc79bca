"""Lists the news of a petition: its updates, and the newest alerts by which news was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.domain.alerts import digest
from chalicelib.domain.alerts.alert import Alert, AlertKind
from chalicelib.domain.alerts.digest import DIGESTS, PendingDigests
from chalicelib.domain.alerts.schedule import ZonedMoment
from chalicelib.domain.petitions.petition import PetitionState
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.domain.subscriber import Frequency
from chalicelib.store.alerts import alerts, digests
from chalicelib.store.integrity import tallies
from chalicelib.store.petitions import petitions, updates
from chalicelib.wiring import Services

LISTED: Final = 100
"""Alerts that are read, the newest: one call."""


@dataclass(frozen=True, kw_only=True)
class PlannedDigest:
    """The next digest of a frequency: when it is made, and the names of what it will hold.

    `due_at` is aware UTC; people are shown it in the zone.
    """

    frequency: Frequency
    due_at: datetime
    zone: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name that it will have, such as `week-2026-03-09`."""
        return digest.digest_name(self.frequency, ZonedMoment(at=self.due_at, zone=self.zone).day)


@dataclass(frozen=True, kw_only=True)
class SentNews:
    """An update if it is published, and the alert by which it, or a digest, was sent."""

    update: Update | None
    alert: Alert | None


@dataclass(frozen=True, kw_only=True)
class NewsList:
    """The updates of a petition, newest first; its newest alerts; and the digests to come."""

    updates: Sequence[Update]
    alerts: Sequence[Alert]
    digests: Sequence[PlannedDigest]

    @property
    def alert_of(self) -> Mapping[str, Alert]:
        """The alerts of updates, by the names of these."""
        return {alert.name: alert for alert in self.alerts if alert.kind is AlertKind.UPDATE}


def list_news(services: Services, slug: str) -> NewsList:
    """The news of a petition, in five reads, seven while digests are due. Raises NotFound.

    One more read once the petition has closed.
    """
    table = services.petitions
    newest = alerts.list_of_petition(table, slug)[:LISTED]
    return NewsList(
        updates=updates.list_of(table, slug),
        alerts=alerts.find_many(table, newest),
        digests=planned_digests(services, slug),
    )


def find_update(services: Services, update_id: str) -> Update | None:
    """A published update, or None. Raises Unavailable."""
    return updates.find(services.petitions, *split_id(update_id))


def find_news(services: Services, update_id: str) -> SentNews:
    """An update or digest and its alert, None for what there is not. Raises Unavailable."""
    slug, name = split_id(update_id)
    return SentNews(
        update=updates.find(services.petitions, slug, name),
        alert=alerts.find(services.petitions, slug, name),
    )


def planned_digests(services: Services, slug: str) -> Sequence[PlannedDigest]:
    """The digests to come of a petition, if any news waits for them. Raises NotFound.

    None once its subscribers are being destroyed.
    """
    petition = petitions.get(services.petitions, slug)
    is_closed = petition.state(services.now()) is PetitionState.CLOSED
    if is_closed and tallies.is_frozen(services.petitions, slug):
        return ()
    zone = petition.digest_times.zone
    pending = digests.get(services.petitions, slug)
    return [
        PlannedDigest(
            frequency=frequency,
            due_at=_next_digest(services, pending, frequency),
            zone=zone,
            names=names,
        )
        for frequency in DIGESTS
        if (names := pending.updates_for(frequency).names)
    ]


def _next_digest(services: Services, pending: PendingDigests, frequency: Frequency) -> datetime:
    """The moment of the next digest: the last one, if that is due and was not started yet."""
    now = services.now()
    if pending.is_due(frequency, now):
        name = pending.digest_name(frequency, now)
        if alerts.find_id(services.petitions, pending.slug, name) is None:
            return pending.times.latest(frequency, now)
    return pending.times.following(frequency, now)
