"""Checking a petition at the desk, publishing it, and closing it."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.fields import FieldError, Fields
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions import amendment as amendment_rules
from chalicelib.domain.petitions import text_changes
from chalicelib.domain.petitions.amendment import AmendmentKind, AmendmentRequest
from chalicelib.domain.petitions.petition import PetitionState
from chalicelib.domain.petitions.text_changes import TextChange
from chalicelib.rendering import desk_urls, urls
from chalicelib.rendering.pictures import uploads
from chalicelib.rendering.pictures.faults import BadPicture
from chalicelib.routes.desk import (
    access,
    checklist,
    draft_forms,
    pages,
    petition_fields,
    preview_drawing,
)
from chalicelib.routes.desk.checklist import CheckItem
from chalicelib.routes.desk.draft_forms import write_url
from chalicelib.routes.desk.draft_versions import ValueChange, shown_change
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import drafting, opening
from chalicelib.usecases.petitions.opening import LiftedAlone, NotReadyToPublish, Readiness
from chalicelib.usecases.petitions.publishing import AmendmentNeeded

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_OPEN: Final = "/desk/petitions/{slug}/write/open"
_SCRIPTS: Final = ("desk-canvas.js", "desk-preview-images.js")
_IMAGE: Final = "image."
_REASON: Final = "reason."


@dataclass(frozen=True, kw_only=True)
class ChangeKind:
    """A kind of change to a signed text, to choose."""

    value: AmendmentKind
    label: str
    help: str


_KINDS: Final = (
    ChangeKind(
        value=AmendmentKind.AMENDMENT,
        label="It says something else than what people have signed",
        help="Such as another demand, addressee or fact. The petition’s page says so above the "
        "demands, with both texts.",
    ),
    ChangeKind(
        value=AmendmentKind.CORRECTION,
        label="It says the same in better words",
        help="Such as a slip of the pen or a link. The petition’s page lists it below the demands, "
        "with both texts.",
    ),
)
_REFUSALS: Final[Mapping[type[Exception], tuple[str, str]]] = {
    NotReadyToPublish: (
        "number",
        "Nothing was published: somebody has saved or published since. Look again, then publish.",
    ),
    LiftedAlone: ("number", "Nothing was published: another steward must agree, and publish it."),
    AmendmentNeeded: ("kind", "People have signed this text: say what changes."),
}
"""The field of the form at which each is said."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OpenPage(DeskPage):
    """The checklist, what a publication changes, and the form that publishes.

    `action` is "" for who may not publish, `close` for what is not open.
    `drawings` is what the browser draws. `lifts_alone`: who looks has taken away that two people
    decide, and another steward must publish it.
    """

    template: ClassVar[str] = "write_open.html"
    action: str
    lifts_alone: bool
    number: int
    online: bool
    is_ready: bool
    changes_anything: bool
    items: Sequence[CheckItem]
    changes: Sequence[ValueChange]
    needs_reason: bool
    kinds: Sequence[ChangeKind]
    languages: Sequence[tuple[str, str]]
    values: Mapping[str, str]
    errors: Mapping[str, str]
    drawings: str
    close: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PublishedPage(DeskPage):
    """The petition is online: where, and how the steward tries it.

    `is_change`: it was online before.
    """

    template: ClassVar[str] = "write_published.html"
    is_change: bool
    links: Sequence[tuple[str, str]]
    state: PetitionState
    opens_on: str
    amendment: str
    back: str


@route(_OPEN, permission=Permission.VIEW)
def show_opening(request: DeskRequest, slug: str) -> Response:
    """The checklist and what a publication would change."""
    return _page(request, opening.readiness(request.services, slug), {})


