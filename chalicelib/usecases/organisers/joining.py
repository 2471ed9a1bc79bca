"""Organisers use a mailed link, once: they make a passkey, and are at the desk."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from chalicelib.crypto import tokens
from chalicelib.domain.organisers import recovery_code
from chalicelib.domain.organisers.organiser import DeskLink, LinkKind, OrganiserAccount
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.organisers import accounts, desk_links, registered_passkeys, trail
from chalicelib.usecases.organisers import entering, inviting, registering
from chalicelib.usecases.organisers.entering import Entered
from chalicelib.wiring import Services

_TOKEN: Final = re.compile(r"([0-9a-f]{16})[0-9a-f]{64}")
_FIRST_LABEL: Final = "First passkey"


class LinkOver(Exception):
    """The link was used, replaced or taken back, is too old, or was never mailed."""


class WrongRecoveryCode(Exception):
    """This is not the printed code of the account."""


@dataclass(frozen=True, kw_only=True)
class OpenLink:
    """A link that can be used, and whose it is."""

    organiser: OrganiserAccount
    link: DeskLink


def open_link(services: Services, token: str) -> OpenLink:
    """The link of a token, which is not used up by this. Raises LinkOver."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise LinkOver
    link = desk_links.find(services.organisers, match[1])
    organiser = accounts.find(services.organisers, match[1])
    if (
        link is None
        or organiser is None
        or link.hash != inviting.hashed(token)
        or not link.is_live(services.now())
        # Somebody invited again while the person entered: no mail alone opens an account.
        or (link.kind is LinkKind.INVITATION and organiser.entered_at)
    ):
        raise LinkOver
    return OpenLink(organiser=organiser, link=link)


def passkey_options(services: Services, opened: OpenLink) -> dict[str, Any]:
    """What a browser needs to make the passkey. Nothing is stored."""
    return registering.options(services, opened.organiser, _purpose(opened.link))


def join(services: Services, token: str, answer: str, *, code: str, device: str) -> Entered:
    """Use a link up: store its passkey, and begin a session.

    By a recovery all other passkeys, the printed code and all sessions end. Raises LinkOver,
    WrongRecoveryCode, PasskeyRefused, Unavailable.
    """
    opened = open_link(services, token)
    organiser, link = opened.organiser, opened.link
    _check_code(services, opened, code)
    passkey = registering.verified(services, organiser, _purpose(link), answer, label=_FIRST_LABEL)
    recovers = link.kind is LinkKind.RECOVERY
    old = registered_passkeys.list_passkeys(services.organisers, organiser.id) if recovers else []
    if link.slug:
        act = Act.RECOVER if recovers else Act.JOIN
        trail.append(
            services.organisers, link.slug, actor=organiser.actor, act=act, now=services.now()
        )
    try:
        services.organisers.transact(
            [
                desk_links.using(link),
                accounts.entering(organiser, now=services.now()),
                registered_passkeys.adding_passkey(passkey),
                *map(registered_passkeys.deleting_passkey, old),
            ]
        )
    except ConditionFailed as failed:
        raise LinkOver from failed
    entered = replace(organiser, generation=organiser.generation + 1)
    return entering.begin_session(services, entered, device=device)


def _check_code(services: Services, opened: OpenLink, code: str) -> None:
    """Raise WrongRecoveryCode, after the try is counted, if the code is needed and is not this."""
    if not opened.link.needs_code:
        return
    if not recovery_code.is_code(
        opened.organiser.id, tokens.cleaned(code), opened.organiser.recovery_hash
    ):
        if not desk_links.mark_tried(services.organisers, opened.link):
            raise LinkOver
        raise WrongRecoveryCode


def _purpose(link: DeskLink) -> str:
    return f"join/{link.hash}"
