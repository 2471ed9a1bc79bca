"""Publishing petitions and updates."""

from datetime import date

import pytest

from chalicelib.crypto import sealing
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.petition import FormerKey
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.petitions import petitions
from chalicelib.usecases.petitions import publishing
from tests import builders
from tests.world import World

OTHER_KEY = PrivateKey(b"\x09" * 32).public_bytes


def test_publishing_again_adds_a_version_and_keeps_the_old_one(world: World) -> None:
    text = builders.petition_text(title="Open both doors")

    published = world.publish(builders.petition(texts={"en": text}))

    assert published.version == 2
    assert (
        petitions.get(world.services.petitions, "open-door").text("en").title == "Open both doors"
    )
    versions = [
        item
        for item in world.stored_items("petitions")
        if item["pk"] == "petition-version#open-door"
    ]
    assert [item["version"] for item in versions] == [1, 2]


def test_publishing_the_same_text_adds_no_version(world: World) -> None:
    assert world.publish().version == 1


def test_a_key_file_that_was_shared_is_stored_without_a_new_version(world: World) -> None:
    published = publishing.publish_petition(
        world.services, builders.petition(), key_file="with one more organiser"
    )

    assert published.version == 1
    stored = petitions.find_key_file(world.services.petitions, "open-door")
    assert stored == "with one more organiser"


def test_a_changed_key_is_recorded_with_its_days(world: World) -> None:
    first = world.publish()
    world.clock.advance(days=2)

    changed = world.publish(builders.petition(public_key=OTHER_KEY))
    again = world.publish(builders.petition(public_key=OTHER_KEY))

    assert (first.key_since, first.former_keys) == (date(2026, 3, 8), ())
    assert changed.key_since == date(2026, 3, 10)
    assert changed.former_keys == (
        FormerKey(
            fingerprint=sealing.fingerprint(first.public_key),
            since=date(2026, 3, 8),
            until=date(2026, 3, 10),
        ),
    )
    assert again == changed


def test_a_petition_names_every_key_by_which_the_service_attests(world: World) -> None:
    published = world.publish()

    secrets = world.services.secrets
    assert published.verification.attestation == tuple(
        key.raw for key in secrets.attestation_public_keys.keys
    )
    assert published.verification.export == tuple(
        key.raw for key in secrets.export_public_keys.keys
    )


def test_one_of_two_concurrent_publications_is_refused(world: World) -> None:
    first = builders.petition(version=2)
    petitions.save(world.services.petitions, first)

    with pytest.raises(ConditionFailed):
        petitions.save(world.services.petitions, first)


def test_an_update_needs_its_petition(world: World) -> None:
    with pytest.raises(NotFound):
        publishing.publish_update(world.services, builders.update(slug="no-such-door"))


def test_an_amended_update_replaces_the_old_one(world: World) -> None:
    world.publish_update()
    text = builders.update().texts["en"]

    world.publish_update(builders.update(texts={"en": text}))

    page = world.get("/be/open-door/updates/first-news")
    assert "The door moved" in page.body.decode()
