"""Unsealing. Of the service, only the use cases that mail people import this module."""

from typing import TYPE_CHECKING

from chalicelib.crypto.sealing import VERSION, suite

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey


class UnsealFailed(Exception):
    """The key is wrong, or the sealed text is damaged or of another context."""


def unseal(sealed: bytes, private_key: "X25519PrivateKey", context: bytes) -> bytes:
    """Open what `seal` made for the same context. Raises UnsealFailed."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see suite

    if sealed[:1] != VERSION:
        raise UnsealFailed("sealed by an unknown version")
    try:
        return suite().decrypt(sealed[1:], private_key, info=context)
    except (InvalidTag, ValueError) as error:
        raise UnsealFailed("wrong key, or damaged") from error
