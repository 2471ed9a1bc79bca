"""What updates wait for that no second organiser has approved, in words: who asked, who can."""

from collections.abc import Mapping, Sequence

from chalicelib import cached
from chalicelib.domain.organisers import roles as role_rules
from chalicelib.domain.organisers.roles import Permission
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.organisers import assigning
from chalicelib.usecases.organisers.assigning import Member
from chalicelib.usecases.petitions import unsent_updates
from chalicelib.usecases.petitions.unsent_updates import UnapprovedUpdate


def sentences(request: DeskRequest, slug: str) -> Mapping[str, str]:
    """What each unapproved update of a petition waits for, by name. Raises NotFound, Unavailable.

    No call where the petition requires no approval.
    """
    petition = cached.petition(request.services, slug)
    waiting = unsent_updates.list_waiting(request.services, petition)
    unapproved = unsent_updates.list_unapproved(request.services, petition, waiting)
    if not unapproved:
        return {}
    members = assigning.list_members(request.services, slug)
    senders = [each for each in members if role_rules.may(each.roles, Permission.SEND)]
    return {each.update.name: _sentence(request, each, senders) for each in unapproved}


def _sentence(request: DeskRequest, waiting: UnapprovedUpdate, senders: Sequence[Member]) -> str:
    asked, me = waiting.asked, request.session.organiser_id
    if asked is None:
        return "It needs a second person, and nobody has asked for one yet."
    who = "You" if asked.asked_by.id == me else asked.asked_by.name
    if waiting.is_void:
        return f"It has changed since {who.lower() if who == 'You' else who} asked: ask again."
    others = [each.organiser for each in senders if asked.may_be_approved_by(each.organiser.id)]
    names = ["you"] if any(each.id == me for each in others) else []
    names += [each.name for each in others if each.id != me]
    if not names:
        return f"{who} asked, and nobody else here may mail updates: a steward can add somebody."
    return f"{who} asked. It waits for {' or '.join(names)}."
