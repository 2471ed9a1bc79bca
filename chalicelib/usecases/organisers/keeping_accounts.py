"""Organisers keep their own account: name, passkeys, recovery code."""

import secrets
from collections.abc import Sequence
from typing import Any

from chalicelib.crypto import tokens
from chalicelib.crypto.passkeys import PasskeyRefused
from chalicelib.domain.errors import InvalidForm, Message
from chalicelib.domain.organisers import organiser as rules
from chalicelib.domain.organisers import recovery_code
from chalicelib.domain.organisers.organiser import MAX_PASSKEYS, OrganiserAccount, Passkey, Session
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.organisers import accounts, registered_passkeys, sessions
from chalicelib.usecases.organisers import registering
from chalicelib.wiring import Services


def get(services: Services, session: Session) -> OrganiserAccount:
    """The account of a session. Raises NotFound."""
    return accounts.get(services.organisers, session.organiser_id)


def list_passkeys(services: Services, organiser: OrganiserAccount) -> Sequence[Passkey]:
    """The passkeys of an organiser, the oldest first."""
    return registered_passkeys.list_passkeys(services.organisers, organiser.id)


def list_sessions(services: Services, organiser: OrganiserAccount) -> Sequence[Session]:
    """The live sessions of an organiser, the newest first."""
    return sessions.list_live(services.organisers, organiser, now=services.now())


def rename(services: Services, session: Session, name: str) -> None:
    """Change the name that other organisers see. Raises InvalidForm."""
    accounts.mark_named(services.organisers, session.organiser_id, rules.checked_name(name))


def passkey_options(services: Services, session: Session) -> dict[str, Any]:
    """What a browser needs to make one more passkey, with another authenticator."""
    organiser = get(services, session)
    return registering.options(
        services, organiser, _adding(session), list_passkeys(services, organiser)
    )


def add_passkey(services: Services, session: Session, answer: str, *, label: str) -> None:
    """Store one more passkey.

    Raises InvalidForm, PasskeyRefused, also if the session was ended meanwhile.
    """
    organiser = get(services, session)
    if organiser.has_ended(session):
        raise PasskeyRefused("the session was ended")
    checked = rules.checked_name(label, field="label")
    if len(list_passkeys(services, organiser)) >= MAX_PASSKEYS:
        raise InvalidForm({"label": Message(text=f"At most {MAX_PASSKEYS} passkeys.")})
    passkey = registering.verified(services, organiser, _adding(session), answer, label=checked)
    try:
        services.organisers.transact(
            [accounts.counting_passkey(organiser), registered_passkeys.adding_passkey(passkey)]
        )
    except ConditionFailed as failed:
        # A recovery has ended all other passkeys meanwhile: this one must not outlive it.
        raise PasskeyRefused("the account has changed") from failed


def remove_passkey(services: Services, session: Session, credential_id: str) -> None:
    """Delete a passkey, but never the last one. Raises InvalidForm, Unavailable."""
    table = services.organisers
    own = registered_passkeys.list_passkeys(table, session.organiser_id)
    going = [passkey for passkey in own if passkey.credential_id == credential_id]
    staying = [passkey for passkey in own if passkey.credential_id != credential_id]
    if not going:
        return
    try:
        if not staying:
            raise ConditionFailed
        # Two removals at once, each of the other's passkey that stays, must not both succeed.
        table.transact(
            [
                registered_passkeys.deleting_passkey(going[0]),
                registered_passkeys.requiring_passkey(staying[0]),
            ]
        )
    except ConditionFailed as failed:
        text = "This is your only passkey. Add another one first."
        raise InvalidForm({"passkey": Message(text=text)}) from failed


def make_recovery_code(services: Services, session: Session) -> str:
    """A new recovery code, in place of any other, in groups of four. It is shown only now."""
    code = "".join(secrets.choice(tokens.CODE_ALPHABET) for _ in range(recovery_code.CHARACTERS))
    code_hash = recovery_code.hashed(session.organiser_id, code)
    accounts.mark_recovery_code(
        services.organisers, session.organiser_id, code_hash, now=services.now()
    )
    return recovery_code.grouped(code)


def _adding(session: Session) -> str:
    return f"add/{session.id}"
