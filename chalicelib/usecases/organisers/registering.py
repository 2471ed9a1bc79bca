"""Organisers make passkeys: by a mailed link, or at the desk as a second one."""

from collections.abc import Sequence
from typing import Any

from chalicelib.crypto import challenges, passkeys
from chalicelib.crypto.passkeys import NewPasskey
from chalicelib.domain.organisers.organiser import OrganiserAccount, Passkey
from chalicelib.usecases.organisers import entering
from chalicelib.wiring import Services


def options(
    services: Services, organiser: OrganiserAccount, purpose: str, existing: Sequence[Passkey] = ()
) -> dict[str, Any]:
    """What a browser needs to make a passkey for an organiser. Nothing is stored."""
    return passkeys.creation_options(
        services.settings.desk_origin,
        user_id=organiser.id,
        user_name=organiser.name,
        challenge=challenges.issue(services.job_key, purpose, services.now()),
        existing=[passkey.credential_id for passkey in existing],
    )


def verified(
    services: Services, organiser: OrganiserAccount, purpose: str, answer: str, *, label: str
) -> Passkey:
    """The passkey that a browser has made for an organiser; its challenge is spent.

    Raises PasskeyRefused.
    """
    challenge = passkeys.read_challenge(answer)
    new = passkeys.verify_registration(answer, services.settings.desk_origin, challenge)
    entering.spend(services, purpose, challenge)
    return _passkey(services, organiser, new, label)


def _passkey(
    services: Services, organiser: OrganiserAccount, new: NewPasskey, label: str
) -> Passkey:
    now = services.now()
    return Passkey(
        organiser_id=organiser.id,
        credential_id=new.credential_id,
        public_key=new.public_key,
        sign_count=new.sign_count,
        label=label,
        created_at=now,
        used_at=now,
    )
