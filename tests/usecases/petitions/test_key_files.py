"""The desk keeps a petition's key file: no key, no organiser and no proof in it is lost."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from chalicelib.crypto import petition_key_files
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.petitions.petition import Petition, VerificationKeys
from chalicelib.store.petitions import petitions
from chalicelib.usecases.petitions import key_files, publishing
from chalicelib.usecases.petitions.key_files import KeyFileRefused, StoredKeyFile
from ops.keys import key_lifecycle
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.ops import folders
from tests.ops.folders import ANNA, BORIS, CARLA
from tests.world import World

SLUG = "new-door"
DAY = date(2026, 1, 3)
MADE = key_lifecycle.new_keys(SLUG, [folders.public(ANNA)], DAY)
PROVEN = key_lifecycle.prove(MADE, ANNA, DAY)
SHARED = key_lifecycle.share(PROVEN, ANNA, folders.public(BORIS))
CHANGED = key_lifecycle.change(SHARED, [folders.public(BORIS)], DAY)


def save(world: World, keys: PetitionKeys, *, seen: str | None = None) -> StoredKeyFile:
    known = key_files.seen(world.services, SLUG) if seen is None else seen
    return key_files.save(world.services, SLUG, petition_key_files.to_text(keys), seen=known)


def stored(world: World) -> PetitionKeys:
    found = key_files.find(world.services, SLUG)
    assert found
    return found.keys


def publish(world: World, keys: PetitionKeys) -> None:
    """Open the petition with what the desk has stored."""
    save(world, keys)
    public_key = key_files.proven_key(world.services, SLUG)
    assert public_key
    publishing.publish_petition(
        world.services,
        builders.petition(slug=SLUG, public_key=public_key),
        key_file=key_files.text_to_publish(world.services, SLUG),
    )


def published(world: World) -> PetitionKeys:
    return petition_key_files.read(petitions.find_key_file(world.services.petitions, SLUG) or "")


def publish_new_key(world: World) -> Petition:
    """Publish the key that the desk shows."""
    fingerprint = stored(world).current.fingerprint
    return key_files.publish(world.services, SLUG, fingerprint=fingerprint)


def test_a_key_is_there_when_it_is_stored_and_usable_when_it_is_proven(world: World) -> None:
    assert key_files.find(world.services, SLUG) is None
    assert key_files.text_to_publish(world.services, SLUG) == ""

    save(world, MADE)
    assert key_files.proven_key(world.services, SLUG) is None

    save(world, PROVEN)
    assert key_files.proven_key(world.services, SLUG) == PROVEN.current.public_key
    assert stored(world) == PROVEN


def test_an_open_petition_names_the_keys_by_which_the_service_vouches(world: World) -> None:
    publish(world, PROVEN)

    vouching = publishing.verification_keys(world.services)
    assert published(world).verification == vouching
    assert stored(world).verification == vouching


def test_a_file_cannot_make_organisers_trust_a_foreign_key(world: World) -> None:
    foreign = VerificationKeys(attestation=(b"\x01" * 32,), export=(b"\x02" * 32,))

    save(world, replace(MADE, verification=foreign))
    assert stored(world).verification == VerificationKeys()

    publish(world, PROVEN)
    save(world, replace(SHARED, verification=foreign))
    assert stored(world).verification == publishing.verification_keys(world.services)


def test_what_is_shared_after_the_opening_is_in_the_next_export(world: World) -> None:
    publish(world, PROVEN)

    result = save(world, SHARED)

    assert not result.waits
    assert published(world).current.organisers == SHARED.current.organisers


def test_a_new_key_waits_until_it_is_proven_and_published(world: World) -> None:
    publish(world, SHARED)

    assert save(world, CHANGED).waits
    assert published(world).current.public_key == SHARED.current.public_key
    with pytest.raises(KeyFileRefused, match="must prove first"):
        publish_new_key(world)
    save(world, key_lifecycle.prove(stored(world), BORIS, DAY))
    petition = publish_new_key(world)

    assert petition.public_key == CHANGED.current.public_key
    assert [key.fingerprint for key in petition.former_keys] == [SHARED.current.fingerprint]
    assert published(world).all == CHANGED.all
    found = key_files.find(world.services, SLUG)
    assert found
    assert not found.waits


def test_nothing_is_published_where_nothing_waits(world: World) -> None:
    with pytest.raises(KeyFileRefused, match="no new key"):
        key_files.publish(world.services, SLUG, fingerprint="")


def test_only_the_key_that_was_looked_at_is_published(world: World) -> None:
    """Another steward stores another key after the page was opened."""
    publish(world, SHARED)
    seen = SHARED.current.fingerprint
    save(world, key_lifecycle.prove(CHANGED, BORIS, DAY))

    with pytest.raises(KeyFileRefused, match="Another key was stored since"):
        key_files.publish(world.services, SLUG, fingerprint=seen)
    assert published(world).current.public_key == SHARED.current.public_key


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        (PROVEN, "for Борис"),
        (key_lifecycle.new_keys(SLUG, [folders.public(ANNA)], DAY), "it lacks the key"),
    ],
)
@pytest.mark.parametrize("open_already", [False, True])
def test_a_file_that_lacks_a_key_or_an_organiser_is_refused(
    world: World, lost: PetitionKeys, reason: str, open_already: bool
) -> None:
    if open_already:
        publish(world, SHARED)
    else:
        save(world, SHARED)

    with pytest.raises(KeyFileRefused, match=reason):
        save(world, lost)
    assert stored(world).current == SHARED.current


@pytest.mark.parametrize(
    "text",
    ["", "?", "{}", "[]", "\x00" * 9, "x" * (key_files.MAX_BYTES + 1)],
)
def test_what_is_no_key_file_is_refused(world: World, text: str) -> None:
    with pytest.raises(KeyFileRefused, match=r"key file|too large"):
        key_files.save(world.services, SLUG, text, seen="")
    assert key_files.find(world.services, SLUG) is None


def test_the_key_of_another_petition_is_refused(world: World) -> None:
    other = key_lifecycle.new_keys("other-door", [folders.public(ANNA)], DAY)

    with pytest.raises(KeyFileRefused, match="“other-door”"):
        save(world, other)


def test_of_two_who_store_at_once_the_second_is_told(world: World) -> None:
    first = save(world, MADE)
    save(world, PROVEN, seen=first.seen)

    with pytest.raises(KeyFileRefused, match="Somebody else"):
        save(world, key_lifecycle.share(MADE, ANNA, folders.public(BORIS)), seen=first.seen)
    assert stored(world) == PROVEN


def test_the_same_file_twice_is_no_conflict(world: World) -> None:
    first = save(world, PROVEN, seen="")

    again = save(world, PROVEN, seen="")

    assert again == first


def test_what_the_command_has_published_since_is_not_taken_away(world: World) -> None:
    publish(world, PROVEN)
    petitions.save_key_file(world.services.petitions, SLUG, petition_key_files.to_text(SHARED))

    assert stored(world).current == SHARED.current
    with pytest.raises(KeyFileRefused, match="for Борис"):
        save(world, PROVEN)


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.THROTTLED])
def test_a_crash_before_exports_know_of_it_is_seen_and_made_good(
    world: World, fault: Fault
) -> None:
    publish(world, PROVEN)
    seen = key_files.seen(world.services, SLUG)
    writes = AwsCalls()
    with recorded(writes):
        save(world, SHARED, seen=seen)
    [_, last] = [n for n, name in enumerate(writes.made) if name == "dynamodb.PutItem"]
    petitions.save_key_file(world.services.petitions, SLUG, petition_key_files.to_text(PROVEN))
    carla = key_lifecycle.share(SHARED, ANNA, folders.public(CARLA))
    seen = key_files.seen(world.services, SLUG)

    with recorded(AwsCalls(at=last, fault=fault)), pytest.raises((Crash, Unavailable)):
        save(world, carla, seen=seen)

    found = key_files.find(world.services, SLUG)
    assert found
    assert found.waits
    publish_new_key(world)
    assert published(world).current.organisers == carla.current.organisers


def test_who_publishes_a_key_beside_another_publication_is_told(world: World) -> None:
    publish(world, SHARED)
    save(world, key_lifecycle.prove(CHANGED, BORIS, DAY))
    later = replace(petitions.get(world.services.petitions, SLUG), closes_on=date(2027, 5, 1))

    with (
        recorded(_Beside(publish=lambda: publishing.publish_petition(world.services, later))),
        pytest.raises(KeyFileRefused, match="Publish the new key again"),
    ):
        publish_new_key(world)
    publish_new_key(world)

    petition = petitions.get(world.services.petitions, SLUG)
    assert petition.closes_on == later.closes_on
    assert petition.public_key == CHANGED.current.public_key


@dataclass
class _Beside(AwsCalls):
    """Has somebody else publish just before the first transaction."""

    publish: Callable[[], object] | None = None

    def pass_through(self, name: str, call: Callable[[], Any]) -> Any:
        publish = self.publish
        if name == "dynamodb.TransactWriteItems" and publish:
            self.publish = None
            publish()
        return super().pass_through(name, call)
