"""Organisers of the local desk: the first is invited; scripts sign in without an authenticator."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Final

from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.organiser import OrganiserAccount
from chalicelib.domain.organisers.roles import Role
from chalicelib.people import organiser_mails
from chalicelib.store.organisers import accounts
from chalicelib.usecases.organisers import assigning, entering, inviting
from chalicelib.wiring import Services

FIRST_NAME: Final = "The first organiser"
_FIRST_ADDRESS: Final = "organiser@example.org"
_DEVICE: Final = "a script on this machine"


def invite_first(services: Services, slugs: Sequence[str]) -> bool:
    """Invite somebody to be steward of these petitions, unless there is an organiser already.

    Returns whether an invitation was mailed.
    """
    if accounts.list_all(services.organisers):
        return False
    invited = inviting.invite(
        services, by=OPERATOR, name=FIRST_NAME, email=_FIRST_ADDRESS, slug="", roles=set()
    )
    for slug in slugs:
        assigning.save_roles(services, slug, invited.organiser.id, {Role.STEWARD}, by=OPERATOR)
    return invited.mailed


def sign_in(services: Services, name: str, slug: str, roles: Collection[Role]) -> str:
    """The cookie of a new session of the organiser of this name, who is made if need be.

    With a `slug`, the organiser then has these roles on that petition.
    """
    organiser = _entered(services, name, begins_petitions=not slug)
    if slug:
        assigning.save_roles(services, slug, organiser.id, set(roles), by=OPERATOR)
    return entering.begin_session(services, organiser, device=_DEVICE).cookie


def _entered(services: Services, name: str, *, begins_petitions: bool) -> OrganiserAccount:
    """The account of this name, as if a passkey had been made."""
    organiser_id = hashlib.sha256(name.encode()).hexdigest()[:16]
    organiser = accounts.find(services.organisers, organiser_id)
    if organiser is None:
        address = email_address.parse(f"{organiser_id}@example.org")
        sealed = organiser_mails.seal_address(services, organiser_id, address)
        organiser = OrganiserAccount(
            id=organiser_id, name=name, sealed_address=sealed, begins_petitions=begins_petitions
        )
        services.organisers.transact([accounts.adding(organiser)])
        services.organisers.transact([accounts.entering(organiser, now=services.now())])
    return accounts.get(services.organisers, organiser_id)