@route(_OPEN, methods=["POST"], permission=Permission.STEWARD, touch=True, act=Act.PUBLISH)
def publish(request: DeskRequest, slug: str) -> Response:
    """Publish the version that the form names."""
    ready = opening.readiness(request.services, slug)
    errors: list[FieldError] = []
    languages = ready.checked.petition.languages
    amendment = _amendment(request.fields, languages, errors) if ready.signed else None
    if errors:
        return _page(request, ready, petition_fields.messages(errors))
    if ready.lifted:
        request.record(Act.LIFT_APPROVALS, ", ".join(ready.lifted))
    try:
        published = opening.publish_draft(
            request.services,
            slug,
            by=request.actor,
            number=draft_forms.number_in(request.fields, "number"),
            amendment=amendment,
            preview_images=_images(request.fields),
        )
    except (NotReadyToPublish, LiftedAlone, AmendmentNeeded) as refused:
        field, words = _REFUSALS[type(refused)]
        return _page(request, opening.readiness(request.services, slug), {field: words})
    made = [each for each in published.amendments if each.version == published.version]
    public_url = request.services.settings.public_url
    is_change = ready.current is not None
    title = "Your change is online" if is_change else "It is online"
    contents = PublishedPage(
        layout=pages.layout(request, title, crumbs=draft_forms.crumbs(slug)),
        links=[
            (public_url + urls.petition(language, slug), petition_fields.language_name(language))
            for language in published.languages
        ],
        is_change=is_change,
        state=published.state(request.services.now()),
        opens_on=published.opens_on.isoformat(),
        amendment=public_url + urls.amendment(published.languages[0], slug, made[0].number)
        if made
        else "",
        back=desk_urls.petition(slug),
    )
    return pages.page(request, contents)


def _page(request: DeskRequest, ready: Readiness, errors: Mapping[str, str]) -> Response:
    slug, petition = request.slug, ready.checked.petition
    content = drafting.get_picture(request.services, ready.draft)
    contents = OpenPage(
        layout=pages.layout(
            request,
            "Check and publish",
            scripts=_SCRIPTS,
            crumbs=draft_forms.crumbs(slug),
        ),
        action=write_url(slug, "open") if request.may(Permission.STEWARD) else "",
        lifts_alone=request.actor.id in ready.lifted_by,
        number=ready.draft.version.number,
        online=ready.current is not None,
        is_ready=ready.is_ready,
        changes_anything=ready.changes_anything,
        items=checklist.items(slug, ready),
        changes=[
            *(_shown(change) for change in ready.changes),
            *(shown_change(change) for change in ready.other_changes),
        ],
        needs_reason=bool(ready.signed),
        kinds=_KINDS,
        languages=[
            (language, petition_fields.language_name(language)) for language in petition.languages
        ],
        values=request.fields,
        errors=errors,
        drawings=preview_drawing.drawings(petition, ready.draft.source.picture, content),
        close=desk_urls.petition(slug, "end/close") if _is_open(request, ready) else "",
    )
    return pages.page(request, contents, status=422 if errors else 200)


def _is_open(request: DeskRequest, ready: Readiness) -> bool:
    current = ready.current
    return current is not None and current.state(request.services.now()) is PetitionState.OPEN


def _shown(change: TextChange) -> ValueChange:
    part = change.part.value.capitalize()
    number = f" {change.number}" if change.number else ""
    language = f" ({petition_fields.language_name(change.language)})" if change.language else ""
    return ValueChange(label=f"{part}{number}{language}", pieces=text_changes.pieces(change))


def _amendment(
    fields: Mapping[str, str], languages: Sequence[str], errors: list[FieldError]
) -> AmendmentRequest | None:
    """What the form says of a change of a signed text; errors for what it does not say."""
    reasons = {
        language: words
        for language in languages
        if (words := petition_fields.line_of(fields.get(f"{_REASON}{language}", "")))
    }
    found = Fields(values=reasons, errors=[])
    if languages and languages[0] not in reasons:
        found.add(languages[0], "Say why, at least in the first language.")
    parsed = amendment_rules.parse_reasons(found, languages)
    errors += [replace(error, field=f"{_REASON}{error.field}") for error in found.errors]
    kind = fields.get("kind", "")
    if kind not in [*AmendmentKind]:
        errors.insert(0, FieldError(field="kind", what="Choose what kind of change it is."))
        return None
    return AmendmentRequest(kind=AmendmentKind(kind), reasons=parsed)


def _images(fields: Mapping[str, str]) -> Mapping[str, bytes]:
    """The preview images that the browser has drawn; those that are none are left out."""
    images = {}
    for name, typed in fields.items():
        if name.startswith(_IMAGE) and typed:
            with suppress(BadPicture, binascii.Error, ValueError):
                content = base64.b64decode(typed, validate=True)
                images[name.removeprefix(_IMAGE)] = uploads.preview_image_of(content)
    return images
