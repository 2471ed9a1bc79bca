"""A petition's key file holds what opens its signatures, and a damaged one is refused."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.crypto import petition_key_files
from chalicelib.crypto.petition_key_files import NotAPetitionKey
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.crypto.sealing import SIGNATURE, info, seal
from chalicelib.crypto.unsealing import PrivateKey, unseal
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.keys import key_lifecycle, wrapped_keys
from ops.keys.wrapped_keys import BadWrap
from tests import builders
from tests.ops import folders
from tests.ops.folders import ANNA, BORIS, CARLA, KEYS, PROVEN_ON, SLUG

CHANGED = key_lifecycle.prove(
    key_lifecycle.change(
        replace(
            KEYS, verification=VerificationKeys(attestation=(bytes([1]) * 32,), export=(bytes(32),))
        ),
        [folders.public(BORIS)],
        PROVEN_ON,
    ),
    BORIS,
    PROVEN_ON,
)
"""The keys of a petition whose key was changed: Anna and Boris, then Boris alone."""
FOREIGN = b64encode(CARLA.private.public_bytes).decode()


def values_of(text: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(text)
    return values


@pytest.mark.parametrize("keys", [folders.UNPROVEN, KEYS, CHANGED])
def test_what_is_written_is_read(keys: PetitionKeys) -> None:
    assert petition_key_files.read(petition_key_files.to_text(keys)) == keys


def test_the_file_is_public() -> None:
    text = petition_key_files.to_text(KEYS)

    for private in (builders.ORGANISER_KEY, ANNA.private, BORIS.private):
        assert b64encode(private.seed).decode() not in text
        assert private.seed.hex() not in text


def test_each_organiser_opens_what_is_sealed_to_the_petition_alone() -> None:
    values = json.loads(json.dumps(petition_key_files.to_values(KEYS)))
    context = info(SIGNATURE, SLUG, "index")
    sealed = seal({"name": "Ніна"}, SIGNATURE, KEYS.current.public_key, context)

    for organiser in (ANNA, BORIS):
        opened = wrapped_keys.unwrap_all(values, organiser, SLUG)
        assert opened == [builders.ORGANISER_KEY]
        assert unseal(sealed, opened, context) == {"name": "Ніна"}
    assert wrapped_keys.unwrap_all(values, CARLA, SLUG) == []


def test_an_organiser_gets_every_key_that_was_wrapped_for_them() -> None:
    values = petition_key_files.to_values(CHANGED)

    assert wrapped_keys.unwrap_all(values, ANNA, SLUG) == [builders.ORGANISER_KEY]
    new, old = wrapped_keys.unwrap_all(values, BORIS, SLUG)
    assert (new.public_bytes, old) == (CHANGED.current.public_key, builders.ORGANISER_KEY)


def test_what_an_export_carries_names_nobody() -> None:
    text = json.dumps(petition_key_files.to_values(CHANGED), ensure_ascii=False)

    # Base64 may hold any word of letters by chance.
    assert '"Anna"' not in text
    assert "Борис" not in text


def test_a_wrap_of_another_petition_opens_nothing() -> None:
    values = petition_key_files.to_values(folders.unproven("shut-door"))

    with pytest.raises(BadWrap, match="another petition"):
        wrapped_keys.unwrap_all(values, ANNA, SLUG)


def test_a_wrap_of_another_key_is_not_taken_for_this_one() -> None:
    other = wrapped_keys.wrap(PrivateKey(bytes(32)), folders.public(ANNA), SLUG)
    [values] = petition_key_files.to_values(KEYS)
    wrap = {"organiser": other.organiser, "sealed": b64encode(other.sealed).decode()}
    forged = [{**values, "wraps": [wrap]}]

    with pytest.raises(BadWrap):
        wrapped_keys.unwrap_all(forged, ANNA, SLUG)


@pytest.mark.parametrize(
    "values",
    [
        None,
        7,
        ["text"],
        [{}],
        [{"public_key": "AAAA", "wraps": None}],
        [{"public_key": FOREIGN, "wraps": ["text"]}],
        [{"public_key": "AAAA", "wraps": [{"organiser": folders.public(ANNA).fingerprint}]}],
    ],
)
def test_other_values_are_no_list_of_keys(values: Any) -> None:
    with pytest.raises(NotAPetitionKey):
        wrapped_keys.unwrap_all(values, ANNA, SLUG)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", "{}", '{"format": "zaklik-key/1"}'])
def test_other_texts_are_no_key_files(text: str) -> None:
    with pytest.raises(NotAPetitionKey, match="damaged"):
        petition_key_files.read(text)


def _wrapped_twice(values: dict[str, Any]) -> None:
    values["current"]["wraps"].append(values["current"]["wraps"][0])


def _other_canary(values: dict[str, Any]) -> None:
    values["canary"] = values_of(petition_key_files.to_text(CHANGED))["canary"]


def _key_twice(values: dict[str, Any]) -> None:
    values["former"] = [{**values["current"], "until": "2026-02-01"}]


@pytest.mark.parametrize(
    "damage",
    [
        lambda values: values.update(petition="Open Door"),
        lambda values: values.update(petition=7),
        lambda values: values.pop("former"),
        lambda values: values.pop("verification"),
        lambda values: values["verification"].update(export=["AAAA"]),
        lambda values: values["current"].update(public_key=FOREIGN),
        lambda values: values["current"].update(fingerprint="0" * 32),
        lambda values: values["current"].update(wraps=[]),
        lambda values: values["current"].update(made_on="soon"),
        lambda values: values["current"]["wraps"][0].update(sealed="AAAA"),
        lambda values: values["current"]["wraps"][0].update(name="\x1b[2J"),
        lambda values: values["current"]["wraps"][0].update(
            sealed=values["current"]["wraps"][1]["sealed"]
        ),
        lambda values: values["canary"].update(sha256="x"),
        lambda values: values["canary"].update(sealed="AAAA"),
        lambda values: values["canary"].update(proofs=[{}]),
        lambda values: values["canary"]["proofs"][0].update(organiser=[]),
        _wrapped_twice,
        _other_canary,
        _key_twice,
    ],
)
def test_a_damaged_file_is_refused(damage: Callable[[dict[str, Any]], None]) -> None:
    values = values_of(petition_key_files.to_text(KEYS))
    damage(values)

    with pytest.raises(NotAPetitionKey, match="damaged"):
        petition_key_files.read(json.dumps(values))


def test_a_proof_with_another_value_proves_nothing() -> None:
    values = values_of(petition_key_files.to_text(KEYS))
    values["canary"]["proofs"][0]["value"] = b64encode(bytes(32)).decode()

    keys = petition_key_files.read(json.dumps(values))

    assert KEYS.proven_on == {folders.public(ANNA).fingerprint: PROVEN_ON}
    assert keys.proven_on == {}


def test_a_proof_of_somebody_who_cannot_open_it_proves_nothing() -> None:
    values = values_of(petition_key_files.to_text(KEYS))
    values["canary"]["proofs"][0]["organiser"] = folders.public(CARLA).fingerprint

    assert petition_key_files.read(json.dumps(values)).proven_on == {}
