"""An authenticator in software: makes passkeys and signs challenges, or does so wrongly."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

from chalicelib.crypto.passkeys import from_base64url, to_base64url
from tests.in_process_service import PUBLIC_URL

_PRESENT, _VERIFIED, _WITH_KEY = 1, 4, 64
_OPTIONS = re.compile(r'data-options="([^"]+)"')


def options_of(page: bytes) -> dict[str, Any]:
    """What a page asks its browser for."""
    match = _OPTIONS.search(page.decode())
    assert match, "the page asks for no passkey"
    options: dict[str, Any] = json.loads(unescape(match[1]))
    return options


@dataclass
class Authenticator:
    """One discoverable passkey. Without `counts` its counter stays."""

    origin: str = PUBLIC_URL
    rp_id: str = "zaklik.example"
    verified: bool = True
    counter: int = 0
    counts: bool = False
    user_handle: str = ""
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def id(self) -> str:
        """The credential's id in base64url."""
        return to_base64url(self.credential_id)

    def create(self, options: Mapping[str, Any], **client_data: str) -> str:
        """Make the passkey, as a browser hands it on."""
        self.user_handle = options["user"]["id"]
        cose = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        length = len(self.credential_id).to_bytes(2)
        key = bytes(16) + length + self.credential_id + cbor.encode(dict(cose))
        attestation = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._auth_data(_WITH_KEY) + key,
        }
        client = self._client_data("webauthn.create", options, client_data)
        return self._answer(
            clientDataJSON=to_base64url(client),
            attestationObject=to_base64url(cbor.encode(attestation)),
        )

    def get(self, options: Mapping[str, Any], **client_data: str) -> str:
        """Sign a challenge, as a browser hands it on."""
        if self.counts:
            self.counter += 1
        client = self._client_data("webauthn.get", options, client_data)
        data = self._auth_data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=to_base64url(client),
            authenticatorData=to_base64url(data),
            signature=to_base64url(signature),
            userHandle=self.user_handle,
        )

    def _client_data(
        self, kind: str, options: Mapping[str, Any], changes: Mapping[str, str]
    ) -> bytes:
        values = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps({**values, **changes}).encode()

    def _auth_data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verified else 0)
        return (
            hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)
        )

    def _answer(self, **response: str) -> str:
        return json.dumps(
            {
                "id": self.id,
                "rawId": self.id,
                "type": "public-key",
                "clientExtensionResults": {},
                "response": response,
            }
        )


def challenge_of(answer: str) -> bytes:
    """The challenge in an answer."""
    client = json.loads(from_base64url(json.loads(answer)["response"]["clientDataJSON"]))
    return from_base64url(client["challenge"])
