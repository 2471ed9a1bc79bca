"""Saving forms of drafts at the desk: what two people have changed is shown side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from chalice.app import Response

from chalicelib.domain.petitions import text_changes
from chalicelib.domain.petitions.draft import DraftVersion
from chalicelib.domain.petitions.text_changes import Fate, Piece
from chalicelib.domain.petitions.three_way_merge import EditConflict, MergeChoice
from chalicelib.rendering import desk_urls
from chalicelib.routes.desk import pages, petition_fields
from chalicelib.routes.desk.pages import Crumb, DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import drafting
from chalicelib.usecases.petitions.drafting import Decided, EditedMeanwhile

SCRIPT: Final = "desk-draft.js"
"""Keeps what is typed and not saved in the browser's tab."""
_CHOICE: Final = "choice."
_NUMBERED: Final = 8
"""The most digits of the number of a version, or of a place."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ShownVersion:
    """A version in a list: what it changed, in words."""

    number: int
    saved_at: str
    saved_by: str
    changed: str
    href: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ShownConflict:
    """What two people have changed at one place, word by word: what only one has is added.

    `field` names the choice, and `chosen` is what was chosen before, or "". `above` is the line
    over the place.
    """

    field: str
    label: str
    above: str
    takes_both: bool
    chosen: str
    theirs: Sequence[Piece]
    mine: Sequence[Piece]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ConflictPage(DeskPage):
    """What another person has saved meanwhile, beside what was typed.

    `is_incomplete`: choices came, and not for every place.
    """

    template: ClassVar[str] = "write_conflict.html"
    action: str
    saved: ShownVersion
    by_oneself: bool
    is_incomplete: bool
    conflicts: Sequence[ShownConflict]
    fields: Mapping[str, str]


def write_url(slug: str, part: str = "") -> str:
    """The path of a page about the text of a petition."""
    return desk_urls.petition(slug, f"write/{part}" if part else "write")


def crumbs(slug: str) -> Sequence[Crumb]:
    """The way from the petition's text to a page below it."""
    return [Crumb(label="Text", href=write_url(slug))]


def save(
    request: DeskRequest, values: Mapping[str, Any], *, action: str, draft_id: str = ""
) -> Response:
    """Save values of a form at the path `action`, and show that page again.

    `draft_id` is the id of an update; "" for the petition's own draft.
    """
    try:
        drafting.save(
            request.services,
            draft_id or request.slug,
            base=number_in(request.fields, "base"),
            values=values,
            by=request.actor,
            decided=_decided(request.fields),
        )
    except EditedMeanwhile as meanwhile:
        return _conflict_page(request, meanwhile, action)
    return pages.see_other(action + pages.SAVED)


def number_in(fields: Mapping[str, str], name: str) -> int:
    """The number of a version in a form; 0 for none."""
    typed = fields.get(name, "")
    return int(typed) if _is_number(typed) else 0


def shown_version(version: DraftVersion, versions: str) -> ShownVersion:
    """A version as lists show it, whose path is `versions`."""
    labels = list(dict.fromkeys(petition_fields.label_of(path) for path in version.changed))
    changed = ", ".join(labels[:4]) + (f" and {len(labels) - 4} more" if len(labels) > 4 else "")
    return ShownVersion(
        number=version.number,
        saved_at=f"{version.saved_at:%Y-%m-%d %H:%M} UTC",
        saved_by=version.saved_by.name,
        changed=f"{version.note}. {changed}" if version.note else changed,
        href=f"{versions}/{version.number}",
    )


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdigit() and len(typed) <= _NUMBERED


def _decided(fields: Mapping[str, str]) -> Decided | None:
    if "seen" not in fields:
        return None
    choices = {}
    for name, choice in fields.items():
        place, _, path = name.removeprefix(_CHOICE).partition(".")
        if name.startswith(_CHOICE) and _is_number(place) and choice in [*MergeChoice]:
            choices[path, int(place)] = MergeChoice(choice)
    return Decided(seen=number_in(fields, "seen"), choices=choices)


def _conflict_page(request: DeskRequest, meanwhile: EditedMeanwhile, action: str) -> Response:
    saved = meanwhile.draft.version
    by_oneself = saved.saved_by.id == request.actor.id
    # Choices that were made before another save are of other places.
    is_seen = number_in(request.fields, "seen") == saved.number
    kept = {
        name: value
        for name, value in request.fields.items()
        if name != "seen" and not name.startswith(_CHOICE)
    }
    contents = ConflictPage(
        layout=pages.layout(
            request,
            "You have saved in another tab" if by_oneself else "Somebody else has saved",
            crumbs=crumbs(request.slug),
        ),
        action=action,
        saved=shown_version(saved, f"{action}/versions"),
        by_oneself=by_oneself,
        is_incomplete=is_seen,
        conflicts=[
            _shown_conflict(conflict, request.fields if is_seen else {})
            for conflict in meanwhile.conflicts
        ],
        fields={**kept, "seen": str(saved.number)},
    )
    return pages.page(request, contents, status=409)


def _shown_conflict(conflict: EditConflict, fields: Mapping[str, str]) -> ShownConflict:
    field = f"{_CHOICE}{conflict.place}.{conflict.path}"
    return ShownConflict(
        field=field,
        label=petition_fields.label_of(conflict.path),
        above=conflict.above,
        takes_both=conflict.takes_both,
        chosen=fields.get(field, ""),
        theirs=_own_words(conflict.mine, conflict.theirs),
        mine=_own_words(conflict.theirs, conflict.mine),
    )


def _own_words(other: str, own: str) -> Sequence[Piece]:
    compared = text_changes.compared(other, own)
    return [piece for piece in compared if piece.fate is not Fate.REMOVED]
