"""What organisers see of alerts and do with them: pause, resume, cancel, end a doubt."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.domain.alerts import pacing
from chalicelib.domain.alerts.alert import Alert, AlertKind, AlertState
from chalicelib.domain.alerts.chunk import ChunkState, Outcome
from chalicelib.domain.petitions.switches import Switch
from chalicelib.domain.petitions.update import OnDoubt, Update, split_id
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import FanOut, QueueAgain
from chalicelib.protection import sending_rate
from chalicelib.store.alerts import alerts, chunks, groups
from chalicelib.store.petitions import petitions, switches, updates
from chalicelib.wiring import Services

PAUSED_BY_PERSON: Final = "paused by a person"
"""The reason of a pause for which a person has given none."""
SWITCHED_OFF: Final = "alerts of this petition are switched off"
"""The reason of such a pause: only these alerts go on when they are switched on again."""
_GROUPS_READ: Final = 3
"""Groups that sending has not reached, after which those behind are not read."""


class AlertsSwitchedOff(Exception):
    """Nothing of this petition is mailed until its alerts are switched on."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an alert is.

    `outcomes` counts recipients, `refusals` those rejected, by SES's own word. `left` have no
    outcome yet; `in_doubt` of these may have been mailed. `per_second` is the average since the
    start, None before the first outcome. `expected_end` is None if the alert does not go on, or if
    SES's daily quota leaves no room. `stopped` says why sending stands still for all alerts, "" if
    it does not.
    """

    alert: Alert
    outcomes: Counter[Outcome]
    refusals: Counter[str]
    left: int
    in_doubt: int
    settled_at: datetime | None
    per_second: float | None
    expected_end: datetime | None
    stopped: str


@dataclass(frozen=True, kw_only=True)
class MissedRecipient:
    """A recipient, by blind index, who got no mail, and why."""

    index: str
    outcome: Outcome
    reason: str


def list_alerts(services: Services, slug: str | None = None) -> Sequence[Alert]:
    """The alerts of a petition, or of all, newest first. Raises Unavailable."""
    slugs = petitions.slugs(services.petitions) if slug is None else [slug]
    ids = [it for each in slugs for it in alerts.list_of_petition(services.petitions, each)]
    found = (alerts.get(services.petitions, alert_id) for alert_id in ids)
    return sorted(found, key=lambda alert: alert.started_at, reverse=True)


def digests_with(services: Services, alert: Alert) -> Sequence[Alert]:
    """The digests that have started, hold the update of an alert, and are not paused.

    Raises Unavailable.
    """
    open_ids = alerts.list_open(services.petitions, alert.slug)
    found = [alerts.get(services.petitions, alert_id) for alert_id in open_ids]
    return [
        each
        for each in found
        if each.kind is AlertKind.DIGEST and each.is_open and alert.name in each.update_names
    ]


def list_scheduled(services: Services, slug: str | None = None) -> Sequence[Update]:
    """The updates of a petition, or of all, that are to be mailed at a time, soonest first.

    Raises Unavailable.
    """
    found = []
    for entry in updates.list_scheduled(services.petitions):
        place = split_id(entry.update_id)
        if slug not in (None, place[0]):
            continue
        update = updates.find(services.petitions, *place)
        was_sent = alerts.find_id(services.petitions, *place) is not None
        if update and entry.is_of(update) and not was_sent:
            found.append(update)
    return found


def show(services: Services, alert_id: str) -> Progress:
    """How far an alert is: what is counted, and what is seen in the groups that are not settled.

    Raises NotFound, Unavailable.
    """
    alert, now = alerts.get(services.petitions, alert_id), services.now()
    outcomes, refusals = Counter(dict(alert.totals)), Counter(dict(alert.refusals))
    in_doubt, claimed, unreached = 0, 0, 0
    settled_at = alert.settled_at
    for group in groups.list_all(services.petitions, alert_id):
        read = chunks.list_of_group(services.petitions, alert_id, group)
        for chunk in read:
            outcomes += chunk.counts()
            refusals += chunk.refusals()
            in_doubt += len(chunk.open_positions) if chunk.is_in_doubt(now) else 0
            claimed += len(chunk.open_positions) if chunk.state is ChunkState.CLAIMED else 0
            if chunk.is_settled:
                settled_at = max(chunk.changed_at, settled_at or chunk.changed_at)
        unreached += not any(chunk.is_reached for chunk in read)
        if unreached == _GROUPS_READ:
            break
    left = alert.recipient_count - outcomes.total()
    if alert.is_cancelled:
        # Recovery has yet to settle them, and nobody can mail them any more.
        outcomes[Outcome.CANCELLED] += left - claimed
        left = claimed
    seconds = (settled_at - alert.started_at).total_seconds() if settled_at else 0
    pace = sending_rate.current(services)
    return Progress(
        alert=alert,
        outcomes=outcomes,
        refusals=refusals,
        left=left,
        in_doubt=in_doubt,
        settled_at=settled_at,
        per_second=outcomes.total() / seconds if seconds else None,
        expected_end=pacing.expected_end(pace, left, now) if alert.is_open else None,
        stopped=_stopped(pace),
    )


def _stopped(pace: pacing.Pace) -> str:
    if pace.stop:
        return pace.stop.reason
    return pacing.QUOTA_REASON if pace.bulk_left == 0 else ""


def pause(services: Services, alert_id: str, reason: str = "") -> bool:
    """Pause an open alert: chunks that SES has not been given go back. False if it is not open."""
    return alerts.mark(
        services.petitions,
        alert_id,
        AlertState.PAUSED,
        only_from=(AlertState.OPEN,),
        reason=reason or PAUSED_BY_PERSON,
        now=services.now(),
    )


def resume(services: Services, alert_id: str) -> bool:
    """Let a paused alert go on where it was. False if it is not paused.

    If it is killed after the first write, recovery finds the chunks.
    Raises AlertsSwitchedOff, after which it is paused, NotFound, Unavailable.
    """
    slug = alerts.get(services.petitions, alert_id).slug
    if _is_switched_off(services, slug):
        raise AlertsSwitchedOff
    resumed = alerts.mark(
        services.petitions,
        alert_id,
        AlertState.OPEN,
        only_from=(AlertState.PAUSED,),
        now=services.now(),
    )
    if resumed:
        # The switch may have been thrown in between, and have missed an alert that was paused.
        if pause_if_switched_off(services, alert_id, slug):
            raise AlertsSwitchedOff
        queued = (QueueAgain(alert_id=alert_id, after=None), FanOut(alert_id=alert_id))
        job_queue.put_all(services.sqs, services.settings.job_queue_url, queued, services.job_key)
    return resumed


def pause_if_switched_off(services: Services, alert_id: str, slug: str) -> bool:
    """Pause an open alert if its petition has switched alerts off; whether it has."""
    if not _is_switched_off(services, slug):
        return False
    pause(services, alert_id, SWITCHED_OFF)
    return True


def _is_switched_off(services: Services, slug: str) -> bool:
    return not switches.get(services.petitions, slug).is_on(Switch.ALERTS)


def cancel(services: Services, alert_id: str, reason: str = "") -> bool:
    """End an open or paused alert for good; mails that SES has are not called back.

    Recovery settles the rest. False if the alert is in neither state.
    """
    return alerts.mark(
        services.petitions,
        alert_id,
        AlertState.CANCELLED,
        only_from=(AlertState.OPEN, AlertState.PAUSED),
        reason=reason,
        now=services.now(),
    )


def skip_doubtful(services: Services, alert_id: str) -> None:
    """Decide that nobody is mailed of whom it is not known, an hour after they came in doubt.

    Raises NotFound.
    """
    alerts.mark_on_doubt(services.petitions, alert_id, OnDoubt.SKIP)


def missed(services: Services, alert_id: str) -> Iterator[MissedRecipient]:
    """Who got no mail and why, of the chunks that have not expired. Raises NotFound."""
    cancelled = alerts.get(services.petitions, alert_id).is_cancelled
    for chunk in chunks.list_of(services.petitions, alert_id, now=services.now()):
        for position, outcome in sorted(chunk.outcomes_of(cancelled=cancelled).items()):
            if outcome is not Outcome.SENT:
                yield MissedRecipient(
                    index=chunk.recipients[position],
                    outcome=outcome,
                    reason=chunk.reasons.get(position, ""),
                )
