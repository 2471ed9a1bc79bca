"""Beginning a petition at the desk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import InvalidForm
from chalicelib.rendering import desk_urls, translations
from chalicelib.routes.desk import access, pages, petition_fields
from chalicelib.routes.desk.draft_forms import write_url
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import beginning as beginning_petitions
from chalicelib.usecases.petitions.beginning import MayNotBegin

blueprint = Blueprint(__name__)
route = access.router(blueprint)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class NewPetitionPage(DeskPage):
    """The form of a new petition. `languages` are by code and name.

    `proposed` is the name that the desk has made of the title, or "".
    """

    template: ClassVar[str] = "new.html"
    action: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    languages: Sequence[tuple[str, str]]
    proposed: str


@route(desk_urls.NEW)
def show_new(request: DeskRequest) -> Response:
    """The form of a new petition."""
    if not beginning_petitions.may_begin(request.services, request.actor.id):
        return _may_not_begin(request)
    opens_on, closes_on = beginning_petitions.usual_days(request.services)
    values = {"opens_on": opens_on.isoformat(), "closes_on": closes_on.isoformat()}
    return _page(request, values, {})


@route(desk_urls.NEW, methods=["POST"])
def begin(request: DeskRequest) -> Response:
    """Begin a petition. Without a name for its address, one is proposed."""
    fields = request.fields
    title = petition_fields.line_of(fields.get("title", "")) or ""
    slug = fields.get("slug", "").strip()
    proposed = "" if slug else beginning_petitions.proposed_slug(title)
    language, days = fields.get("language", ""), petition_fields.settings_of(fields, ())
    opens_on, closes_on = days["opens_on"], days["closes_on"]
    try:
        if proposed:
            beginning_petitions.check(
                request.services,
                slug=proposed,
                title=title,
                language=language,
                days=(opens_on, closes_on),
            )
            return _page(request, {**fields, "slug": proposed}, {}, proposed=proposed)
        beginning_petitions.begin(
            request.services,
            title=title,
            slug=slug,
            language=language,
            opens_on=opens_on,
            closes_on=closes_on,
            by=request.actor,
        )
    except InvalidForm as invalid:
        errors = {
            name: translations.translate(message, request.language.code)
            for name, message in invalid.errors.items()
        }
        return _page(request, fields, errors)
    except MayNotBegin:
        return _may_not_begin(request)
    return pages.see_other(write_url(slug))


def _may_not_begin(request: DeskRequest) -> Response:
    return pages.message(
        request,
        "You cannot begin a petition",
        "Stewards of a petition can, and those whom the operator of the service has invited for "
        "it. Ask the operator for such an invitation.",
        status=403,
    )


def _page(
    request: DeskRequest,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    proposed: str = "",
) -> Response:
    contents = NewPetitionPage(
        layout=pages.layout(request, "Begin a petition"),
        action=desk_urls.NEW,
        values=values,
        errors=errors,
        languages=[(code, each.name) for code, each in translations.languages().items()],
        proposed=proposed,
    )
    return pages.page(request, contents, status=422 if errors else 200)
