"""A petition's key file, `petitions/<slug>/key.json`, as text. It is public."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from chalicelib.crypto import sealing, verification_fields
from chalicelib.crypto.base64_fields import decode, encode
from chalicelib.crypto.petition_keys import (
    CANARY,
    SEED,
    Canary,
    CanaryProof,
    PetitionKey,
    PetitionKeys,
    WrappedSeed,
    is_name,
)
from chalicelib.crypto.sealing import KEY_ID_BYTES, SUITE
from chalicelib.domain.petitions.petition import SLUG

FORMAT: Final = "zaklik-petition-key/1"


class NotAPetitionKey(Exception):
    """The text is not a petition's key file, or is damaged."""


def read(text: str) -> PetitionKeys:
    """The keys in the text of a key file. Raises NotAPetitionKey.

    A proof that is not true does no harm: it does not count (`PetitionKeys.proven_on`).
    """
    try:
        values = json.loads(text)
        if values["format"] != FORMAT or not SLUG.fullmatch(values["petition"]):
            raise ValueError(FORMAT)
        keys = PetitionKeys(
            slug=values["petition"],
            current=_read_key(values["current"]),
            canary=_read_canary(values["canary"]),
            former=tuple(_read_key(key, until=_day(key["until"])) for key in values["former"]),
            verification=verification_fields.from_values(values["verification"]),
        )
        _check(keys)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAPetitionKey(
            "This is not the key file of a petition, or it is damaged. Take another copy of it."
        ) from error
    return keys


def to_text(keys: PetitionKeys) -> str:
    """The text of the key file (JSON)."""
    values = {
        "format": FORMAT,
        "petition": keys.slug,
        "current": _key_values(keys.current),
        "canary": {
            "sealed": encode(keys.canary.sealed),
            "sha256": keys.canary.digest.hex(),
            "proofs": [_proof_values(proof) for proof in keys.canary.proofs],
        },
        "verification": verification_fields.to_values(keys.verification),
        "former": [_key_values(key) for key in keys.former],
    }
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def to_values(keys: PetitionKeys) -> Sequence[Mapping[str, Any]]:
    """Every public key with its wraps, without names, as JSON values for an export's header."""
    return [
        {
            "public_key": encode(key.public_key),
            "wraps": [
                {"organiser": wrap.organiser, "sealed": encode(wrap.sealed)} for wrap in key.wraps
            ],
        }
        for key in keys.all
    ]


def _read_key(values: Mapping[str, Any], *, until: date | None = None) -> PetitionKey:
    key = PetitionKey(
        public_key=decode(values["public_key"], sealing.PUBLIC_KEY_BYTES),
        made_on=_day(values["made_on"]),
        wraps=tuple(_read_wrap(wrap) for wrap in values["wraps"]),
        until=until,
    )
    if not key.wraps or len(key.organisers) != len(key.wraps):
        raise ValueError("each organiser has one wrap")
    if key.fingerprint != values["fingerprint"] or not sealing.is_public_key(key.public_key):
        raise ValueError("the public key does not fit its fingerprint")
    return key


def _read_wrap(values: Mapping[str, Any]) -> WrappedSeed:
    organiser = bytes.fromhex(values["organiser"])
    wrap = WrappedSeed(
        organiser=organiser.hex(),
        name=values["name"],
        sealed=decode(values["sealed"], SEED.sealed_bytes),
    )
    if not (wrap.sealed.startswith(SUITE + organiser[:KEY_ID_BYTES]) and is_name(wrap.name)):
        raise ValueError("the wrap is not that of this organiser")
    return wrap


def _read_canary(values: Mapping[str, Any]) -> Canary:
    return Canary(
        sealed=decode(values["sealed"], CANARY.sealed_bytes),
        digest=bytes.fromhex(values["sha256"]),
        proofs=tuple(
            CanaryProof(
                organiser=bytes.fromhex(proof["organiser"]).hex(),
                opened_on=_day(proof["opened_on"]),
                value=decode(proof["value"]),
            )
            for proof in values["proofs"]
        ),
    )


def _check(keys: PetitionKeys) -> None:
    """Raise ValueError for parts that do not belong together, as after the merge of two files."""
    if not keys.canary.sealed.startswith(SUITE + sealing.key_id(keys.current.public_key)):
        raise ValueError("the canary is sealed to another key")
    if len({key.public_key for key in keys.all}) != len(keys.all):
        raise ValueError("a key is there twice")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _key_values(key: PetitionKey) -> Mapping[str, Any]:
    return {
        "fingerprint": key.fingerprint,
        "made_on": key.made_on.isoformat(),
        **({"until": key.until.isoformat()} if key.until else {}),
        "public_key": encode(key.public_key),
        "wraps": [
            {"organiser": wrap.organiser, "name": wrap.name, "sealed": encode(wrap.sealed)}
            for wrap in key.wraps
        ],
    }


def _proof_values(proof: CanaryProof) -> Mapping[str, str]:
    return {
        "organiser": proof.organiser,
        "opened_on": proof.opened_on.isoformat(),
        "value": encode(proof.value),
    }
