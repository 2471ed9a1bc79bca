"""Passkeys (WebAuthn Level 3), verified by the library fido2, which only the desk loads.

Options and answers are JSON values with binary values in base64url, as a browser's `toJSON` writes
them. No attestation is asked for: any authenticator that verifies its user will do.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from fido2.server import Fido2Server

ALGORITHMS: Final = (-7, -8, -257)
"""ES256, EdDSA, RS256 (COSE): what phones, keys and Windows make."""
_NAME: Final = "Zaklik"
_MAX_CHARACTERS: Final = 16_384
_CREDENTIAL_ID: Final = re.compile(r"[A-Za-z0-9_-]{16,700}")
"""A sort key of DynamoDB takes 1,024 bytes. Discoverable credentials have 16 to some 250 bytes."""
USER_ID: Final = re.compile(r"[0-9a-f]{16}")
"""What passkeys are made for: the id of an organiser."""
_BAD: Final = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    AssertionError,
    IndexError,
    RecursionError,
)
"""What is raised for an answer that cannot be read, also one nested too deep, or believed."""


class PasskeyRefused(Exception):
    """The answer of an authenticator cannot be believed. The message says why, for tests."""


@dataclass(frozen=True, kw_only=True)
class NewPasskey:
    """What a registration yields. `public_key` is a COSE key in CBOR."""

    credential_id: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """What a browser says of a sign-in, before it is verified.

    `user_handle` is the id that the passkey was made for; `challenge` is what was signed.
    """

    credential_id: str
    user_handle: str
    challenge: bytes
    values: Mapping[str, Any]


def creation_options(
    origin: str, *, user_id: str, user_name: str, challenge: bytes, existing: Sequence[str]
) -> dict[str, Any]:
    """What a browser needs to make a passkey: discoverable, and with a check of its user."""
    return {
        "rp": {"id": rp_id(origin), "name": _NAME},
        "user": {
            "id": to_base64url(user_id.encode()),
            "name": user_name,
            "displayName": user_name,
        },
        "challenge": to_base64url(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "excludeCredentials": [{"type": "public-key", "id": id_} for id_ in existing],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def request_options(origin: str, *, challenge: bytes, allowed: Sequence[str]) -> dict[str, Any]:
    """What a browser needs to use a passkey; with none `allowed`, the person chooses one."""
    return {
        "rpId": rp_id(origin),
        "challenge": to_base64url(challenge),
        "allowCredentials": [{"type": "public-key", "id": id_} for id_ in allowed],
        "userVerification": "required",
    }


def read_challenge(answer: str) -> bytes:
    """The challenge that an answer says to have signed. Raises PasskeyRefused."""
    try:
        client_data = json.loads(from_base64url(_values(answer)["response"]["clientDataJSON"]))
        return from_base64url(client_data["challenge"])
    except _BAD as error:
        raise PasskeyRefused("unreadable") from error


def verify_registration(answer: str, origin: str, challenge: bytes) -> NewPasskey:
    """The new passkey of a browser's answer. Raises PasskeyRefused."""
    from fido2 import cbor  # noqa: PLC0415 - few functions know passkeys

    try:
        data = _server(origin).register_complete(_state(challenge), _values(answer))
        credential = data.credential_data
        if credential is None or credential.public_key[3] not in ALGORITHMS:
            raise PasskeyRefused("no key of a kind that was asked for")
        credential_id = to_base64url(credential.credential_id)
        if not _CREDENTIAL_ID.fullmatch(credential_id):
            raise PasskeyRefused("an id of an unusual length")
        return NewPasskey(
            credential_id=credential_id,
            public_key=cbor.encode(dict(credential.public_key)),
            sign_count=data.counter,
        )
    except _BAD as error:
        raise PasskeyRefused(str(error)) from error


def read_assertion(answer: str) -> Assertion:
    """What an answer says of itself: nothing of it is verified. Raises PasskeyRefused."""
    try:
        values = _values(answer)
        user_handle = from_base64url(values["response"]["userHandle"]).decode("ascii")
        if not USER_ID.fullmatch(user_handle) or not _CREDENTIAL_ID.fullmatch(values["rawId"]):
            raise PasskeyRefused("no passkey of ours")
        return Assertion(
            credential_id=values["rawId"],
            user_handle=user_handle,
            challenge=read_challenge(answer),
            values=values,
        )
    except _BAD as error:
        raise PasskeyRefused("unreadable") from error


def verify_assertion(assertion: Assertion, origin: str, public_key: bytes) -> int:
    """Verify a sign-in by the stored key; the authenticator's counter. Raises PasskeyRefused."""
    from fido2 import cbor  # noqa: PLC0415 - few functions know passkeys
    from fido2.cose import CoseKey  # noqa: PLC0415
    from fido2.webauthn import AttestedCredentialData, AuthenticationResponse  # noqa: PLC0415

    try:
        stored = AttestedCredentialData.create(
            aaguid=bytes(16),
            credential_id=from_base64url(assertion.credential_id),
            public_key=CoseKey.parse(cast("Mapping[int, Any]", cbor.decode(public_key))),
        )
        response = AuthenticationResponse.from_dict(assertion.values)
        _server(origin).authenticate_complete(_state(assertion.challenge), [stored], response)
        return int(response.response.authenticator_data.counter)
    except _BAD as error:
        raise PasskeyRefused(str(error)) from error


def rp_id(origin: str) -> str:
    """The host that passkeys belong to."""
    return urlsplit(origin).hostname or ""


def to_base64url(raw: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of base64url without padding. Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error


def _values(answer: str) -> dict[str, Any]:
    if len(answer) > _MAX_CHARACTERS:
        raise ValueError("too long")
    values: dict[str, Any] = json.loads(answer)
    return values


def _state(challenge: bytes) -> Mapping[str, str]:
    return {"challenge": to_base64url(challenge), "user_verification": "required"}


def _server(origin: str) -> "Fido2Server":
    from fido2.server import Fido2Server  # noqa: PLC0415 - few functions know passkeys
    from fido2.webauthn import PublicKeyCredentialRpEntity  # noqa: PLC0415

    return Fido2Server(
        PublicKeyCredentialRpEntity(id=rp_id(origin), name=_NAME),
        verify_origin=lambda shown: shown == origin,
    )
