"""Blind indexes: keyed one-way hashes of addresses, under which records of people are stored.

An index is two hexadecimal digits for the root key and 32 for HMAC-SHA-256, cut to 128 bits. The
key of a petition is derived from the root key and the petition's own random salt. Once the salt is
deleted nobody can tell whether an address is in a table or a backup, the holder of the root key
included.
"""

import hashlib
import hmac
from contextlib import suppress
from datetime import timedelta

from chalicelib.crypto import sealing
from chalicelib.crypto.sealing import Kind
from chalicelib.domain.errors import DataDestroyed, Unavailable
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.person import PersonIndexes
from chalicelib.store.limits import index_salts
from chalicelib.store.limits.index_salts import IndexSalt
from chalicelib.wiring import Services

_SUPPRESSION = "suppression"
SALT_KNOWN = timedelta(minutes=1)
"""For so long a process knows a salt that was deleted since it read it."""


def signature_index(services: Services, slug: str, address: EmailAddress) -> str:
    """The blind index of an address among the signatures of a petition."""
    return _petition_index(services, slug, sealing.SIGNATURE, address)


def subscriber_index(services: Services, slug: str, address: EmailAddress) -> str:
    """The blind index of an address among the subscribers of a petition."""
    return _petition_index(services, slug, sealing.SUBSCRIBER, address)


def suppression_index(services: Services, address: EmailAddress) -> str:
    """The blind index under which an address is suppressed now, for all petitions."""
    key = services.secrets.index_keys.current(services.now())
    return _suppression_index(key.id, key.raw, address)


def suppression_indexes(services: Services, address: EmailAddress) -> tuple[str, ...]:
    """The blind indexes under which an address may be suppressed: one for each root key."""
    keys = services.secrets.index_keys.keys
    return tuple(_suppression_index(key.id, key.raw, address) for key in keys)


def person_index(services: Services, slug: str, address: EmailAddress) -> str:
    """The blind index under which mails with news of a petition look for a suppression.

    It is of the petition's root key, which is kept as long as the petition.
    """
    key_id = _salt(services, slug).key_id
    return _suppression_index(key_id, services.secrets.index_keys[key_id], address)


def indexes_of(services: Services, slug: str, address: EmailAddress) -> PersonIndexes:
    """All blind indexes of an address on a petition."""
    return PersonIndexes(
        slug=slug,
        signature=signature_index(services, slug, address),
        subscriber=subscriber_index(services, slug, address),
        suppressions=suppression_indexes(services, address),
    )


def find_indexes(services: Services, slug: str, address: EmailAddress) -> PersonIndexes:
    """The same, but reads only: "" where the petition has neither signatures nor subscribers.

    So it is, too, where these were destroyed.
    """
    with suppress(DataDestroyed):
        if _find_salt(services, slug):
            return indexes_of(services, slug, address)
    return PersonIndexes(slug=slug, suppressions=suppression_indexes(services, address))


def require_kept(services: Services, slug: str) -> None:
    """Raise DataDestroyed if the records of a petition were: a link with an index needs no salt.

    Nobody is refused because that cannot be read.
    """
    with suppress(Unavailable):
        _find_salt(services, slug)


def petition_key(root: bytes, salt: bytes) -> bytes:
    """The key of a petition's indexes: 32 bytes."""
    return hmac.digest(root, b"zaklik/index/1/petition/" + salt, hashlib.sha256)


def blind_index(key_id: int, key: bytes, kind: str, text: str) -> str:
    """The blind index of a canonical address: 34 hexadecimal digits.

    The kinds have different indexes, so that nobody can join the tables by them.
    """
    own_key = hmac.digest(key, f"zaklik/index/1/{kind}".encode(), hashlib.sha256)
    return f"{key_id:02x}{hmac.digest(own_key, text.encode(), hashlib.sha256)[:16].hex()}"


def _petition_index(services: Services, slug: str, kind: Kind, address: EmailAddress) -> str:
    salt = _salt(services, slug)
    key = petition_key(services.secrets.index_keys[salt.key_id], salt.salt)
    return blind_index(salt.key_id, key, kind.name, address.canonical)


def _suppression_index(key_id: int, root: bytes, address: EmailAddress) -> str:
    return blind_index(key_id, root, _SUPPRESSION, address.canonical)


def _salt(services: Services, slug: str) -> IndexSalt:
    """The salt of a petition, made if there is none."""
    salt = _find_salt(services, slug)
    if salt is None:
        current = services.secrets.index_keys.current(services.now())
        salt = index_salts.get(services.limits, slug, key_id=current.id)
        services.index_salts[slug] = salt, services.now()
    return salt


def _find_salt(services: Services, slug: str) -> IndexSalt | None:
    """The salt of a petition, which a process reads once a minute: it may be deleted.

    Raises DataDestroyed.
    """
    known = services.index_salts.get(slug)
    if known is not None and services.now() < known[1] + SALT_KNOWN:
        return known[0]
    salt = index_salts.find(services.limits, slug)
    if salt is not None:
        services.index_salts[slug] = salt, services.now()
    return salt
