"""The text of an update at the desk, in all languages of its petition side by side."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib import cached
from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.draft import shown
from chalicelib.domain.petitions.source import BODY, TEXTS, values_of
from chalicelib.domain.petitions.update import OnDoubt
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import access, draft_forms, pages, petition_fields
from chalicelib.routes.desk.pages import Crumb, DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.desk.updates import id_of
from chalicelib.usecases.petitions import update_drafting

blueprint = Blueprint(__name__)
route = access.router(blueprint)

PATH: Final = "/desk/petitions/{slug}/updates/{name}/text"
_ON_DOUBT: Final = (
    (OnDoubt.ASK, "We decide, when it happens"),
    (OnDoubt.SKIP, "They are left out"),
)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LanguageText:
    """The fields of a text in one language, by path; `error` is one of the whole text."""

    code: str
    name: str
    error: str
    preview: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class UpdateTextPage(DeskPage):
    """The form of an update. `values`, `errors` and `listed` are by path.

    `listed` are the errors in sentences that name the language. `unwritten` are the languages whose
    readers get the first one. `action` is "" for who may look.
    """

    template: ClassVar[str] = "update_text.html"
    action: str
    base: int
    saved: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    listed: Mapping[str, str]
    languages: Sequence[LanguageText]
    unwritten: str
    on_doubt: Sequence[tuple[str, str]]
    draft_key: str
    versions: str
    back: str


@route(PATH, permission=Permission.VIEW)
def show_text(request: DeskRequest, slug: str, name: str) -> Response:
    """The form, with what the rules say of what was saved last."""
    checked = update_drafting.check(request.services, id_of(slug, name))
    petition = cached.petition(request.services, slug)
    errors = petition_fields.messages(checked.errors)
    version = checked.draft.version
    # The first version is the title with which it was begun, unless it came from files.
    is_written = version.number > 1 or bool(version.note)
    contents = UpdateTextPage(
        layout=pages.layout(
            request, "Text", scripts=[draft_forms.SCRIPT], crumbs=crumbs(slug, name)
        ),
        action=desk_urls.update(slug, name, "text")
        if request.may(Permission.WRITE_UPDATES)
        else "",
        base=version.number,
        saved=f"Version {version.number}, saved by {version.saved_by.name} at "
        f"{version.saved_at:%Y-%m-%d %H:%M} UTC"
        if version.number
        else "",
        values={path: shown(value) for path, value in values_of(checked.draft.source).items()},
        errors=errors if is_written else {},
        listed=petition_fields.listed(checked.errors) if is_written else {},
        languages=[
            LanguageText(
                code=code,
                name=petition_fields.language_name(code),
                error=errors.get(f"{TEXTS}.{code}", ""),
                preview=desk_urls.update(slug, name, f"text/preview/{code}"),
            )
            for code in petition.languages
        ],
        unwritten=", ".join(
            petition_fields.language_name(code)
            for code in petition.languages[1:]
            if code not in checked.draft.source.texts
        ),
        on_doubt=_ON_DOUBT,
        draft_key=id_of(slug, name),
        versions=desk_urls.update(slug, name, "text/versions"),
        back=desk_urls.update(slug, name),
    )
    return pages.page(request, contents)


@route(PATH, methods=["POST"], permission=Permission.WRITE_UPDATES, act=Act.SAVE_DRAFT)
def save_text(request: DeskRequest, slug: str, name: str) -> Response:
    """Save all languages, right or wrong."""
    update_id = id_of(slug, name)
    if not update_drafting.is_begun(request.services, update_id):
        # Drafts are found, and deleted in the end, by the names of those that have begun.
        raise NotFound
    values: dict[str, Any] = {
        "published_on": _day(request.fields.get("published_on", "")),
        "on_doubt": request.fields.get("on_doubt") or None,
    }
    for language in cached.petition(request.services, slug).languages:
        path = f"{TEXTS}.{language}"
        for line in ("title", "summary"):
            typed = request.fields.get(f"{path}.{line}", "")
            values[f"{path}.{line}"] = petition_fields.line_of(typed)
        body = request.fields.get(f"{path}.{BODY}", "")
        values[f"{path}.{BODY}"] = body if body.strip() else None
    return draft_forms.save(
        request, values, action=desk_urls.update(slug, name, "text"), draft_id=update_id
    )


def crumbs(slug: str, name: str) -> Sequence[Crumb]:
    """The way from the petition's updates to a page below one of them."""
    return [
        Crumb(label="Updates", href=desk_urls.petition(slug, "updates")),
        Crumb(label=name, href=desk_urls.update(slug, name)),
    ]


def _day(typed: str) -> date | str | None:
    with suppress(ValueError):
        return date.fromisoformat(typed.strip())
    return petition_fields.line_of(typed)
