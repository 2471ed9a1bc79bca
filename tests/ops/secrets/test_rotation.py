"""A rotation is complete, or is completed by the next run, whatever stops it half-way."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

import pytest

from chalicelib.crypto.keyring import MAX_ID, Keyring
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.store.secrets import ACTIVATION, read_keyring
from ops.errors import CannotContinue
from ops.secrets import rotation
from ops.secrets.cryptoperiods import KeyState, statuses
from ops.secrets.inventory import (
    MAILER,
    ORIGIN_SECRET,
    PAIRS,
    RINGS,
    KeyPairs,
    new_key,
    pair_of,
    read_all,
)
from ops.secrets.keyring_store import MAX_CHARACTERS, KeyringStore
from ops.secrets.rotation import Rotation
from tests.builders import NOW
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded
from tests.world import World

PUT = "ssm.PutParameter"
NAMES = {pair.private: name for name in RINGS for pair in PAIRS if pair_of(name) is pair}
every_secret = pytest.mark.parametrize("name", list(RINGS))
every_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: NAMES[pair.private])


def rings(store: KeyringStore) -> Mapping[str, Keyring]:
    texts = read_all(store.ssm, store.path)
    return {name: read_keyring(text) for name, text in texts.items() if name != ORIGIN_SECRET}


def ids(ring: Keyring) -> list[int]:
    return [key.id for key in ring.keys]


def states(world: World, name: str) -> list[KeyState]:
    return [status.state for status in statuses(world.services, name)]


@every_secret
def test_a_new_key_is_used_half_an_hour_later(world: World, store: KeyringStore, name: str) -> None:
    before = store.read(RINGS[name]).ring

    rotated = rotation.rotate(world.services, name)

    assert rotated == Rotation(new_id=2, old_id=1, used_from=NOW + timedelta(minutes=30))
    ring = store.read(RINGS[name]).ring
    assert ring.keys[:-1] == before.keys
    assert ring.current(NOW + ACTIVATION - timedelta(seconds=1)) == before.keys[-1]
    assert ring.current(NOW + ACTIVATION).id == 2
    assert states(world, name) == [KeyState.CURRENT, KeyState.NEW]


@every_secret
def test_a_rotation_changes_no_other_secret(world: World, store: KeyringStore, name: str) -> None:
    before = read_all(store.ssm, store.path)

    rotation.rotate(world.services, name)

    after = read_all(store.ssm, store.path)
    pair = pair_of(name)
    changed = {pair.private, pair.public} if pair else {RINGS[name]}
    assert {it for it in before if before[it] != after[it]} == changed


@every_secret
def test_a_second_rotation_waits_for_the_first(
    world: World, store: KeyringStore, name: str
) -> None:
    rotation.rotate(world.services, name)
    world.clock.advance(minutes=29)
    before = rings(store)

    with pytest.raises(CannotContinue, match="is used from 2026-03-08 12:30 UTC on"):
        rotation.rotate(world.services, name)
    assert rings(store) == before

    world.clock.advance(minutes=1)
    assert rotation.rotate(world.services, name).new_id == 3


@every_pair
def test_both_halves_are_stored_and_fit(world: World, store: KeyringStore, pair: KeyPairs) -> None:
    for _ in range(3):
        rotation.rotate(world.services, NAMES[pair.private])
        world.clock.advance(minutes=31)

    private, public = rings(store)[pair.private], rings(store)[pair.public]
    assert ids(private) == [1, 2, 3, 4]
    assert ids(public) == ([3, 4] if pair.seals else [1, 2, 3, 4])
    assert pair.fit(private, public)
    assert all(private.keys[key.id - 1].used_from == key.used_from for key in public.keys)


@every_pair
@pytest.mark.parametrize("later", [timedelta(), timedelta(days=40)])
@pytest.mark.parametrize("fault", list(Fault))
def test_stopped_at_any_call_everything_works_and_the_next_run_completes_it(
    world: World, store: KeyringStore, pair: KeyPairs, fault: Fault, later: timedelta
) -> None:
    name = NAMES[pair.private]
    with recorded(AwsCalls()) as calls:
        rotation.rotate(world.services, name)
    world.clock.advance(hours=1)
    newest = 2

    for place in range(len(calls.made)):
        with recorded(AwsCalls(at=place, fault=fault)), suppress(Crash, Exception):
            rotation.rotate(world.services, name)
        world.clock.advance(seconds=later.total_seconds())
        assert pair.fit(rings(store)[pair.private], rings(store)[pair.public]), place
        # Refused when the first run has come to its end.
        with suppress(CannotContinue):
            rotation.rotate(world.services, name)
        assert states(world, name)[-1] is KeyState.NEW
        world.clock.advance(hours=1)
        assert states(world, name)[-1] is KeyState.CURRENT
        private = rings(store)[pair.private]
        assert private.keys[-1].id > newest
        newest = private.keys[-1].id
    assert newest < MAX_ID


def test_an_opener_without_its_public_half_is_not_mistaken_for_a_new_key(
    world: World, store: KeyringStore
) -> None:
    with (
        recorded(AwsCalls(at=PUT, fault=Fault.KILLED_AFTER)),
        pytest.raises(Crash),
    ):
        rotation.rotate(world.services, "mailer")
    world.clock.advance(days=30)

    assert states(world, "mailer") == [KeyState.CURRENT, KeyState.UNFINISHED]
    seed = rings(store)[MAILER.private].keys[-1].raw

    rotated = rotation.rotate(world.services, "mailer")

    assert rotated.new_id == 2
    assert rotated.used_from == world.clock.now() + ACTIVATION
    assert rings(store)[MAILER.public].keys[-1].raw == PrivateKey(seed).public_bytes


@every_secret
def test_of_two_people_at_once_one_is_told_and_the_other_has_rotated(
    world: World, store: KeyringStore, name: str
) -> None:
    theirs: list[Rotation] = []

    def other(**_: object) -> None:
        if not theirs:
            theirs.append(Rotation(new_id=0, old_id=0, used_from=NOW))
            theirs.append(rotation.rotate(world.services, name))

    with (
        intercepted(store.ssm, "before-call.ssm.PutParameter", other),
        pytest.raises(CannotContinue, match="Somebody else"),
    ):
        rotation.rotate(world.services, name)

    pair = pair_of(name)
    assert theirs[1].new_id == 2
    assert ids(store.read(RINGS[name]).ring) == [1, 2]
    assert pair is None or pair.fit(rings(store)[pair.private], rings(store)[pair.public])


@every_pair
@pytest.mark.parametrize("later", [timedelta(), timedelta(hours=1)])
def test_public_halves_of_other_keys_are_repaired_by_the_next_run(
    world: World, store: KeyringStore, pair: KeyPairs, later: timedelta
) -> None:
    """As after two people at once, both of whom were killed before the end."""
    name = NAMES[pair.private]
    rotation.rotate(world.services, name)
    public = store.read(pair.public)
    foreign = pair.public_key(new_key(2, NOW + ACTIVATION))
    store.replace(public, [*public.ring.keys[:-1], foreign])
    world.clock.advance(seconds=later.total_seconds())
    assert not pair.fit(rings(store)[pair.private], rings(store)[pair.public])

    rotation.rotate(world.services, name)

    assert pair.fit(rings(store)[pair.private], rings(store)[pair.public])
    assert foreign.raw not in {key.raw for key in rings(store)[pair.public].keys}
    assert states(world, name) == [KeyState.CURRENT, KeyState.NEW]


def test_a_mailer_that_is_rotated_for_years_stays_within_its_parameter(
    world: World, store: KeyringStore
) -> None:
    for _ in range(10):
        rotation.rotate(world.services, "mailer")
        world.clock.advance(days=100)
    texts = read_all(store.ssm, store.path)

    assert len(texts[MAILER.public]) <= MAX_CHARACTERS < 3 * len(texts[MAILER.public]) / 2
    assert ids(rings(store)[MAILER.public]) == [10, 11]
    assert ids(rings(store)[MAILER.private]) == list(range(1, 12))


def test_a_full_ring_is_refused_before_anything_is_stored(
    world: World, store: KeyringStore
) -> None:
    stored = store.read(RINGS["permanent-token"])
    full = [new_key(number, NOW) for number in range(100, 145)]
    while True:
        try:
            stored = store.replace(stored, full)
        except CannotContinue:
            full.pop()
        else:
            break

    with pytest.raises(CannotContinue, match=r"cannot hold \d+ keys.*secrets prune"):
        rotation.rotate(world.services, "permanent-token")

    assert store.read(RINGS["permanent-token"]) == stored


def test_without_an_id_that_is_left_nothing_is_stored(world: World, store: KeyringStore) -> None:
    stored = store.read(RINGS["token"])
    stored = store.replace(stored, [new_key(MAX_ID, NOW)])

    with pytest.raises(CannotContinue, match="all 255 ids"):
        rotation.rotate(world.services, "token")

    assert store.read(RINGS["token"]) == stored


def test_a_new_origin_secret_is_another_that_fits_into_a_header(
    world: World, store: KeyringStore
) -> None:
    before = read_all(store.ssm, store.path)[ORIGIN_SECRET]

    rotation.rotate_origin(world.services)

    after = read_all(store.ssm, store.path)[ORIGIN_SECRET]
    assert after != before
    assert len(after) >= 43
    assert after.isascii()
    assert after.isprintable()


@pytest.mark.parametrize("name", ["token", "attestation", "mailer"])
def test_a_removal_that_is_killed_leaves_a_ring_that_works(
    world: World, store: KeyringStore, name: str
) -> None:
    rotation.rotate(world.services, name)
    world.clock.advance(hours=1)
    pair = pair_of(name)
    with recorded(AwsCalls(at=PUT, fault=Fault.KILLED_AFTER)), pytest.raises(Crash):
        rotation.remove(world.services, name, [1])
    assert pair is None or pair.fit(rings(store)[pair.private], rings(store)[pair.public])

    rotation.remove(world.services, name, [1])

    assert ids(store.read(RINGS[name]).ring) == [2]
    if pair is not None:
        assert ids(rings(store)[pair.public]) == ([2] if pair.seals else [1, 2])
        assert pair.fit(rings(store)[pair.private], rings(store)[pair.public])
