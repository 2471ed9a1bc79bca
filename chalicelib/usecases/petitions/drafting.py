"""Keeps drafts of petitions: every save is a version, and no save takes away what another wrote."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from chalicelib.domain.errors import InvalidForm, Message, Unavailable
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.petitions import draft as rules
from chalicelib.domain.petitions import three_way_merge
from chalicelib.domain.petitions.draft import PICTURE, Draft, DraftVersion, SourceChange
from chalicelib.domain.petitions.source import PetitionSource, values_of, with_values
from chalicelib.domain.petitions.three_way_merge import Choices, EditConflict
from chalicelib.rendering.pictures import uploads
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.organisers import drafts
from chalicelib.wiring import Services

LISTED: Final = 200
"""Versions that a page lists."""
_MAX_ATTEMPTS: Final = 5
_TOO_LONG: Final = Message(text="This is longer than can be stored. Shorten it.")


class EditedMeanwhile(Exception):
    """Somebody else has changed the same values since. `draft` is what they have saved."""

    def __init__(self, draft: Draft, conflicts: Sequence[EditConflict]) -> None:
        super().__init__(len(conflicts))
        self.draft, self.conflicts = draft, conflicts


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a person has chosen for each conflict with version `seen`."""

    seen: int
    choices: Choices


def find_draft(services: Services, slug: str) -> Draft | None:
    """The newest version of a draft, or None."""
    return drafts.find(services.organisers, slug)


def get_draft(services: Services, slug: str) -> Draft:
    """The newest version of a draft; an empty one, of number 0, before the first save."""
    empty = DraftVersion(
        number=0, saved_at=services.now(), saved_by=Actor(id="", name=""), changed=()
    )
    source = PetitionSource(slug=slug, settings={}, texts={})
    return drafts.find(services.organisers, slug) or Draft(version=empty, source=source)


def title_of(services: Services, slug: str) -> str:
    """The title of a draft; "" without one, or if it cannot be read now."""
    try:
        draft = drafts.find(services.organisers, slug)
    except Unavailable:
        return ""
    return rules.first_title(draft.source) if draft else ""


def get_version(services: Services, slug: str, number: int) -> Draft:
    """A version of a draft. Raises NotFound."""
    return drafts.get_version(services.organisers, slug, number)


def list_versions(services: Services, slug: str) -> Sequence[DraftVersion]:
    """The newest versions of a draft, the newest first."""
    return drafts.list_newest(services.organisers, slug, limit=LISTED)


def get_picture(services: Services, draft: Draft) -> bytes:
    """The bytes of a draft's picture; b"" without one. Raises NotFound."""
    picture = draft.source.picture
    if picture is None:
        return b""
    return drafts.get_picture(services.organisers, draft.source.slug, picture.file_name)


def changes_of(services: Services, slug: str, number: int) -> Sequence[SourceChange]:
    """What a version changed of the one before it. Raises NotFound."""
    after = get_version(services, slug, number)
    before = PetitionSource(slug=slug, settings={}, texts={})
    if number > 1:
        before = get_version(services, slug, number - 1).source
    return rules.source_changes(before, after.source)


def save(
    services: Services,
    slug: str,
    *,
    base: int,
    values: Mapping[str, Any],
    by: Actor,
    decided: Decided | None = None,
) -> Draft:
    """Store some values by their paths as the next version; None takes one away.

    `base` is the version from which they were written. Values that only others have changed since
    stay as they are. Raises EditedMeanwhile, InvalidForm (too long), NotFound (no such base),
    Unavailable.
    """
    base_values = values_of(_source_at(services, slug, base))
    start, wanted = base_values, values
    if decided:
        seen = values_of(_source_at(services, slug, decided.seen))
        chosen, undecided = three_way_merge.merged(base_values, seen, values, decided.choices)
        if not undecided:
            # As if it had been typed into the version that was seen.
            start, wanted = seen, {path: chosen.get(path, seen.get(path)) for path in values}
    for _ in range(_MAX_ATTEMPTS):
        current = get_draft(services, slug)
        now = values_of(current.source)
        changes, conflicts = three_way_merge.merged(start, now, wanted, {})
        if conflicts:
            # Somebody saved once more after the choice, or not all was chosen: all is asked anew.
            changes, conflicts = three_way_merge.merged(base_values, now, values, {})
        if conflicts:
            raise EditedMeanwhile(current, conflicts)
        try:
            return _add(services, current, with_values(current.source, changes), by, b"")
        except ConditionFailed:
            # Somebody has saved since; or our own first attempt did, which then changes nothing.
            continue
    raise Unavailable


def save_picture(services: Services, slug: str, content: bytes, *, by: Actor) -> Draft:
    """Store the picture that a file makes as a part of the next version; b"" takes it away.

    Raises BadPicture, Unavailable.
    """
    picture, made = uploads.picture_of(content) if content else (None, b"")
    return change(
        services, slug, lambda source: replace(source, picture=picture), picture=made, by=by
    )


def change(
    services: Services,
    slug: str,
    changed: Callable[[PetitionSource], PetitionSource],
    *,
    picture: bytes,
    by: Actor,
    note: str = "",
) -> Draft:
    """Store what `changed` makes of the newest version as the next one.

    `picture` are the bytes of a new picture. If somebody else saves meanwhile, theirs is changed.
    Raises InvalidForm, Unavailable.
    """
    for _ in range(_MAX_ATTEMPTS):
        current = get_draft(services, slug)
        try:
            return _add(services, current, changed(current.source), by, picture, note)
        except ConditionFailed:
            continue
    raise Unavailable


def replace_all(
    services: Services, source: PetitionSource, *, picture: bytes, by: Actor, note: str
) -> Draft:
    """Store all that is written elsewhere as the next version. Raises InvalidForm, Unavailable."""
    return change(services, source.slug, lambda _: source, picture=picture, by=by, note=note)


def restore(services: Services, slug: str, number: int, *, by: Actor) -> Draft:
    """Store what an older version says as the next one. Raises NotFound, Unavailable."""
    old = get_version(services, slug, number)
    return replace_all(
        services, old.source, picture=b"", by=by, note=f"Version {number} was brought back"
    )


def _source_at(services: Services, slug: str, number: int) -> PetitionSource:
    if number == 0:
        return PetitionSource(slug=slug, settings={}, texts={})
    return get_version(services, slug, number).source


def _add(
    services: Services,
    current: Draft,
    wanted: PetitionSource,
    by: Actor,
    picture: bytes,
    note: str = "",
) -> Draft:
    """The next version; the current one if nothing changes. Raises ConditionFailed, InvalidForm."""
    changed = [change.path for change in rules.source_changes(current.source, wanted)]
    if not changed and current.version.number:
        return current
    _check_sizes(wanted)
    version = DraftVersion(
        number=current.version.number + 1,
        saved_at=services.now(),
        saved_by=by,
        changed=tuple(changed[:LISTED]),
        note=note,
    )
    added = Draft(version=version, source=wanted)
    drafts.add(services.organisers, added, picture=picture if PICTURE in changed else b"")
    return added


def _check_sizes(source: PetitionSource) -> None:
    """Raise InvalidForm for what is too long even for a draft."""
    sizes = {
        f"texts.{language}.body": len(f"{text.lines}{text.body}".encode())
        for language, text in source.texts.items()
        if text is not None
    }
    sizes["settings"] = drafts.stored_bytes(source.settings)
    errors = {path: _TOO_LONG for path, size in sizes.items() if size > drafts.MAX_TEXT_BYTES}
    if errors:
        raise InvalidForm(errors)
