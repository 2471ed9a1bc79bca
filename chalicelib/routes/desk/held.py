"""Held signatures at the desk: why and when, and holds and releases of many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers.jobs import PARTS, Job, JobState
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.rendering import charts, desk_urls
from chalicelib.rendering.charts import BarChart, RankedBar
from chalicelib.routes.desk import access, held_reasons, moderation_forms, pages
from chalicelib.routes.desk.moderation_forms import BadModeration
from chalicelib.routes.desk.pages import Crumb, DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.unpublished import explained
from chalicelib.usecases.petitions import overview
from chalicelib.usecases.signatures import bulk_moderating
from chalicelib.usecases.signatures.bulk_moderating import CHANGED, DAMAGED, MATCHED, ModerationKind

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_PAGE: Final = desk_urls.petition("{slug}", "held")
_REFRESH_SECONDS: Final = 3
_STANDS_STILL: Final = timedelta(minutes=4)
"""Longer than a message of the queue is hidden from other workers."""
_MOVES: Final = {ModerationKind.HOLD: "Hold", ModerationKind.RELEASE: "Release"}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ModerationLine:
    """A job in the list: what it does, its state and its number."""

    href: str
    label: str
    state: str
    by: str
    asked_at: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HeldPage(DeskPage):
    """Held signatures in numbers, and the form that selects signatures; it keeps what was typed."""

    template: ClassVar[str] = "held.html"
    count: int
    reasons: Sequence[RankedBar]
    days: BarChart
    look: str
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    moves: Sequence[tuple[str, str]]
    signals: Sequence[tuple[str, str]]
    has_countries: bool
    lines: Sequence[ModerationLine]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ModerationPage(DeskPage):
    """A hold or a release, or the count of what one would change. `paths` lead to what can follow.

    `stands_still`: its message seems to be lost.
    """

    template: ClassVar[str] = "moderation.html"
    sentence: str
    state: str
    done: int
    total: int
    matched: int
    changed: int
    damaged: int
    dry_run: bool
    holds: bool
    by: str
    stands_still: bool
    paths: Mapping[str, str]


@route(_PAGE, permission=Permission.STEWARD)
@explained
def show_held(request: DeskRequest, slug: str) -> Response:
    """The numbers, by reason and by day."""
    return _held(request, slug)


@route(f"{_PAGE}/look", methods=["POST"], permission=Permission.STEWARD)
@explained
def look(request: DeskRequest, slug: str) -> Response:
    """Count what a hold or a release would change. Nothing is changed."""
    try:
        moderation = moderation_forms.read(request.fields)
    except BadModeration as bad:
        return _held(request, slug, typed=request.fields, errors=bad.errors)
    job = bulk_moderating.ask(request.services, slug, moderation, by=request.actor)
    return pages.see_other(_path(job))


@route(f"{_PAGE}/{{job}}", permission=Permission.STEWARD)
@explained
def show_moderation(request: DeskRequest, slug: str, job: str) -> Response:
    """How far a count, a hold or a release is. The page loads itself again while it goes on."""
    found = bulk_moderating.get(request.services, slug, job)
    moderation = bulk_moderating.moderation_of(found)
    title = f"{_MOVES[moderation.move]} signatures"
    contents = ModerationPage(
        layout=pages.layout(
            request,
            title,
            refresh=_REFRESH_SECONDS if found.is_open else 0,
            crumbs=[Crumb(label="Held signatures", href=_PAGE.format(slug=slug))],
        ),
        sentence=f"{_MOVES[moderation.move]} {moderation_forms.described(moderation)}.",
        state=found.state,
        done=found.done_parts,
        total=PARTS,
        matched=found.counts.get(MATCHED, 0),
        changed=found.counts.get(CHANGED, 0),
        damaged=found.counts.get(DAMAGED, 0),
        dry_run=moderation.dry_run,
        holds=moderation.move is ModerationKind.HOLD,
        by=found.asked_by.name,
        stands_still=found.is_open and request.services.now() - found.changed_at > _STANDS_STILL,
        paths={what: f"{_path(found)}/{what}" for what in ("carry-out", "undo", "stop", "go-on")},
    )
    return pages.page(request, contents)


@route(f"{_PAGE}/{{job}}/carry-out", methods=["POST"], permission=Permission.STEWARD, touch=True)
@explained
def carry_out(request: DeskRequest, slug: str, job: str) -> Response:
    """Do what a job has counted."""
    counted = bulk_moderating.get(request.services, slug, job)
    moderation = replace(bulk_moderating.moderation_of(counted), dry_run=False)
    request.record(
        Act.HOLD if moderation.move is ModerationKind.HOLD else Act.RELEASE,
        moderation_forms.described(moderation),
    )
    asked = bulk_moderating.ask(request.services, slug, moderation, by=request.actor)
    return pages.see_other(_path(asked))


@route(f"{_PAGE}/{{job}}/undo", methods=["POST"], permission=Permission.STEWARD)
@explained
def undo(request: DeskRequest, slug: str, job: str) -> Response:
    """Count what would take a hold or a release back."""
    done = bulk_moderating.moderation_of(bulk_moderating.get(request.services, slug, job))
    asked = bulk_moderating.ask(request.services, slug, done.undo, by=request.actor)
    return pages.see_other(_path(asked))


@route(
    f"{_PAGE}/{{job}}/stop",
    methods=["POST"],
    permission=Permission.STEWARD,
    act=Act.CANCEL_MODERATION,
)
@explained
def stop(request: DeskRequest, slug: str, job: str) -> Response:
    """End a job: what it has changed stays."""
    return pages.see_other(_path(bulk_moderating.cancel(request.services, slug, job)))


@route(f"{_PAGE}/{{job}}/go-on", methods=["POST"], permission=Permission.STEWARD)
@explained
def go_on(request: DeskRequest, slug: str, job: str) -> Response:
    """Queue a job anew that stands still."""
    found = bulk_moderating.get(request.services, slug, job)
    bulk_moderating.resume(request.services, found)
    return pages.see_other(_path(found))


def _held(
    request: DeskRequest,
    slug: str,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    held = overview.held(request.services, slug)
    contents = HeldPage(
        layout=pages.layout(request, "Held signatures"),
        count=held.count,
        reasons=charts.ranked_bars(held_reasons.named(held.reasons)),
        days=charts.bar_chart(held.days),
        look=f"{_PAGE}/look".format(slug=slug),
        typed=typed or {},
        errors=errors or {},
        moves=[
            (str(ModerationKind.RELEASE), "Release held signatures"),
            (str(ModerationKind.HOLD), "Hold others"),
        ],
        signals=[("", "any"), *moderation_forms.SIGNALS],
        has_countries=held.has_countries,
        lines=[_line(job) for job in bulk_moderating.list_newest(request.services, slug)],
    )
    return pages.page(request, contents, status=422 if errors else 200)


def _line(job: Job) -> ModerationLine:
    moderation = bulk_moderating.moderation_of(job)
    what = _MOVES[moderation.move].lower()
    matched, changed = (job.counts.get(name, 0) for name in (MATCHED, CHANGED))
    number = f"{matched:,} would change" if moderation.dry_run else f"{changed:,} changed"
    return ModerationLine(
        href=_path(job),
        label=f"Count for a {what}" if moderation.dry_run else _MOVES[moderation.move],
        state=number if job.state is JobState.DONE else f"{job.state}, {number} so far",
        by=job.asked_by.name,
        asked_at=f"{job.asked_at:%Y-%m-%d %H:%M} UTC",
    )


def _path(job: Job) -> str:
    return f"{_PAGE.format(slug=job.slug)}/{job.id}"
