"""A petition's key is made, shared, proven and changed; no step loses what was sealed before."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.crypto import petition_key_files, petition_keys
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.keys import key_lifecycle, wrapped_keys
from ops.keys.key_lifecycle import NotAnOrganiser
from ops.keys.organiser_keys import OrganiserKey
from ops.keys.wrapped_keys import BadWrap
from tests.ops import folders
from tests.ops.folders import ANNA, BORIS, CARLA, KEYS, SLUG, UNPROVEN

DAY = date(2026, 3, 8)


def opens(keys: PetitionKeys, organiser: OrganiserKey) -> list[PrivateKey]:
    return wrapped_keys.unwrap_all(petition_key_files.to_values(keys), organiser, SLUG)


def test_a_new_key_is_open_to_its_organisers_and_not_proven() -> None:
    keys = key_lifecycle.new_keys(SLUG, [folders.public(ANNA), folders.public(BORIS)], DAY)

    assert len(opens(keys, ANNA)) == len(opens(keys, BORIS)) == 1
    assert opens(keys, CARLA) == []
    assert keys.proven_on == {}
    assert list(keys.current.organisers.values()) == ["Anna", "Борис"]


def test_two_petitions_have_two_keys() -> None:
    first, second = (key_lifecycle.new_keys(SLUG, [folders.public(ANNA)], DAY) for _ in range(2))

    assert first.current.public_key != second.current.public_key


def test_who_opens_the_canary_has_proven_the_key() -> None:
    once = key_lifecycle.prove(UNPROVEN, ANNA, date(2026, 3, 1))
    twice = key_lifecycle.prove(key_lifecycle.prove(once, BORIS, DAY), ANNA, DAY)

    assert once.proven_on == {folders.public(ANNA).fingerprint: date(2026, 3, 1)}
    assert twice.proven_on == {folders.public(each).fingerprint: DAY for each in (ANNA, BORIS)}


def test_another_key_proves_nothing_and_reads_who_could() -> None:
    with pytest.raises(NotAnOrganiser, match=r"opened by Anna \(.*Борис \(.*keys share"):
        key_lifecycle.prove(UNPROVEN, CARLA, DAY)
    with pytest.raises(NotAnOrganiser):
        key_lifecycle.share(KEYS, CARLA, folders.public(CARLA))


def test_a_canary_of_something_else_is_not_taken_for_a_proof() -> None:
    other = wrapped_keys.new_canary(SLUG, UNPROVEN.current.public_key)
    mixed = replace(UNPROVEN, canary=replace(UNPROVEN.canary, sealed=other.sealed))

    with pytest.raises(BadWrap, match="damaged"):
        key_lifecycle.prove(mixed, ANNA, DAY)


def test_a_shared_key_opens_former_signatures_too() -> None:
    changed = key_lifecycle.change(KEYS, [folders.public(ANNA)], DAY)

    shared = key_lifecycle.share(changed, ANNA, folders.public(CARLA))

    assert opens(shared, CARLA) == opens(shared, ANNA)
    assert len(opens(shared, CARLA)) == 2
    assert shared.canary == changed.canary


def test_a_key_that_its_owner_cannot_open_is_not_shared() -> None:
    changed = key_lifecycle.change(KEYS, [folders.public(CARLA)], DAY)

    shared = key_lifecycle.share(changed, CARLA, folders.public(ANNA))

    assert len(opens(shared, CARLA)) == 1
    assert opens(shared, ANNA) == [*opens(shared, CARLA), *opens(KEYS, ANNA)]


def test_a_changed_key_needs_a_proof_of_its_own_and_the_old_one_stays_open() -> None:
    verification = VerificationKeys(attestation=(bytes(32),))
    before = replace(KEYS, verification=verification)

    changed = key_lifecycle.change(before, [folders.public(CARLA)], DAY)

    assert changed.proven_on == {}
    assert changed.verification == verification
    assert changed.current.public_key != before.current.public_key
    assert changed.former == (replace(before.current, until=DAY),)
    assert opens(changed, ANNA) == opens(before, ANNA)


def test_an_older_copy_is_noticed_by_what_it_lacks() -> None:
    shared = key_lifecycle.share(KEYS, ANNA, folders.public(CARLA))
    changed = key_lifecycle.change(shared, [folders.public(CARLA)], DAY)

    assert petition_keys.loses(KEYS, KEYS) == []
    assert petition_keys.loses(KEYS, changed) == []
    [wrap] = petition_keys.loses(shared, KEYS)
    assert wrap.endswith(f"for {folders.public(CARLA).fingerprint}")
    [key, _] = petition_keys.loses(changed, KEYS)
    assert changed.current.fingerprint[:4] in key
