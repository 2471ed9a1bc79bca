"""The page of a petition's trail: who did what, filtered, and as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.organisers import jobs
from chalicelib.domain.organisers.actor import OPERATOR, Actor
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act, TrailEntry
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, pages
from chalicelib.routes.desk.forms import MAX_BYTES
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.organisers import assigning, reviewing
from chalicelib.usecases.organisers.reviewing import TrailFilter

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_TRAIL: Final = desk_urls.petition("{slug}", "trail")
_ANY: Final = [("", "All")]
_OF_LISTS: Final = frozenset({Act.EXPORT, Act.APPROVE_EXPORT, Act.CANCEL_EXPORT, Act.FETCH_EXPORT})
_ID_DIGITS: Final = 6
"""Of the 16 of an account's id: ids are random, and a column is narrow on a phone."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TrailLine:
    """A line as it is shown. `at` is in UTC; `who` tells apart who has the same name.

    Of an act on a list of signatures, `list_of` is the moment at which that was asked for, `href`
    leads to it, and `detail` is what else is said; of any other act both are "".
    """

    number: int
    at: str
    who: str
    act: str
    detail: str
    refused: bool
    list_of: str = ""
    href: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TrailPage(DeskPage):
    """Some lines, the newest first, with the filter that they passed."""

    template: ClassVar[str] = "trail.html"
    lines: Sequence[TrailLine]
    people: Sequence[tuple[str, str]]
    acts: Sequence[tuple[str, str]]
    who: str
    act: str
    day: str
    before: str
    last_number: int
    last_hash: str
    action: str
    export: str


@route(_TRAIL, permission=Permission.VIEW)
def show_trail(request: DeskRequest, slug: str) -> Response:
    """The newest lines."""
    return _trail(request, slug, TrailFilter())


@route(_TRAIL, methods=["POST"], permission=Permission.VIEW)
def find_lines(request: DeskRequest, slug: str) -> Response:
    """The lines of a person, an act, a day. A form, because the CDN hands no query on."""
    fields = request.fields
    wanted = TrailFilter(
        actor_id=fields.get("who", ""), act=fields.get("act", ""), day=_day(fields.get("day", ""))
    )
    before = fields.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 9 else None
    return _trail(request, slug, wanted, before=number)


@route(f"{_TRAIL}/export", methods=["POST"], permission=Permission.VIEW, act=Act.EXPORT_TRAIL)
def export_trail(request: DeskRequest, slug: str) -> Response:
    """The whole trail as a file: JSON Lines, which can be checked, or CSV for spreadsheets."""
    entries = reviewing.all_lines(request.services, slug)
    if request.fields.get("format") == "csv":
        text, ending, media_type = reviewing.to_csv(entries), "csv", "text/csv"
    else:
        text, ending = reviewing.to_json_lines(entries), "jsonl"
        media_type = "application/octet-stream"
    content = text.encode()
    if len(content) > MAX_BYTES:
        return pages.message(
            request,
            "This trail is too long for the browser",
            f"The operator can write it into a file: zaklik trail export {slug} --out FILE",
            back=desk_urls.petition(slug, "trail"),
        )
    return pages.download(content, name=f"{slug}-trail.{ending}", media_type=media_type)


def _trail(
    request: DeskRequest, slug: str, wanted: TrailFilter, *, before: int | None = None
) -> Response:
    found = reviewing.find_lines(request.services, slug, wanted, before=before)
    last = reviewing.find_last(request.services, slug)
    members = assigning.list_members(request.services, slug)
    # The newest name of each last.
    actors = [
        *(entry.actor for entry in reversed(found.entries)),
        *(member.organiser.actor for member in members),
        OPERATOR,
    ]
    labels = _labels(actors)
    people = {actor.id: labels[actor] for actor in actors}
    contents = TrailPage(
        layout=pages.layout(request, "Trail"),
        lines=[_of_list(_line(entry, labels[entry.actor]), slug) for entry in found.entries],
        people=[*_ANY, *sorted(people.items(), key=lambda pair: pair[1].casefold())],
        acts=[*_ANY, *((act.value, act.value) for act in sorted(Act))],
        who=wanted.actor_id,
        act=wanted.act,
        day=wanted.day.isoformat() if wanted.day else "",
        before="" if found.before is None else str(found.before),
        last_number=last.number if last else 0,
        last_hash=last.hash if last else "",
        action=desk_urls.petition(slug, "trail"),
        export=desk_urls.petition(slug, "trail/export"),
    )
    return pages.page(request, contents)


def _labels(actors: Sequence[Actor]) -> Mapping[Actor, str]:
    """The names of actors, with the id's beginning where others have the name: names can change."""
    ids: dict[str, set[str]] = {}
    for actor in actors:
        ids.setdefault(actor.name.casefold(), set()).add(actor.id)
    return {
        actor: f"{actor.name} ({actor.id[:_ID_DIGITS]})"
        if len(ids[actor.name.casefold()]) > 1 and actor != OPERATOR
        else actor.name
        for actor in actors
    }


def _line(entry: TrailEntry, who: str) -> TrailLine:
    return TrailLine(
        number=entry.number,
        at=f"{entry.at:%Y-%m-%d %H:%M}",
        who=who,
        act=entry.act,
        detail=entry.detail,
        refused=entry.refused,
    )


def _of_list(line: TrailLine, slug: str) -> TrailLine:
    """The same line with its list by its moment: an id says nothing to people."""
    job_id, _, rest = line.detail.partition(": ")
    try:
        moment = jobs.asked_at(job_id) if line.act in _OF_LISTS else None
    except ValueError:
        moment = None
    if moment is None:
        return line
    return replace(
        line,
        detail=rest,
        list_of=f"{moment:%Y-%m-%d %H:%M}",
        href=desk_urls.petition(slug, f"signatures/{job_id}"),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
