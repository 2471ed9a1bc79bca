"""Finds who takes away, in a draft, that two people decide: another steward must publish that."""

from collections.abc import Set as AbstractSet

from chalicelib.domain.petitions.draft import Draft
from chalicelib.domain.petitions.source import PetitionSource
from chalicelib.usecases.petitions import drafting
from chalicelib.wiring import Services


def lifters(services: Services, draft: Draft, kinds: AbstractSet[str]) -> frozenset[str]:
    """The ids of those who have saved a version without an approval that the one before it had.

    `kinds` are the approvals that are online and not in the draft. Versions are read from the
    newest one back, two reads each, to one that has all of them. Who saved the first version counts
    if none has. Raises Unavailable.
    """
    found: set[str] = set()
    after = draft
    while not kinds <= _approvals(after.source):
        before = _before(services, after)
        held = _approvals(before.source) if before else kinds
        if (held & kinds) - _approvals(after.source):
            found.add(after.version.saved_by.id)
        if before is None:
            break
        after = before
    return frozenset(found)


def _before(services: Services, draft: Draft) -> Draft | None:
    number = draft.version.number
    if number <= 1:
        return None
    return drafting.get_version(services, draft.source.slug, number - 1)


def _approvals(source: PetitionSource) -> AbstractSet[str]:
    """What the settings name, right or wrong."""
    named = source.settings.get("approvals", [])
    return {each for each in named if isinstance(each, str)} if isinstance(named, list) else set()
