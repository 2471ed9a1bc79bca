"""People who have an account already take an invitation with it, so that they get no second one.

Whoever signs in with a passkey says by that which account it is. So addresses are compared with
none, and to invite somebody tells nothing about the address.
"""

from collections.abc import Sequence
from typing import Any, Final

from chalicelib.crypto import passkeys
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.organisers.organiser import LinkKind, OrganiserAccount
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Write
from chalicelib.store.organisers import accounts, desk_links, memberships
from chalicelib.usecases.organisers import entering, joining, recording
from chalicelib.usecases.organisers.entering import Entered
from chalicelib.usecases.organisers.joining import LinkOver, OpenLink
from chalicelib.wiring import Services

_MAX_ATTEMPTS: Final = 5


def open_invitation(services: Services, token: str) -> OpenLink:
    """The link of an invitation, which is not used up by this. Raises LinkOver."""
    opened = joining.open_link(services, token)
    if opened.link.kind is not LinkKind.INVITATION:
        raise LinkOver
    return opened


def passkey_options(services: Services, opened: OpenLink) -> dict[str, Any]:
    """What a browser needs to let a person choose a passkey. Nothing is stored."""
    return passkeys.request_options(
        services.settings.desk_origin,
        challenge=entering.challenge(services, _purpose(opened)),
        allowed=[],
    )


def accept(services: Services, token: str, answer: str, *, device: str) -> Entered:
    """Use a link up: what it gives goes to the account that signs in, and a session begins.

    The account that the invitation has made is deleted. Raises LinkOver, PasskeyRefused,
    InvalidForm (too many people), Unavailable.
    """
    opened = open_invitation(services, token)
    account = entering.verified(services, passkeys.read_assertion(answer), _purpose(opened))
    for slug in _slugs(services, opened):
        detail = f"invited as {opened.organiser.name}"
        recording.record(services, slug, actor=account.actor, act=Act.JOIN, detail=detail)
    for _ in range(_MAX_ATTEMPTS):
        try:
            services.organisers.transact(_taking(services, opened, account))
        except ConditionFailed:
            # Somebody has changed roles, or has used the link: then it raises LinkOver.
            opened = open_invitation(services, token)
            continue
        return entering.begin_session(services, account, device=device)
    raise Unavailable


def _taking(services: Services, opened: OpenLink, account: OrganiserAccount) -> Sequence[Write]:
    """The writes that move all rights to an account and end the invitation, all or nothing."""
    invited, table = opened.organiser, services.organisers
    writes = [desk_links.using(opened.link), accounts.deleting(invited)]
    if invited.begins_petitions:
        writes.append(accounts.letting_begin(account.id))
    for slug in _slugs(services, opened):
        old = memberships.get(table, slug)
        roles = old.of(invited.id)
        if roles:
            moved = old.changed(invited.id, set())
            new = moved.changed(account.id, moved.of(account.id) | roles)
            writes += memberships.changing(old, new)
    return writes


def _slugs(services: Services, opened: OpenLink) -> Sequence[str]:
    """The petitions to which somebody is invited: colleagues may have added some meanwhile."""
    return memberships.list_slugs(services.organisers, opened.organiser.id)


def _purpose(opened: OpenLink) -> str:
    return f"accept/{opened.link.hash}"
