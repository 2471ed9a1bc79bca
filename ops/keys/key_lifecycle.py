"""The life of a petition's keys: made, shared with another organiser, proven, changed.

Each step takes the keys and returns new ones; nothing is written.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from chalicelib.crypto import sealing
from chalicelib.crypto.petition_keys import CanaryProof, PetitionKey, PetitionKeys
from chalicelib.crypto.unsealing import PrivateKey
from ops.errors import CannotContinue
from ops.keys import wrapped_keys
from ops.keys.organiser_keys import OrganiserKey, OrganiserPublicKey


class NotAnOrganiser(CannotContinue):
    """The petition's current key is not wrapped for this organiser's key."""


def new_keys(slug: str, organisers: Sequence[OrganiserPublicKey], today: date) -> PetitionKeys:
    """The first key of a petition, wrapped for each organiser. Its seed is kept nowhere else."""
    private = PrivateKey.generate()
    return PetitionKeys(
        slug=slug,
        current=PetitionKey(
            public_key=private.public_bytes,
            made_on=today,
            wraps=tuple(wrapped_keys.wrap(private, organiser, slug) for organiser in organisers),
        ),
        canary=wrapped_keys.new_canary(slug, private.public_bytes),
    )


def share(
    keys: PetitionKeys, organiser_key: OrganiserKey, added: OrganiserPublicKey
) -> PetitionKeys:
    """Wrap for `added` every key of the petition that `organiser_key` opens.

    Raises NotAnOrganiser, BadWrap.
    """
    open_current(keys, organiser_key)
    shared = [_share(keys.slug, key, organiser_key, added) for key in keys.all]
    return replace(keys, current=shared[0], former=tuple(shared[1:]))


def prove(keys: PetitionKeys, organiser_key: OrganiserKey, today: date) -> PetitionKeys:
    """Open the canary, and note it as this organiser's proof of this day.

    Raises NotAnOrganiser, BadWrap.
    """
    organiser = sealing.fingerprint(organiser_key.private.public_bytes)
    private = open_current(keys, organiser_key)
    value = wrapped_keys.open_canary(keys.canary, private, keys.slug)
    proof = CanaryProof(organiser=organiser, opened_on=today, value=value)
    others = (proof for proof in keys.canary.proofs if proof.organiser != organiser)
    return replace(keys, canary=replace(keys.canary, proofs=(*others, proof)))


def change(
    keys: PetitionKeys, organisers: Sequence[OrganiserPublicKey], today: date
) -> PetitionKeys:
    """A new key from now on, wrapped for these organisers. The current one becomes a former key.

    Former keys keep their wraps: what was sealed to them stays readable.
    """
    changed = new_keys(keys.slug, organisers, today)
    former = (*keys.former, replace(keys.current, until=today))
    return replace(changed, former=former, verification=keys.verification)


def open_current(keys: PetitionKeys, organiser_key: OrganiserKey) -> PrivateKey:
    """The private half of the current key. Raises NotAnOrganiser, BadWrap."""
    private = _open(keys.slug, keys.current, organiser_key)
    if private is None:
        organisers = [
            f"{name or 'the key'} ({sealing.grouped(organiser)})"
            for organiser, name in keys.current.organisers.items()
        ]
        raise NotAnOrganiser(
            f"This key does not open the petition “{keys.slug}”. It is opened by "
            f"{', '.join(organisers)}. One of them can let you in with `zaklik keys share`."
        )
    return private


def _share(
    slug: str, key: PetitionKey, organiser_key: OrganiserKey, added: OrganiserPublicKey
) -> PetitionKey:
    private = _open(slug, key, organiser_key)
    if private is None or added.fingerprint in key.organisers:
        return key
    return replace(key, wraps=(*key.wraps, wrapped_keys.wrap(private, added, slug)))


def _open(slug: str, key: PetitionKey, organiser_key: OrganiserKey) -> PrivateKey | None:
    """The private half of a petition key; None if it is not wrapped for this organiser."""
    organiser = sealing.fingerprint(organiser_key.private.public_bytes)
    for wrap in key.wraps:
        if wrap.organiser == organiser:
            return wrapped_keys.unwrap(wrap.sealed, organiser_key.private, slug, key.public_key)
    return None
