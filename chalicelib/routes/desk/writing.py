"""The text of a petition at the desk: its parts and their state, its languages, its settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalice.app import Blueprint, Response

from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.petition import APPROVALS
from chalicelib.domain.petitions.source import ORGANISER, PetitionSource, values_of
from chalicelib.rendering import translations
from chalicelib.routes.desk import access, deleted_text, draft_forms, pages, petition_fields
from chalicelib.routes.desk.draft_forms import ShownVersion, write_url
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.destruction import asking
from chalicelib.usecases.petitions import checking, drafting, opening
from chalicelib.usecases.petitions.checking import CheckedDraft

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_WRITE = "/desk/petitions/{slug}/write"
_PARTS = {
    "Look at it": "preview",
    "Check and publish": "open",
    "Versions": "versions",
    "Files": "folder",
}
_DAYS_OF_WEEK = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PartState:
    """A part of the text: what it still lacks, in sentences."""

    label: str
    href: str
    problems: Sequence[str]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WritePage(DeskPage):
    """The parts of a petition's text. `addable` are languages by code and name.

    `online`: a version is public; `differs`: it says something else than the draft.
    """

    template: ClassVar[str] = "write.html"
    settings: PartState
    picture: PartState
    has_picture: bool
    texts: Mapping[str, PartState]
    addable: Sequence[tuple[str, str]]
    version: ShownVersion | None
    online: bool
    differs: bool
    links: Mapping[str, str]
    languages: str
    may_edit: bool
    base: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WriteSettingsPage(DeskPage):
    """The settings of a petition; `values` and `errors` are by path."""

    template: ClassVar[str] = "write_settings.html"
    action: str
    open: str
    base: int
    values: Mapping[str, str]
    errors: Mapping[str, str]
    languages: Sequence[tuple[str, str]]
    ticked: frozenset[str]
    milestones: Sequence[tuple[str, str]]
    approvals: Sequence[tuple[str, str]]
    days: Sequence[tuple[str, str]]
    draft_key: str


_MILESTONES = {
    Milestone.GOAL: "A goal is reached",
    Milestone.CLOSING: "The petition closes in a week",
    Milestone.HANDED_IN: "It was handed in",
}
_APPROVALS = {"exports": "Exports of signatures", "sending": "Sending news"}


@route(_WRITE, permission=Permission.VIEW)
def show_writing(request: DeskRequest, slug: str) -> Response:
    """The parts of the text with their state."""
    ready = opening.readiness(request.services, slug)
    draft, checked = ready.draft, ready.checked
    if not draft.version.number and (begun := asking.find(request.services, slug)):
        return deleted_text.show(request, begun)
    named = list(dict.fromkeys([*checked.languages, *draft.source.texts]))
    contents = WritePage(
        layout=pages.layout(request, "Text"),
        languages=write_url(slug, "languages"),
        settings=_state("Settings", write_url(slug, "settings"), _settings_problems(checked)),
        picture=_state(
            "Picture" if draft.source.picture else "No picture", write_url(slug, "picture"), []
        ),
        has_picture=draft.source.picture is not None,
        texts={
            code: _state(
                petition_fields.language_name(code),
                write_url(slug, f"texts/{code}"),
                [petition_fields.sentence(error) for error in checked.errors_of_text(code)],
            )
            for code in named
        },
        addable=[
            (code, language.name)
            for code, language in translations.languages().items()
            if code not in named
        ],
        version=draft_forms.shown_version(draft.version, write_url(slug, "versions"))
        if draft.version.number
        else None,
        online=ready.current is not None,
        differs=ready.changes_anything,
        links={label: write_url(slug, part) for label, part in _PARTS.items()},
        may_edit=request.may(Permission.EDIT),
        base=draft.version.number,
    )
    return pages.page(request, contents)


@route(f"{_WRITE}/languages", methods=["POST"], permission=Permission.EDIT, act=Act.SAVE_DRAFT)
def change_languages(request: DeskRequest, slug: str) -> Response:
    """Add a language, take one away with its text, or put one first."""
    draft = drafting.get_draft(request.services, slug)
    if not draft.version.number and (begun := asking.find(request.services, slug)):
        return deleted_text.show(request, begun)
    checked = checking.check(request.services, draft.source)
    named = list(checked.languages)
    language = request.fields.get("language", "")
    act = request.fields.get("act", "")
    values: dict[str, object] = {}
    if act == "add" and language in translations.languages() and language not in named:
        named.append(language)
    elif act == "first" and language in named:
        named = [language, *(other for other in named if other != language)]
    elif act == "remove":
        named = [other for other in named if other != language]
        values = {
            path: None for path in values_of(draft.source) if path.startswith(f"texts.{language}.")
        }
    values["languages"] = named
    return draft_forms.save(request, values, action=write_url(slug))


@route(f"{_WRITE}/settings", permission=Permission.VIEW)
def show_settings(request: DeskRequest, slug: str) -> Response:
    """What is the same in every language."""
    draft = drafting.get_draft(request.services, slug)
    checked = checking.check(request.services, draft.source)
    values = values_of(draft.source)
    # Who begins is not told first of all what an empty page lacks.
    is_begun = any(values.get(f"{ORGANISER}.{name}") for name in petition_fields.OF_ORGANISER)
    errors = petition_fields.messages(checked.errors_of_settings) if is_begun else {}
    contents = WriteSettingsPage(
        layout=pages.layout(
            request,
            "Days, goals, organiser",
            scripts=[draft_forms.SCRIPT],
            crumbs=draft_forms.crumbs(slug),
        ),
        action=write_url(slug, "settings"),
        open=write_url(slug, "open"),
        base=draft.version.number,
        values=petition_fields.typed(values),
        errors={path: said for path, said in errors.items() if path != "languages"},
        languages=[(code, petition_fields.language_name(code)) for code in checked.languages],
        ticked=_ticked(draft.source),
        milestones=[(kind.value, label) for kind, label in _MILESTONES.items()],
        approvals=[(kind, _APPROVALS[kind]) for kind in APPROVALS],
        days=[("", "Monday"), *((day, day.capitalize()) for day in _DAYS_OF_WEEK)],
        draft_key=f"{slug}/settings",
    )
    return pages.page(request, contents)


@route(f"{_WRITE}/settings", methods=["POST"], permission=Permission.EDIT, act=Act.SAVE_DRAFT)
def save_settings(request: DeskRequest, slug: str) -> Response:
    """Save the settings, right or wrong."""
    source = drafting.get_draft(request.services, slug).source
    languages = checking.check(request.services, source).languages
    values = petition_fields.settings_of(request.fields, languages)
    values = petition_fields.without_defaults(values, values_of(source))
    return draft_forms.save(request, values, action=write_url(slug, "settings"))


def _state(label: str, href: str, problems: Sequence[str]) -> PartState:
    return PartState(label=label, href=href, problems=problems)


def _settings_problems(checked: CheckedDraft) -> Sequence[str]:
    return [petition_fields.sentence(error) for error in checked.errors_of_settings]


def _ticked(source: PetitionSource) -> frozenset[str]:
    """The values of lists that are ticked, as the form names them."""
    return frozenset(
        f"{name}.{value}"
        for name in petition_fields.LISTS
        if isinstance(values := source.settings.get(name), list)
        for value in values
    )
