"""Mailing an update at the desk: who gets it, when, and who has approved it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib import cached
from chalicelib.domain.alerts import schedule
from chalicelib.domain.alerts.content import AlertTooLarge
from chalicelib.domain.alerts.schedule import BadTime, UnknownZone
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions import progress
from chalicelib.domain.petitions.update import Update
from chalicelib.domain.subscriber import Frequency
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages, petition_fields, update_asking, update_texts
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.updates import id_of
from chalicelib.usecases.alerts import approving, listing, planning, starting, timing
from chalicelib.usecases.alerts.approving import ApprovalNeeded, SendingApproval
from chalicelib.usecases.alerts.planning import SendingPlan
from chalicelib.usecases.alerts.starting import DatedLater
from chalicelib.usecases.alerts.timing import SentBefore

blueprint = Blueprint(__name__)
route = access.router(blueprint)

PATH: Final = "/desk/petitions/{slug}/updates/{name}"
_FREQUENCIES: Final = {
    Frequency.EACH: "Each time",
    Frequency.DAILY: "Once a day, in a digest",
    Frequency.WEEKLY: "Once a week, in a digest",
}
_WHEN: Final = "Choose a day, a time, and a place as time zone, such as Europe/Minsk."
_UNAPPROVED: Final = "Nothing was sent: no second organiser has approved the update as it is now."


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ShownApproval:
    """What there is of approval. `mine`: who looks has asked, and cannot approve."""

    digest: str
    asked_by: str
    asked_at: str
    mine: bool
    void: bool
    given_by: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UpdateSendingPage(DeskPage):
    """What mailing an update means. `approval` is None where a petition requires none.

    `actions` are what the organiser may do now, by name, with their paths. `day`, `time` and
    `zone` are what was typed, or what holds.
    """

    template: ClassVar[str] = "update_sending.html"
    note: str
    errors: Mapping[str, str]
    scheduled: str
    late: bool
    preview: str
    plan: SendingPlan
    languages: Sequence[tuple[str, int]]
    frequencies: Sequence[tuple[str, int]]
    missing: str
    instead: str
    approval: ShownApproval | None
    actions: Mapping[str, str]
    day: str
    time: str
    zone: str


@route(f"{PATH}/send", permission=Permission.VIEW)
def show_sending(request: DeskRequest, slug: str, name: str) -> Response:
    """What mailing it means, and what can be decided."""
    return show_page(request, slug, name)


@route(f"{PATH}/send", methods=["POST"], permission=Permission.SEND, touch=True)
def send(request: DeskRequest, slug: str, name: str) -> Response:
    """Mail it now. A second time mails nothing."""
    update_id = id_of(slug, name)
    request.record(Act.SEND_UPDATE, name)
    return start(request, slug, name, update_id)


@route(f"{PATH}/schedule", methods=["POST"], permission=Permission.SEND, touch=True)
def set_time(request: DeskRequest, slug: str, name: str) -> Response:
    """Let it be mailed at a time, or at another one."""
    update_id = id_of(slug, name)
    typed = "{day}T{time} {zone}".format(
        **{field: request.fields.get(field, "").strip() for field in ("day", "time", "zone")}
    )
    try:
        at = schedule.read_moment(typed)
        request.record(Act.SCHEDULE_UPDATE, f"{name}, {schedule.shown(at.at, at.zone)}")
        timing.set_time(request.services, update_id, at)
        update_asking.ask_if_due(request, slug, name)
    except BadTime as error:
        field = "zone" if isinstance(error, UnknownZone) else "day"
        errors = {field: f"{error.what} {error.remedy or _WHEN}"}
        return show_page(request, slug, name, errors=errors)
    except AlertTooLarge as error:
        return show_page(request, slug, name, errors={"day": str(error)})
    except SentBefore:
        return _sent_before(request, slug, name, Act.SCHEDULE_UPDATE)
    return pages.see_other(desk_urls.update(slug, name, "send") + pages.SAVED)


@route(f"{PATH}/unschedule", methods=["POST"], permission=Permission.SEND)
def take_back(request: DeskRequest, slug: str, name: str) -> Response:
    """Let it not be mailed by itself."""
    update_id = id_of(slug, name)
    request.record(Act.UNSCHEDULE_UPDATE, name)
    try:
        timing.set_time(request.services, update_id, None)
    except SentBefore:
        return _sent_before(request, slug, name, Act.UNSCHEDULE_UPDATE)
    return pages.see_other(desk_urls.update(slug, name, "send") + pages.SAVED)


def _sent_before(request: DeskRequest, slug: str, name: str, act: Act) -> Response:
    request.record(act, f"{name}: it was sent before", refused=True)
    return pages.see_other(desk_urls.update(slug, name, "progress"))


def start(
    request: DeskRequest, slug: str, name: str, update_id: str, *, unsent_status: int = 409
) -> Response:
    """Start the sending and lead to its progress, or say why nothing was sent."""
    try:
        starting.start_update(request.services, update_id)
    except DatedLater as error:
        note = f"Nothing was sent: the update bears a day that is still to come, {error}."
    except ApprovalNeeded:
        note = _UNAPPROVED
    except AlertTooLarge as error:
        note = f"Nothing was sent. {error}"
    else:
        return pages.see_other(desk_urls.update(slug, name, "progress"))
    return show_page(request, slug, name, note=note, status=unsent_status)


def show_page(
    request: DeskRequest,
    slug: str,
    name: str,
    *,
    note: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The page on mailing an update; its progress once it is sent."""
    news = listing.find_news(request.services, id_of(slug, name))
    if news.alert:
        return pages.see_other(desk_urls.update(slug, name, "progress"))
    if news.update is None:
        return pages.see_other(desk_urls.update(slug, name))
    update, now = news.update, request.services.now()
    approval = approving.show(request.services, update.id)
    plan = planning.plan(request.services, update)
    audience = plan.audience
    day, time, zone = _when(update, cached.petition(request.services, slug).digest_times.zone)
    typed = request.fields if errors else {}
    contents = UpdateSendingPage(
        layout=pages.layout(request, "Mail it", crumbs=update_texts.crumbs(slug, name)),
        note=note,
        errors=errors or {},
        scheduled=update.sending_shown,
        late=update.is_late(now),
        preview=desk_urls.update(slug, name, f"preview/{next(iter(update.texts))}"),
        plan=plan,
        languages=_by_language(request, audience.by_language if audience else {}),
        frequencies=[
            (words, audience.by_frequency.get(frequency, 0) if audience else 0)
            for frequency, words in _FREQUENCIES.items()
        ],
        missing=", ".join(
            f"{name}: {count:,}" for name, count in _by_language(request, plan.missing)
        ),
        instead=petition_fields.language_name(next(iter(update.texts))),
        approval=_shown(request, approval) if approval.needed else None,
        actions=_actions(request, update, approval),
        day=typed.get("day", day),
        time=typed.get("time", time),
        zone=typed.get("zone", zone),
    )
    return pages.page(request, contents, status=422 if errors else status)


