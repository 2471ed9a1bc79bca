"""Organisers enter the desk with a passkey, and stay for the time of a session.

Nobody types a name or an address: the passkey knows whose it is. So there is no answer from which
a stranger could learn who is an organiser.
"""

import hashlib
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from chalicelib.crypto import challenges, passkeys
from chalicelib.crypto.passkeys import Assertion, PasskeyRefused
from chalicelib.domain.errors import BrokenToken, ExpiredToken, Unavailable
from chalicelib.domain.organisers.organiser import OrganiserAccount, Passkey, Session
from chalicelib.store.organisers import accounts, registered_passkeys, sessions
from chalicelib.wiring import Services

_COOKIE: Final = re.compile(r"([0-9a-f]{16})\.([A-Za-z0-9_-]{43})")
"""An organiser's id and 32 random bytes."""
_ENTER: Final = "enter"
_SEEN_STEP: Final = timedelta(minutes=1)
"""How often it is noted that a session is used: not with each page."""


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A session that has just begun, and the value of its cookie, which is stored nowhere."""

    session: Session
    cookie: str

    def __repr__(self) -> str:
        return "Entered(…)"


def entry_options(services: Services) -> dict[str, Any]:
    """What a browser needs to let a person choose a passkey. Nothing is stored."""
    return passkeys.request_options(
        services.settings.desk_origin, challenge=challenge(services, _ENTER), allowed=[]
    )


def enter(services: Services, answer: str, *, device: str) -> Entered:
    """Begin a session, with a new id, for the owner of a passkey. Raises PasskeyRefused."""
    assertion = passkeys.read_assertion(answer)
    organiser = verified(services, assertion, _ENTER)
    return begin_session(services, organiser, device=device)


def begin_session(services: Services, organiser: OrganiserAccount, *, device: str) -> Entered:
    """Begin a session of an organiser who has just used a passkey.

    It is over at once if all sessions were ended since the account was read.
    """
    now, secret = services.now(), secrets.token_urlsafe(32)
    session = Session(
        organiser_id=organiser.id,
        id=_hash(secret),
        name=organiser.name,
        device=device,
        started_at=now,
        touched_at=now,
        seen_at=now,
        generation=organiser.generation,
    )
    sessions.add(services.organisers, session)
    return Entered(session=session, cookie=f"{organiser.id}.{secret}")


def touch_options(services: Services, session: Session) -> dict[str, Any]:
    """What a browser needs to ask the organiser of a session for a touch of a passkey."""
    own = registered_passkeys.list_passkeys(services.organisers, session.organiser_id)
    return passkeys.request_options(
        services.settings.desk_origin,
        challenge=challenge(services, _touching(session)),
        allowed=[passkey.credential_id for passkey in own],
    )


def touch(services: Services, session: Session, answer: str) -> None:
    """Note a fresh touch of a passkey of the organiser of a session.

    Raises PasskeyRefused, also if the session was ended meanwhile.
    """
    assertion = passkeys.read_assertion(answer)
    if assertion.user_handle != session.organiser_id:
        raise PasskeyRefused("a passkey of somebody else")
    verified(services, assertion, _touching(session))
    if not sessions.mark_touched(services.organisers, session, now=services.now()):
        raise PasskeyRefused("the session was ended")


def find_session(services: Services, cookie: str) -> Session | None:
    """The live session of a cookie, or None. One read, and a write at most once a minute."""
    match = _COOKIE.fullmatch(cookie)
    if match is None:
        return None
    now, table = services.now(), services.organisers
    session = sessions.find(table, match[1], _hash(match[2]), now=now)
    if session and now - session.seen_at >= _SEEN_STEP:
        # A page that can be read is worth more than a session that rests a minute too early.
        with suppress(Unavailable):
            sessions.mark_seen(table, session, now=now)
    return session


def end_session(services: Services, organiser_id: str, session_id: str) -> None:
    """End one session of an organiser, if there is one of this id."""
    sessions.delete(services.organisers, organiser_id, session_id)


def end_all_sessions(services: Services, organiser_id: str) -> None:
    """End every session of an organiser, also the one that asks for it."""
    accounts.mark_sessions_ended(services.organisers, organiser_id)


def spend(services: Services, purpose: str, challenge: bytes) -> None:
    """Spend a challenge, once. Raises PasskeyRefused for one that is not ours, old or spent."""
    now = services.now()
    try:
        nonce = challenges.read(services.secrets.job_keys, purpose, challenge, now)
    except (BrokenToken, ExpiredToken) as error:
        raise PasskeyRefused(type(error).__name__) from error
    if not sessions.spend_challenge(
        services.organisers, nonce, lifetime=challenges.LIFETIME, now=now
    ):
        raise PasskeyRefused("spent")


def verified(services: Services, assertion: Assertion, purpose: str) -> OrganiserAccount:
    """The organiser whose passkey has signed a challenge for this purpose. It is spent by that.

    A passkey that nobody has, and a signature that is wrong, take the same calls. Raises
    PasskeyRefused.
    """
    table, now = services.organisers, services.now()
    organiser, passkey = registered_passkeys.find_with_passkey(
        table, assertion.user_handle, assertion.credential_id
    )
    if organiser is None or passkey is None:
        raise PasskeyRefused("unknown")
    sign_count = _verified_count(services, assertion, passkey)
    spend(services, purpose, assertion.challenge)
    if not registered_passkeys.mark_used(table, passkey, sign_count=sign_count, now=now):
        raise PasskeyRefused("a counter that has not risen")
    return organiser


def _verified_count(services: Services, assertion: Assertion, passkey: Passkey) -> int:
    origin = services.settings.desk_origin
    return passkeys.verify_assertion(assertion, origin, passkey.public_key)


def challenge(services: Services, purpose: str) -> bytes:
    """A new challenge for one purpose. Nothing is stored."""
    return challenges.issue(services.job_key, purpose, services.now())


def _touching(session: Session) -> str:
    return f"touch/{session.id}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
