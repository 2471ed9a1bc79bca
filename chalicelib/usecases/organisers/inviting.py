"""Organisers invite others to a petition, and operators invite the first one."""

import hashlib
import logging
import secrets
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from chalicelib.domain.errors import InvalidForm, Message, Unavailable
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.email_address import BadAddress, EmailAddress
from chalicelib.domain.organisers import organiser as rules
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.organiser import (
    LINK_LIFETIME,
    DeskLink,
    LinkKind,
    OrganiserAccount,
)
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.mail.messages import DeskLinkMail
from chalicelib.people import organiser_mails
from chalicelib.rendering import desk_urls
from chalicelib.store.organisers import accounts, desk_links
from chalicelib.usecases.organisers import assigning, recording
from chalicelib.usecases.organisers.assigning import NotASteward
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Invited:
    """Who was invited. Not `mailed`: the invitation stands, but its mail could not be queued."""

    organiser: OrganiserAccount
    mailed: bool


def invite(
    services: Services, *, by: Actor, name: str, email: str, slug: str, roles: AbstractSet[Role]
) -> Invited:
    """Invite a person, with roles on a petition, or to begin petitions if `slug` is "".

    Each invitation makes an account of its own, which is gone when somebody takes it with another
    account (`accepting.py`): nothing is compared with addresses that are known, so its answer says
    nothing about them. Raises InvalidForm, NotASteward, Unavailable.
    """
    organiser = replace(_new_organiser(services, name, email), begins_petitions=not slug)
    if slug and not roles:
        raise InvalidForm({"roles": Message(text="Choose at least one role.")})
    link, token = _new_link(services, organiser, LinkKind.INVITATION, slug=slug)
    writes = [accounts.adding(organiser), desk_links.saving(link)]
    if slug:
        detail = f"{organiser.name} as {assigning.named(roles)}"
        _note(services, slug, by, Act.INVITE, detail)
        try:
            assigning.save_roles(services, slug, organiser.id, roles, by=by, with_it=writes)
        except (InvalidForm, NotASteward):
            _note(services, slug, by, Act.INVITE, detail, refused=True)
            raise
    else:
        services.organisers.transact(writes)
    return Invited(organiser=organiser, mailed=_mail(services, organiser, link, token, by=by))


def invite_again(services: Services, *, by: Actor, slug: str, organiser: OrganiserAccount) -> bool:
    """Mail a new link to somebody who has not entered yet: the old one is void.

    False if it stands, but its mail could not be queued. Raises InvalidForm, Unavailable.
    """
    if organiser.entered_at:
        raise InvalidForm({"organiser": Message(text="This person has entered already.")})
    _note(services, slug, by, Act.INVITE_AGAIN, organiser.name)
    return _replace_link(services, organiser, LinkKind.INVITATION, slug=slug, by=by)


def start_recovery(
    services: Services, *, by: Actor, slug: str, organiser: OrganiserAccount, with_code: bool = True
) -> bool:
    """Mail a link to somebody who has lost all passkeys; their printed code is needed as well.

    An operator may do without the code. False if the link stands, but its mail could not be queued.
    Raises InvalidForm, Unavailable.
    """
    if not organiser.entered_at:
        raise InvalidForm({"organiser": Message(text="This person has not entered yet.")})
    if with_code and not organiser.recovery_hash:
        text = (
            "This person has no recovery code. Ask an operator, who knows the person, to start the "
            "recovery; or remove the person here and invite them anew."
        )
        raise InvalidForm({"organiser": Message(text=text)})
    _note(services, slug, by, Act.START_RECOVERY, organiser.name)
    return _replace_link(
        services, organiser, LinkKind.RECOVERY, slug=slug, by=by, with_code=with_code
    )


def hashed(token: str) -> str:
    """The hash under which a link is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _new_organiser(services: Services, name: str, email: str) -> OrganiserAccount:
    checked, address = rules.checked_name(name), _address(email)
    organiser_id = secrets.token_hex(8)
    return OrganiserAccount(
        id=organiser_id,
        name=checked,
        sealed_address=organiser_mails.seal_address(services, organiser_id, address),
    )


def _address(typed: str) -> EmailAddress:
    try:
        return email_address.parse_pasted(typed)
    except BadAddress as error:
        raise InvalidForm({"email": error.reason}) from error


def _new_link(
    services: Services,
    organiser: OrganiserAccount,
    kind: LinkKind,
    *,
    slug: str,
    with_code: bool = False,
) -> tuple[DeskLink, str]:
    """A link to be stored, and its token: the organiser's id and 32 random bytes, in hex."""
    token = organiser.id + secrets.token_hex(32)
    link = DeskLink(
        organiser_id=organiser.id,
        hash=hashed(token),
        kind=kind,
        slug=slug,
        needs_code=with_code,
        expires_at=services.now() + LINK_LIFETIME,
    )
    return link, token


def _replace_link(
    services: Services,
    organiser: OrganiserAccount,
    kind: LinkKind,
    *,
    slug: str,
    by: Actor,
    with_code: bool = False,
) -> bool:
    link, token = _new_link(services, organiser, kind, slug=slug, with_code=with_code)
    services.organisers.transact([desk_links.saving(link)])
    return _mail(services, organiser, link, token, by=by)


def _mail(
    services: Services, organiser: OrganiserAccount, link: DeskLink, token: str, *, by: Actor
) -> bool:
    """Queue the mail with a link that is stored. False if the queue takes none now.

    What is stored is not undone: "send again" on the page of people makes another link.
    """
    mail = DeskLinkMail(
        petition_title="",
        organiser=by.name,
        discreet=True,
        block_link="",
        reader=organiser.name,
        link=services.settings.desk_origin + desk_urls.invitation(token),
        minutes=LINK_LIFETIME.seconds // 60,
        recovers=link.kind is LinkKind.RECOVERY,
        with_code=link.needs_code,
    )
    try:
        organiser_mails.queue_mail(services, organiser, mail, asker=by.id)
    except Unavailable:
        log.warning("a link to the desk could not be queued")
        return False
    return True


def _note(
    services: Services, slug: str, by: Actor, act: Act, detail: str, *, refused: bool = False
) -> None:
    """Write the line of an act before it is done. An invitation without a petition has no trail."""
    if slug:
        recording.record(services, slug, actor=by, act=act, detail=detail, refused=refused)