def _by_language(request: DeskRequest, counts: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """The names of languages with their numbers from ten up, and the others together."""
    least = request.services.settings.country_minimum
    shown, others = progress.from_ten_up(counts, minimum=least)
    named = [(petition_fields.language_name(code), count) for code, count in shown.items()]
    return [*named, ("others", others)] if others else named


def _when(update: Update, zone: str) -> tuple[str, str, str]:
    """The day, the time and the zone that the form shows."""
    at = update.time_to_send
    if at is None:
        return "", "", zone
    local = at.at.astimezone(schedule.zone_of(at.zone))
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}", at.zone


def _shown(request: DeskRequest, approval: SendingApproval) -> ShownApproval:
    asked = approval.asked
    given = asked.approved_by if asked and approval.given else None
    return ShownApproval(
        digest=approval.digest,
        asked_by=asked.asked_by.name if asked else "",
        asked_at=f"{asked.asked_at:%Y-%m-%d %H:%M} UTC" if asked else "",
        mine=asked is not None and asked.asked_by.id == request.actor.id,
        void=approval.is_void,
        given_by=given.name if given else "",
    )


def _actions(request: DeskRequest, update: Update, approval: SendingApproval) -> Mapping[str, str]:
    if not request.may(Permission.SEND):
        return {}
    asked = approval.asked
    waits = asked is not None and not approval.is_void and not approval.given
    possible = {
        "send": not approval.needed or approval.given,
        "schedule": True,
        "unschedule": update.send_at is not None,
        "ask": approval.needed and not approval.given and not waits,
        "approve": waits and asked is not None and asked.may_be_approved_by(request.actor.id),
        "withdraw": asked is not None,
    }
    return {
        what: desk_urls.update(update.slug, update.name, what)
        for what, it_is in possible.items()
        if it_is
    }
