"""How far the sending of an update or digest is, at the desk, and what can be done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.alerts import digest, schedule
from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, alert_outcomes, pages, update_texts
from chalicelib.routes.desk.alert_outcomes import OutcomeLine
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.updates import STATES, id_of
from chalicelib.usecases.alerts import controlling, listing, retrying
from chalicelib.usecases.alerts.controlling import AlertsSwitchedOff, Progress

blueprint = Blueprint(__name__)
route = access.router(blueprint)

PATH: Final = "/desk/petitions/{slug}/updates/{name}"
_REFRESH_SECONDS: Final = 10
_MAX_REASON: Final = 200


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AlertProgressPage(DeskPage):
    """How far an alert is. `actions` are what the organiser may do now, by name, with their paths.

    `rate` and `end` are "" if they are not known.
    """

    template: ClassVar[str] = "alert_progress.html"
    note: str
    state: str
    kind: str
    reason: str
    begun: str
    done: int
    total: int
    outcomes: Sequence[OutcomeLine]
    left: int
    in_doubt: int
    missed: int
    rate: str
    end: str
    waits: Sequence[str]
    refusals: Sequence[tuple[str, str, int]]
    actions: Mapping[str, str]
    bar_width: int
    max_reason: int


@route(f"{PATH}/progress", permission=Permission.VIEW)
def show_progress(request: DeskRequest, slug: str, name: str) -> Response:
    """How far an alert is; the page loads itself again while it goes on."""
    return _show(request, slug, name, "")


@route(f"{PATH}/pause", methods=["POST"], permission=Permission.SEND)
def pause(request: DeskRequest, slug: str, name: str) -> Response:
    """Pause an alert. Without a touch: who sees a mistake has no second to lose."""
    alert = _alert(request, slug, name, Act.PAUSE_ALERT)
    reason = " ".join(request.fields.get("reason", "").split())[:_MAX_REASON]
    paused = alert is not None and controlling.pause(request.services, alert.alert_id, reason)
    return _done(request, slug, name, paused, "Only an open alert can be paused.")


@route(f"{PATH}/resume", methods=["POST"], permission=Permission.SEND, touch=True)
def resume(request: DeskRequest, slug: str, name: str) -> Response:
    """Let a paused alert go on."""
    alert = _alert(request, slug, name, Act.RESUME_ALERT)
    try:
        resumed = alert is not None and controlling.resume(request.services, alert.alert_id)
    except AlertsSwitchedOff:
        return _done(request, slug, name, False, "Alerts are switched off: Settings, Switches.")
    return _done(request, slug, name, resumed, "Only a paused alert can go on.")


@route(f"{PATH}/cancel", methods=["POST"], permission=Permission.SEND, touch=True)
def cancel(request: DeskRequest, slug: str, name: str) -> Response:
    """End an alert for good."""
    alert = _alert(request, slug, name, Act.CANCEL_ALERT)
    cancelled = alert is not None and controlling.cancel(request.services, alert.alert_id)
    return _done(request, slug, name, cancelled, "It has ended already.")


@route(f"{PATH}/again", methods=["POST"], permission=Permission.SEND, touch=True)
def mail_again(request: DeskRequest, slug: str, name: str) -> Response:
    """Mail again whom an alert has missed."""
    alert = _alert(request, slug, name, Act.MAIL_AGAIN)
    if alert:
        retrying.ask_again_missed(request.services, alert.alert_id)
    return _show(request, slug, name, "Who was missed is mailed again. The numbers follow soon.")


@route(f"{PATH}/skip", methods=["POST"], permission=Permission.SEND, touch=True)
def skip(request: DeskRequest, slug: str, name: str) -> Response:
    """Leave out who is in doubt."""
    alert = _alert(request, slug, name, Act.SKIP_DOUBTFUL)
    if alert:
        controlling.skip_doubtful(request.services, alert.alert_id)
    return _show(request, slug, name, "Who is in doubt for an hour is left out.")


def _alert(request: DeskRequest, slug: str, name: str, act: Act) -> Alert | None:
    """The alert of an update or digest, after a line in the trail; None if there is none."""
    alert = listing.find_news(request.services, id_of(slug, name)).alert
    if alert:
        request.record(act, name)
    return alert


def _done(request: DeskRequest, slug: str, name: str, done: bool, otherwise: str) -> Response:
    if done:
        return pages.see_other(desk_urls.update(slug, name, "progress"))
    return _show(request, slug, name, f"Nothing was done. {otherwise}", status=409)


def _show(request: DeskRequest, slug: str, name: str, note: str, *, status: int = 200) -> Response:
    alert = listing.find_news(request.services, id_of(slug, name)).alert
    if alert is None:
        return pages.see_other(desk_urls.update(slug, name))
    progress = controlling.show(request.services, alert.alert_id)
    alert = progress.alert
    state, kind = STATES[alert.state]
    total = progress.outcomes.total() + progress.left
    goes_on = alert.is_open and not note
    contents = AlertProgressPage(
        layout=pages.layout(
            request,
            digest.title_of(name) if digest.is_name(name) else "Sending",
            refresh=_REFRESH_SECONDS if goes_on else 0,
            crumbs=_crumbs(slug, name),
        ),
        note=note,
        state=state,
        kind=kind,
        reason=alert.reason,
        begun=f"{alert.started_at:%Y-%m-%d %H:%M} UTC",
        done=total - progress.left,
        total=total,
        outcomes=alert_outcomes.lines(progress, total),
        left=progress.left,
        in_doubt=progress.in_doubt,
        missed=alert_outcomes.missed(progress),
        rate=f"{progress.per_second:,.1f} a second" if progress.per_second else "",
        end=f"{progress.expected_end:%Y-%m-%d %H:%M} UTC"
        if progress.expected_end and progress.left
        else "",
        waits=[*alert_outcomes.waits(progress), *_digests(request, alert)],
        refusals=alert_outcomes.refusals(progress),
        actions=_actions(request, progress, slug, name),
        bar_width=alert_outcomes.BAR_WIDTH,
        max_reason=_MAX_REASON,
    )
    return pages.page(request, contents, status=status)


def _crumbs(slug: str, name: str) -> Sequence[pages.Crumb]:
    """A digest has no page of its own but this one."""
    return update_texts.crumbs(slug, name)[: 1 if digest.is_name(name) else 2]


def _digests(request: DeskRequest, alert: Alert) -> Sequence[str]:
    """Which digests an update waits for."""
    if digest.is_name(alert.name) or alert.is_cancelled:
        return []
    return [
        f"The {digest.FREQUENCIES[planned.frequency]} digest of "
        f"{schedule.shown(planned.due_at, planned.zone)} will hold it."
        for planned in listing.planned_digests(request.services, alert.slug)
        if alert.name in planned.names
    ]


def _actions(request: DeskRequest, progress: Progress, slug: str, name: str) -> Mapping[str, str]:
    if not request.may(Permission.SEND):
        return {}
    alert = progress.alert
    goes_on = alert.state in (AlertState.OPEN, AlertState.PAUSED)
    possible = {
        "pause": alert.is_open,
        "resume": alert.state is AlertState.PAUSED,
        "cancel": goes_on,
        "again": bool(alert_outcomes.missed(progress)) and not alert.is_cancelled,
        "skip": bool(progress.in_doubt) and goes_on,
    }
    return {what: desk_urls.update(slug, name, what) for what, it in possible.items() if it}
