"""Publishing petitions and updates."""

import pytest

from chalicelib.domain.errors import NotFound
from chalicelib.store import petitions
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.usecases.petitions import publishing
from tests import builders
from tests.world import World


def test_publishing_again_adds_a_version_and_keeps_the_old_one(world: World) -> None:
    text = builders.petition_text(title="Open both doors")

    published = world.publish(builders.petition(texts={"en": text}))

    assert published.version == 2
    assert (
        petitions.get(world.services.petitions, "open-door").text("en").title == "Open both doors"
    )
    versions = [
        item for item in world.stored_items("petitions") if item["pk"] == "petition#open-door"
    ]
    assert [item["version"] for item in versions] == [1, 2]


def test_publishing_the_same_text_adds_no_version(world: World) -> None:
    assert world.publish().version == 1


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
