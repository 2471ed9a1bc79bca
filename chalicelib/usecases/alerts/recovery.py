"""Finds the work of open alerts that got lost, and closes what is settled, once a minute.

It is safe to run twice: a job that is queued twice sends nothing twice.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from chalicelib.domain.alerts import pilot
from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.alerts.chunk import Chunk, ChunkState, Group, Outcome
from chalicelib.domain.alerts.survey import MESSAGE_TIMEOUT, GroupSurvey, Survey, last_progress
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import FanOut
from chalicelib.protection import sending_rate
from chalicelib.store.alerts import alerts, chunks, groups
from chalicelib.usecases.alerts import controlling, fan_out, pilots
from chalicelib.usecases.alerts.doubting import Doubts
from chalicelib.usecases.alerts.isolating import isolated
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_STALLED_AFTER: Final = timedelta(minutes=30)
_GROUPS_PER_RUN: Final = 400
"""Groups of one alert that one run reads at most: those of a million recipients."""
_CANCELLED_PER_RUN: Final = 20
"""The same of a cancelled alert, each chunk of which is written."""
_UNREACHED_GROUPS: Final = 3
"""Groups that sending has not reached, after which those behind need no look."""


def every_minute(services: Services) -> None:
    """Recover each alert that is not complete. The error of one stops no other.

    Raises the first error at the end, which raises an alarm. The next run tries again.
    """
    errors: list[Exception] = []
    doubts = Doubts(services=services)
    surveys: list[Survey] = []
    with isolated(errors, "open alerts"):
        for alert_id in alerts.list_open(services.petitions):
            with isolated(errors, f"alert {alert_id}"):
                surveys += _recover(services, alert_id, doubts)
    with isolated(errors, "chunks in doubt"):
        doubts.finish()
    if surveys:
        with isolated(errors, "lost chunks"):
            _queue_lost(services, surveys)
    if errors:
        raise errors[0]


def _recover(services: Services, alert_id: str, doubts: Doubts) -> list[Survey]:
    """Close the settled groups of an alert, resolve doubts, complete it when nothing is left.

    Returns the survey of an open alert that goes on.
    """
    alert = alerts.get(services.petitions, alert_id)
    if alert.state is AlertState.PAUSED:
        # Without the reason: a person has typed it, perhaps with a name.
        log.error("paused alert %s", alert_id)
        return []
    if alert.is_open and controlling.pause_if_switched_off(services, alert_id, alert.slug):
        return []
    cancelled = alert.is_cancelled
    if alert.is_open and alert.cursor is not None:
        _continue_fan_out(services, alert)
    limit = _CANCELLED_PER_RUN if cancelled else _GROUPS_PER_RUN
    found = groups.page_of(services.petitions, alert_id, limit=limit)
    surveyed: list[GroupSurvey] = []
    for group in found:
        surveyed.append(_survey(services, alert, group, doubts))
        unreached = sum(survey.reached_at is None for survey in surveyed)
        if unreached == _UNREACHED_GROUPS and not cancelled:
            break
    whole = len(surveyed) == len(found) < limit
    survey = Survey(alert=alert, groups=tuple(surveyed), all_groups=whole)
    if survey.is_over:
        alerts.mark_complete(services.petitions, alert, now=services.now())
        return []
    return [survey] if alert.is_open else []


def _continue_fan_out(services: Services, alert: Alert) -> None:
    """Look at the pilot that an alert waits for, or queue a fan-out that was lost."""
    if pilot.is_awaited(alert):
        pilots.check(services, alert)
    elif services.now() - alert.changed_at >= MESSAGE_TIMEOUT:
        job = FanOut(alert_id=alert.alert_id)
        job_queue.put(services.sqs, services.settings.job_queue_url, job, services.job_key)


def _survey(services: Services, alert: Alert, group: Group, doubts: Doubts) -> GroupSurvey:
    """Close a group if it is settled, else resolve what is in doubt."""
    now = services.now()
    read = chunks.list_of_group(services.petitions, alert.alert_id, group)
    closed = all(chunk.is_settled for chunk in read) and groups.close(
        services.petitions, alert.alert_id, group, read, now=now
    )
    if not closed:
        doubts.resolve(alert, [chunk for chunk in read if chunk.is_in_doubt(now)])
        if alert.is_cancelled:
            _cancel(services, read)
    return GroupSurvey(group=group, chunks=tuple(read), is_closed=closed)


def _cancel(services: Services, read: Sequence[Chunk]) -> None:
    """Settle the chunks that are due."""
    for chunk in read:
        if chunk.state is ChunkState.DUE:
            outcomes = dict.fromkeys(chunk.open_positions, Outcome.CANCELLED)
            chunks.release(services.petitions, chunk, outcomes, now=services.now())


def _queue_lost(services: Services, surveys: Sequence[Survey]) -> None:
    """Queue the chunks whose messages got lost, and say which alerts do not get on.

    While sending is stopped its messages wait. An alert may wait for its turn while another gets
    on: all are behind each other in one queue.
    """
    now, pace = services.now(), sending_rate.current(services)
    if pace.stop or pace.bulk_left == 0:
        return
    idle = now - last_progress(surveys)
    for survey in surveys:
        alert_id = survey.alert.alert_id
        for lost in survey.lost(now, idle=idle):
            if groups.mark_queued(services.petitions, alert_id, lost.group, now=now):
                fan_out.queue_due(services, lost.chunks)
        if idle >= _STALLED_AFTER and not pilot.is_awaited(survey.alert):
            log.error("stalled alert %s", alert_id)
