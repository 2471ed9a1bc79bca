"""Keeps the key file of a petition at the desk: it holds no secret, and no key in it is lost."""

from dataclasses import dataclass, replace
from typing import Final

from chalicelib.crypto import petition_key_files, petition_keys, verification_fields
from chalicelib.crypto.petition_key_files import NotAPetitionKey
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.domain.petitions.petition import Petition, VerificationKeys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.organisers import key_files
from chalicelib.store.petitions import petitions
from chalicelib.usecases.petitions import publishing
from chalicelib.wiring import Services

MAX_BYTES: Final = 300_000
"""Of a key file: an item has 400 KB. A wrap takes about 1,900 bytes."""


class KeyFileRefused(Exception):
    """The key file is not stored. The message says why, for the organiser."""


@dataclass(frozen=True, kw_only=True)
class StoredKeyFile:
    """A petition's key file. `waits`: it is not the one with which the petition is published.

    `seen` is the digest by which `save` knows what the desk has stored.
    """

    keys: PetitionKeys
    waits: bool
    seen: str

    @property
    def text(self) -> str:
        """The text of the file (JSON)."""
        return petition_key_files.to_text(self.keys)

    @property
    def proven(self) -> bool:
        """Whether an organiser has proven the current key."""
        return bool(self.keys.proven_on)


def seen(services: Services, slug: str) -> str:
    """The digest by which `save` knows what the desk has stored, also if that is nothing."""
    return key_files.digest_of(key_files.find(services.organisers, slug))


def find(services: Services, slug: str) -> StoredKeyFile | None:
    """The key file as the desk has stored it, or as it was published if that has more; or None.

    Raises Unavailable.
    """
    own_text = key_files.find(services.organisers, slug)
    own = petition_key_files.read(own_text) if own_text else None
    published = _published(services, slug)
    if own and (published is None or _goes_beyond(own, published)):
        keys, waits = own, published is not None
    elif published:
        keys, waits = published, False
    else:
        return None
    return StoredKeyFile(keys=keys, waits=waits, seen=key_files.digest_of(own_text))


def _goes_beyond(own: PetitionKeys, published: PetitionKeys) -> bool:
    """Whether the desk's file has what was not published yet, and all that was."""
    # The command may have published a share since: then the desk's file is the older one.
    more = petition_keys.loses(own, published) or own.proven_on.keys() - published.proven_on.keys()
    return bool(more) and not petition_keys.loses(published, own)


def save(services: Services, slug: str, text: str, *, seen: str) -> StoredKeyFile:
    """Store a key file in the place of the one with the digest `seen`.

    A published petition gets it at once, but for a new current key: that waits for `publish`. The
    keys by which the service vouches are those of the petition, whatever the file says: organisers'
    keys will trust them. Raises KeyFileRefused, Unavailable.
    """
    stored = find(services, slug)
    keys = replace(_read(text, slug), verification=_verification(services, slug, stored))
    if stored and (lost := petition_keys.loses(stored.keys, keys)):
        raise KeyFileRefused(
            f"This key.json is older than the one that is stored: it lacks {', '.join(lost)}. Take "
            "the stored one, and do again what was done in this one."
        )
    text = petition_key_files.to_text(keys)
    try:
        key_files.save(services.organisers, slug, text, seen=seen)
    except ConditionFailed as failed:
        if failed.item is None or failed.item["text"] != text:
            raise KeyFileRefused(
                "Somebody else has stored another key.json meanwhile. Look at it, then do it again."
            ) from failed
    petition = petitions.find_as_stored(services.petitions, slug)
    waits = petition is not None and petition.public_key != keys.current.public_key
    if petition and not waits:
        petitions.save_key_file(services.petitions, slug, text)
    return StoredKeyFile(keys=keys, waits=waits, seen=key_files.digest_of(text))


def publish(services: Services, slug: str, *, fingerprint: str) -> Petition:
    """Seal the signatures of a published petition to the new key of this fingerprint from now on.

    Raises KeyFileRefused, also if another key was stored since, or somebody publishes at the same
    moment; Unavailable.
    """
    stored = find(services, slug)
    petition = petitions.find_as_stored(services.petitions, slug)
    if stored is None or petition is None:
        raise KeyFileRefused("There is no new key to publish.")
    if stored.keys.current.fingerprint != fingerprint:
        raise KeyFileRefused(
            "Another key was stored since you opened this page. Look at it, then publish it."
        )
    if not stored.proven:
        raise KeyFileRefused("One organiser must prove first that the new key opens.")
    changed = replace(petition, public_key=stored.keys.current.public_key)
    try:
        return publishing.publish_petition(services, changed, key_file=stored.text)
    except ConditionFailed as failed:
        raise KeyFileRefused(
            "Somebody else has published the petition at this moment. Publish the new key again."
        ) from failed


def proven_key(services: Services, slug: str) -> bytes | None:
    """The public key to which signatures are to be sealed, if an organiser has proven it."""
    stored = find(services, slug)
    return stored.keys.current.public_key if stored and stored.proven else None


def text_to_publish(services: Services, slug: str) -> str:
    """The key file of a petition that is about to open, with the keys by which we vouch; or "".

    Raises MissingSecret, Unavailable.
    """
    stored = find(services, slug)
    if stored is None:
        return ""
    vouching = verification_fields.merged(
        stored.keys.verification, publishing.verification_keys(services)
    )
    return petition_key_files.to_text(replace(stored.keys, verification=vouching))


def _published(services: Services, slug: str) -> PetitionKeys | None:
    text = petitions.find_key_file(services.petitions, slug)
    return petition_key_files.read(text) if text else None


def _read(text: str, slug: str) -> PetitionKeys:
    try:
        if len(text.encode()) > MAX_BYTES:
            raise KeyFileRefused("This file is too large for a key.json.")
        keys = petition_key_files.read(text)
    except NotAPetitionKey as error:
        raise KeyFileRefused(str(error)) from error
    if keys.slug != slug:
        raise KeyFileRefused(f"This is the key of the petition “{keys.slug}”, not of “{slug}”.")
    return keys


def _verification(services: Services, slug: str, stored: StoredKeyFile | None) -> VerificationKeys:
    petition = petitions.find_as_stored(services.petitions, slug)
    vouching = petition.verification if petition else VerificationKeys()
    return verification_fields.merged(stored.keys.verification, vouching) if stored else vouching
