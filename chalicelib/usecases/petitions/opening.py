"""Publishes drafts: what a petition lacks before it opens, what a publication changes, closing it.

What is published is the version that a steward has seen: a save in between is published by nobody.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.approval import APPROVERS, ApprovalKind
from chalicelib.domain.organisers.roles import may
from chalicelib.domain.petitions.amendment import AmendmentRequest
from chalicelib.domain.petitions.draft import Draft, SourceChange
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.domain.petitions.text_changes import TextChange, text_changes
from chalicelib.domain.petitions.value_changes import value_changes
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.store.organisers import memberships
from chalicelib.store.petitions import petitions
from chalicelib.usecases.petitions import checking, drafting, key_files, lifting, publishing
from chalicelib.usecases.petitions.checking import CheckedDraft
from chalicelib.usecases.petitions.drafting import EditedMeanwhile
from chalicelib.wiring import Services


class NotReadyToPublish(Exception):
    """The draft lacks something, or is no longer the version that was to be published."""


class LiftedAlone(Exception):
    """Whoever takes away that two people decide cannot publish it: another steward does."""


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """A draft before it is published, beside what is online, if anything is.

    `public_key` is b"" until an organiser has proven the petition's key. `signed` are the changes
    of a text that people have signed: they need a reason. `lonely` are the approvals that nobody
    but one organiser could give. `lifted` are those that a publication takes away, and `lifted_by`
    the ids of those who have saved that.
    """

    draft: Draft
    checked: CheckedDraft
    current: Petition | None
    public_key: bytes
    changes: Sequence[TextChange]
    signed: Sequence[TextChange]
    lonely: Sequence[str]
    lifted: Sequence[str]
    lifted_by: AbstractSet[str]

    @property
    def is_ready(self) -> bool:
        """Whether nothing is lacking."""
        return bool(self.draft.version.number and self.public_key and not self.checked.errors)

    @property
    def other_changes(self) -> Sequence[SourceChange]:
        """What differs from what is online but for the text that signers agree to."""
        if self.current is None:
            return ()
        return [
            change
            for change in value_changes(self.current, self.checked.petition)
            # Publishing keeps a day that was marked at the desk and is not in the draft.
            if change.path != "handed_in_on" or change.after
        ]

    @property
    def changes_anything(self) -> bool:
        """Whether a publication would change what is online."""
        return (
            self.current is None
            or self.checked.petition.texts != self.current.texts
            or bool(self.other_changes)
        )


def readiness(services: Services, slug: str) -> Readiness:
    """What a draft lacks and what its publication would change. Raises Unavailable."""
    draft = drafting.get_draft(services, slug)
    current = petitions.find_as_stored(services.petitions, slug)
    # A new key of a published petition has a publication of its own.
    key = current.public_key if current else key_files.proven_key(services, slug) or b""
    checked = checking.check(services, draft.source, *([key] if key else []))
    changes = text_changes(current, checked.petition) if current else ()
    lifted = current.approvals - checked.petition.approvals if current else frozenset()
    signed = publishing.changes_of_signed_text(services, checked.petition) if changes else ()
    return Readiness(
        draft=draft,
        checked=checked,
        current=current,
        public_key=key,
        changes=changes,
        signed=signed,
        lonely=_lonely(services, checked.petition),
        lifted=sorted(lifted),
        lifted_by=lifting.lifters(services, draft, lifted) if lifted else frozenset(),
    )


def find_published(services: Services, slug: str) -> Petition | None:
    """The petition that is online, or None."""
    return petitions.find_as_stored(services.petitions, slug)


def publish_draft(
    services: Services,
    slug: str,
    *,
    number: int,
    by: Actor,
    amendment: AmendmentRequest | None = None,
    preview_images: Mapping[str, bytes] | None = None,
) -> Petition:
    """Publish version `number` of a draft, and the images that networks show with its link.

    Raises NotReadyToPublish, also if somebody else publishes it or removes the draft at the same
    moment, LiftedAlone, AmendmentNeeded, MissingSecret, Unavailable.
    """
    ready = readiness(services, slug)
    if not ready.is_ready or ready.draft.version.number != number:
        raise NotReadyToPublish
    if by.id in ready.lifted_by:
        raise LiftedAlone
    picture = drafting.get_picture(services, ready.draft)
    try:
        published = publishing.publish_petition(
            services,
            ready.checked.petition,
            key_file="" if ready.current else key_files.text_to_publish(services, slug),
            picture=picture,
            amendment=amendment,
            elsewhere=[(services.organisers, memberships.staying(slug))],
        )
    except ConditionFailed as failed:
        raise NotReadyToPublish from failed
    wanted = {
        language: image
        for language, image in (preview_images or {}).items()
        if language in published.languages
    }
    publishing.publish_preview_images(services, slug, wanted)
    return published


def close_now(services: Services, slug: str, *, by: Actor) -> Petition:
    """End a petition at this moment: today is its last day, online and in its draft.

    Raises NotFound, NotReadyToPublish (it is not open, or was published meanwhile), Unavailable.
    """
    current = petitions.find_as_stored(services.petitions, slug)
    if current is None:
        raise NotFound
    # As stored: to the millisecond.
    now = to_moment(to_milliseconds(services.now()))
    if current.state(now) is not PetitionState.OPEN:
        raise NotReadyToPublish
    today = now.astimezone(UTC).date()
    draft = drafting.find_draft(services, slug)
    closed = replace(current, closes_on=today, closed_at=now)
    try:
        if draft is not None:
            number = draft.version.number
            drafting.save(services, slug, base=number, values={"closes_on": today}, by=by)
        return publishing.publish_petition(services, closed)
    except (ConditionFailed, EditedMeanwhile) as failed:
        raise NotReadyToPublish from failed


def _lonely(services: Services, petition: Petition) -> Sequence[str]:
    if not petition.approvals:
        return ()
    held = memberships.get(services.organisers, petition.slug).roles.values()
    return [
        kind
        for kind in sorted(petition.approvals)
        if sum(may(roles, APPROVERS[ApprovalKind(kind)]) for roles in held) < 2
    ]
