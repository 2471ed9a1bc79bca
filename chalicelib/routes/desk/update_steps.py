"""One update at the desk: its state, and the steps from its text to its readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib import cached
from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.alerts.content import AlertTooLarge
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.update import Update
from chalicelib.rendering import desk_urls, urls
from chalicelib.routes.desk import (
    access,
    draft_forms,
    pages,
    petition_fields,
    update_asking,
    update_texts,
)
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.updates import STATES, id_of
from chalicelib.usecases.alerts import approving, listing, testing, timing
from chalicelib.usecases.petitions import publishing, update_drafting
from chalicelib.usecases.petitions.update_drafting import CheckedUpdate

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_SAVED_MEANWHILE: Final = "Nothing was published: another version was saved meanwhile. Look again."
PATH: Final = "/desk/petitions/{slug}/updates/{name}"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UpdateStepsPage(DeskPage):
    """An update: what is written, published and sent. What cannot be done is "".

    `version` is that of the draft, which is published by it. `differs`: the draft says something
    else than what is published.
    """

    template: ClassVar[str] = "update_steps.html"
    title: str
    state: str
    kind: str
    note: str
    text: str
    draft_preview: str
    version: int
    problems: int
    differs: bool
    publish: str
    public: str
    preview: str
    test: str
    send: str
    send_label: str
    progress: str
    discard: str


@route(PATH, permission=Permission.VIEW)
def show_steps(request: DeskRequest, slug: str, name: str) -> Response:
    """The state of an update, and what can be done next."""
    return _show(request, slug, name, "")


@route(f"{PATH}/publish", methods=["POST"], permission=Permission.SEND, touch=True)
def publish(request: DeskRequest, slug: str, name: str) -> Response:
    """Put the newest draft online, if it is the version that was looked at."""
    update_id = id_of(slug, name)
    request.record(Act.PUBLISH_UPDATE, name)
    checked = update_drafting.check(request.services, update_id)
    if checked.draft.version.number != draft_forms.number_in(request.fields, "version"):
        return _show(request, slug, name, _SAVED_MEANWHILE, status=409)
    if checked.update is None:
        return _show(
            request, slug, name, "Nothing was published: correct the text first.", status=409
        )
    try:
        timing.check_size(request.services, checked.update)
    except AlertTooLarge as error:
        return _show(request, slug, name, f"Nothing was published. {error}", status=409)
    publishing.publish_update(request.services, checked.update, keep_time=True)
    update_asking.ask_if_due(request, slug, name)
    return pages.see_other(desk_urls.update(slug, name))


@route(f"{PATH}/discard", methods=["POST"], permission=Permission.WRITE_UPDATES, touch=True)
def discard(request: DeskRequest, slug: str, name: str) -> Response:
    """Throw away the draft of an update that was never published."""
    update_id = id_of(slug, name)
    request.record(Act.DISCARD_UPDATE, name)
    if not update_drafting.discard(request.services, update_id):
        return _show(
            request, slug, name, "Nothing was thrown away: the update is published.", status=409
        )
    return pages.see_other(desk_urls.petition(slug, "updates"))


@route(f"{PATH}/test", methods=["POST"], permission=Permission.WRITE_UPDATES, touch=True)
def mail_test(request: DeskRequest, slug: str, name: str) -> Response:
    """Mail the published update to the organiser's own address, in every language."""
    published = listing.find_update(request.services, id_of(slug, name))
    if published is None:
        return pages.see_other(desk_urls.update(slug, name))
    request.record(Act.TEST_UPDATE, name)
    languages = list(published.texts)
    testing.request_own_tests(request.services, published, languages, request.session.organiser_id)
    named = ", ".join(map(petition_fields.language_name, languages))
    note = f"On the way to your own address: {named}. Subscribers get nothing."
    return _show(request, slug, name, note)


def _show(request: DeskRequest, slug: str, name: str, note: str, *, status: int = 200) -> Response:
    news = listing.find_news(request.services, id_of(slug, name))
    published, alert = news.update, news.alert
    checked = update_drafting.check(request.services, id_of(slug, name))
    version = checked.draft.version.number
    begun = bool(version) or update_drafting.is_begun(request.services, id_of(slug, name))
    if published is None and not begun:
        return pages.see_other(desk_urls.petition(slug, "updates"))
    differs = bool(checked.update and (published is None or _differs(checked.update, published)))
    state, kind = _state(request, published, alert)
    may_write, may_send = request.may(Permission.WRITE_UPDATES), request.may(Permission.SEND)
    language = cached.petition(request.services, slug).languages[0]

    def link(part: str, *, if_: object = True) -> str:
        return desk_urls.update(slug, name, part) if if_ else ""

    contents = UpdateStepsPage(
        layout=pages.layout(request, _title(checked, published, name), crumbs=_crumbs(slug, name)),
        title=name,
        state=state,
        kind=kind,
        note=note,
        text=link("text", if_=begun),
        draft_preview=link(f"text/preview/{language}", if_=differs),
        version=version,
        problems=len(checked.errors) if version else 0,
        differs=differs,
        publish=link("publish", if_=differs and may_send),
        public=urls.update(language, slug, name) if published else "",
        preview=link(f"preview/{language}", if_=published),
        test=link("test", if_=published and may_write),
        send=link("send", if_=published and not alert),
        send_label=_send_label(request, published),
        progress=link("progress", if_=alert),
        discard=link("discard", if_=may_write and begun and not published),
    )
    return pages.page(request, contents, status=status)


def _title(checked: CheckedUpdate, published: Update | None, name: str) -> str:
    texts = [text for text in checked.draft.source.texts.values() if text]
    if texts and texts[0].lines.get("title"):
        return texts[0].lines["title"]
    return next(iter(published.texts.values())).title if published else name


def _crumbs(slug: str, name: str) -> Sequence[pages.Crumb]:
    return update_texts.crumbs(slug, name)[:1]


def _state(request: DeskRequest, published: Update | None, alert: Alert | None) -> tuple[str, str]:
    if alert:
        return STATES[alert.state]
    if published is None:
        return "Draft", ""
    if published.is_late(request.services.now()):
        return f"Not sent at its time, {published.sending_shown}", "wrong"
    if published.send_at:
        approval = approving.show(request.services, published.id)
        unless = ", if somebody approves before" if approval.needed and not approval.given else ""
        return f"Scheduled for {published.sending_shown}{unless}", "warning"
    return "Published, not mailed", ""


def _send_label(request: DeskRequest, published: Update | None) -> str:
    if published is None:
        return ""
    approval = approving.show(request.services, published.id)
    if not approval.needed:
        return "See who gets it, and send it"
    if approval.given:
        return "Approved: send it"
    if approval.asked and not approval.is_void:
        return "It waits for a second organiser"
    return "See who gets it, and ask a second organiser"


def _differs(written: Update, published: Update) -> bool:
    """Whether the draft would change what is published."""
    return (written.texts, written.published_on, written.on_doubt) != (
        published.texts,
        published.published_on,
        published.on_doubt,
    )
