"""The updates of a petition at the desk: drafts, what is scheduled, being sent and sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.alerts import digest, schedule
from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.errors import InvalidForm, NotFound
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.update import NAME, Update, split_id
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages, update_waiting
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.alerts import listing
from chalicelib.usecases.alerts.listing import NewsList
from chalicelib.usecases.petitions import update_drafting

blueprint = Blueprint(__name__)
route = access.router(blueprint)

PATH: Final = "/desk/petitions/{slug}/updates"
STATES: Final[Mapping[AlertState, tuple[str, str]]] = {
    AlertState.OPEN: ("Being sent", "warning"),
    AlertState.PAUSED: ("Paused", "wrong"),
    AlertState.CANCELLED: ("Cancelled", "wrong"),
    AlertState.COMPLETE: ("Sent", "good"),
}
"""The state of an alert in words, and its colour."""


def id_of(slug: str, name: str) -> str:
    """The id of the update or digest at a path. Raises NotFound for what can be no name."""
    if not NAME.fullmatch(name):
        raise NotFound
    return f"{slug}/{name}"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class NewsLine:
    """An update or a digest in a list. `kind` is the colour of its state.

    `waits` says for whom it waits before it may be mailed, or "".
    """

    title: str
    href: str
    state: str
    kind: str
    when: str
    recipients: int | None
    waits: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ShownDigest:
    """A digest to come: when it is made, and the titles of what it will hold."""

    label: str
    titles: Sequence[str]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UpdatesPage(DeskPage):
    """The news of a petition. `new` is where an update begins, "" for who may write none.

    `proposed` is the name that the desk has made of the title, or "".
    """

    template: ClassVar[str] = "updates.html"
    drafts: Sequence[NewsLine]
    updates: Sequence[NewsLine]
    digests: Sequence[NewsLine]
    planned: Sequence[ShownDigest]
    new: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    proposed: str


@route(PATH, permission=Permission.VIEW)
def show_updates(request: DeskRequest, slug: str) -> Response:
    """The list, and the form by which an update begins."""
    return _show(request, slug, {})


@route(PATH, methods=["POST"], permission=Permission.WRITE_UPDATES)
def begin_update(request: DeskRequest, slug: str) -> Response:
    """Begin the draft of an update. Without a name for its address, one is proposed."""
    title, name = (request.fields.get(field, "").strip() for field in ("title", "name"))
    if title and not name:
        proposed = update_drafting.proposed_name(request.services, slug, title)
        return _show(request, slug, {}, proposed=proposed)
    request.record(Act.BEGIN_UPDATE, name)
    try:
        update_id = update_drafting.begin(
            request.services, slug, title=title, name=name, by=request.actor
        )
    except InvalidForm as refused:
        errors = {field: message.text for field, message in refused.errors.items()}
        return _show(request, slug, errors)
    return pages.see_other(desk_urls.update(*split_id(update_id), "text"))


def _show(
    request: DeskRequest, slug: str, errors: Mapping[str, str], *, proposed: str = ""
) -> Response:
    news = listing.list_news(request.services, slug)
    drafts = update_drafting.list_titles(request.services, slug)
    published = {update.name: update for update in news.updates}
    waiting = update_waiting.sentences(request, slug)
    contents = UpdatesPage(
        layout=pages.layout(request, "Updates"),
        drafts=[
            NewsLine(
                title=title or name,
                href=desk_urls.update(slug, name),
                state="Draft",
                kind="",
                when="",
                recipients=None,
            )
            for name, title in drafts.items()
            if name not in published
        ],
        updates=[
            replace(
                _line(request, update, news.alert_of.get(update.name)),
                waits=waiting.get(update.name, ""),
            )
            for update in news.updates
        ],
        digests=[_digest_line(slug, each) for each in news.alerts if digest.is_name(each.name)],
        planned=_planned(news),
        new=PATH.format(slug=slug) if request.may(Permission.WRITE_UPDATES) else "",
        values={**request.fields, **({"name": proposed} if proposed else {})},
        proposed=proposed,
        errors=errors,
    )
    return pages.page(request, contents, status=422 if errors else 200)


def _line(request: DeskRequest, update: Update, alert: Alert | None) -> NewsLine:
    title = next(iter(update.texts.values())).title
    href = desk_urls.update(update.slug, update.name)
    if alert:
        state, kind = STATES[alert.state]
        when, recipients = f"{alert.started_at:%Y-%m-%d %H:%M} UTC", alert.recipient_count
        return NewsLine(
            title=title, href=href, state=state, kind=kind, when=when, recipients=recipients
        )
    late = update.is_late(request.services.now())
    state, kind = ("Scheduled", "warning") if update.send_at else ("Published, not mailed", "")
    return NewsLine(
        title=title,
        href=href,
        state="Its time has passed" if late else state,
        kind="wrong" if late else kind,
        when=update.sending_shown or f"{update.published_on}",
        recipients=None,
    )


def _digest_line(slug: str, alert: Alert) -> NewsLine:
    state, kind = STATES[alert.state]
    return NewsLine(
        title=digest.title_of(alert.name),
        href=desk_urls.update(slug, alert.name, "progress"),
        state=state,
        kind=kind,
        when=f"{alert.started_at:%Y-%m-%d %H:%M} UTC",
        recipients=alert.recipient_count,
    )


def _planned(news: NewsList) -> Sequence[ShownDigest]:
    titles = {update.name: next(iter(update.texts.values())).title for update in news.updates}
    return [
        ShownDigest(
            label=f"The {digest.FREQUENCIES[planned.frequency]} digest of "
            f"{schedule.shown(planned.due_at, planned.zone)}",
            titles=[titles.get(name, name) for name in planned.names],
        )
        for planned in news.digests
    ]
