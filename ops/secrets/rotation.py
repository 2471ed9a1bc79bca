"""Rotation: a new key on a ring, used when every process has read it; and old keys off the ring.

A new key is stored `ACTIVATION` before its first use. The clock of the person's machine may be late
by what AWS tolerates in a signed call, a quarter of an hour; the processes still read it in time.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.crypto.keyring import MAX_ID, RingKey
from chalicelib.store.secrets import ACTIVATION
from chalicelib.wiring import Services
from ops.errors import CannotContinue
from ops.secrets.inventory import (
    ORIGIN_SECRET,
    RINGS,
    KeyPairs,
    new_key,
    new_origin_secret,
    pair_of,
)
from ops.secrets.keyring_store import KeyringStore, StoredKeyring


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """The ids of a new key and of the one that it replaces, and when it does."""

    new_id: int
    old_id: int
    used_from: datetime


def rotate(services: Services, name: str) -> Rotation:
    """Add a key to the ring, or to both rings, of a secret.

    After a crash between two rings, the next run completes the rotation. Raises CannotContinue when
    a new key is not used yet, when the ring is full, or when another person changes it meanwhile.
    """
    store, now = KeyringStore.of(services), services.now()
    pair = pair_of(name)
    stored = store.read(RINGS[name])
    if pair is not None:
        new = _rotate_pair(store, pair, stored, now)
    else:
        _refuse_unused(stored, now)
        new = _next_key(stored, now)
        store.replace(stored, [*stored.ring.keys, new])
    return Rotation(new_id=new.id, old_id=stored.ring.current(now).id, used_from=new.used_from)


def rotate_origin(services: Services) -> None:
    """Replace the origin secret. The stack has the former one, too, until it is deployed twice."""
    services.secrets.ssm().put_parameter(
        Name=f"{services.settings.secrets_path}/{ORIGIN_SECRET}",
        Value=new_origin_secret(),
        Type="SecureString",
        Overwrite=True,
    )


def remove(services: Services, name: str, ids: Collection[int]) -> None:
    """Take keys of a secret off its ring. Safe to repeat. Raises CannotContinue.

    Public halves that seal go first. Those that verify stay: what has been attested needs them.
    """
    store, pair = KeyringStore.of(services), pair_of(name)
    for ring in [*([pair.public] if pair and pair.seals else []), RINGS[name]]:
        stored = store.read(ring)
        kept = [key for key in stored.ring.keys if key.id not in ids]
        if len(kept) < len(stored.ring.keys):
            store.replace(stored, kept)


def _rotate_pair(
    store: KeyringStore, pair: KeyPairs, private: StoredKeyring, now: datetime
) -> RingKey:
    """Store the half that opens or verifies, then the half that seals or attests.

    A crash between the two leaves an opener to which nothing is sealed, or a verifier by which
    nothing is attested. Returns the new private key.
    """
    public = store.read(pair.public)
    halves = {pair.public_key(key).raw for key in private.ring.keys}
    if pair.public_key(private.newest).raw not in {key.raw for key in public.ring.keys}:
        # A former run has stopped after the private half.
        others, new = private.ring.keys[:-1], replace(private.newest, used_from=now + ACTIVATION)
    else:
        _refuse_unused(public if pair.seals else private, now)
        others, new = private.ring.keys, _next_key(private, now)
    half = pair.public_key(new)
    if pair.seals:
        store.replace(private, [*others, new])
        # Such a public key takes 1.7 KB of the 4 KB that a parameter holds: the former ones go.
        used = [key for key in public.ring.keys if key.raw in halves and key.used_from <= now]
        store.replace(public, [*used[-1:], half])
    else:
        # A public half without its private one is left over from a former run.
        store.replace(public, [*(key for key in public.ring.keys if key.id < new.id), half])
        store.replace(private, [*others, new])
    if not pair.fit(store.read(pair.private).ring, store.read(pair.public).ring):
        raise CannotContinue(
            f"Somebody else has changed {pair.private} at the same moment, and the public halves "
            f"are of other keys. Run this again before {new.used_from:%H:%M} UTC."
        )
    return new


def _next_key(stored: StoredKeyring, now: datetime) -> RingKey:
    if stored.newest.id == MAX_ID:
        raise CannotContinue(f"{stored.name} has used all {MAX_ID} ids that there are.")
    return new_key(stored.newest.id + 1, now + ACTIVATION)


def _refuse_unused(stored: StoredKeyring, now: datetime) -> None:
    """Raise CannotContinue when the newest key is not used yet."""
    newest = stored.newest
    if newest.used_from > now:
        raise CannotContinue(
            f"Key {newest.id} of {stored.name} is new, and is used from "
            f"{newest.used_from:%Y-%m-%d %H:%M} UTC on. Rotate again after that."
        )
