"""A picture is there with the petition that shows it, or not at all."""

from dataclasses import replace

import pytest

from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.petitions.picture import MediaType, Picture, digest_of
from chalicelib.store import keys
from chalicelib.store.petitions import petitions, pictures
from chalicelib.usecases.petitions import browsing, publishing
from tests import builders
from tests.builders import DRAWING, PICTURE
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.routes.requests import SLUG
from tests.world import World

OTHER_DRAWING = DRAWING.replace(b"gold", b"snow")
OTHER = Picture(media_type=MediaType.SVG, digest=digest_of(OTHER_DRAWING), width=1200, height=480)


def publish(world: World, picture: Picture | None, content: bytes) -> int:
    """Publish the usual petition with a picture; its version."""
    petition = builders.with_picture() if picture else builders.petition()
    petition = replace(petition, picture=picture)
    return publishing.publish_petition(world.services, petition, picture=content).version


def stored(world: World) -> set[str]:
    """The names of the pictures of the petition that are in the table."""
    items = world.services.petitions.items_of(f"picture#{SLUG}")
    return {item["sk"] for item in items}


def test_a_picture_is_no_part_of_the_text_that_people_signed(world: World) -> None:
    assert publish(world, PICTURE, DRAWING) == 2
    assert publish(world, OTHER, OTHER_DRAWING) == 3

    published = petitions.get(world.services.petitions, SLUG)
    assert published.amendments == ()
    assert published.picture == OTHER


def test_the_same_picture_again_makes_no_new_version_and_repairs_its_bytes(world: World) -> None:
    version = publish(world, PICTURE, DRAWING)
    world.services.petitions.delete(keys.picture(SLUG, PICTURE.file_name))

    assert publish(world, PICTURE, DRAWING) == version

    assert browsing.show_picture(world.services, SLUG, PICTURE.file_name) == DRAWING


def test_a_picture_that_was_replaced_or_taken_out_is_deleted(world: World) -> None:
    publish(world, PICTURE, DRAWING)
    assert stored(world) == {PICTURE.file_name}
    publish(world, OTHER, OTHER_DRAWING)
    assert stored(world) == {OTHER.file_name}
    publish(world, None, b"")
    assert stored(world) == set()

    for picture in (PICTURE, OTHER):
        with pytest.raises(NotFound):
            browsing.show_picture(world.services, SLUG, picture.file_name)


@pytest.mark.parametrize("fault", list(Fault))
def test_after_a_fault_the_page_and_its_picture_are_of_one_version(
    world: World, fault: Fault
) -> None:
    publish(world, PICTURE, DRAWING)
    calls = AwsCalls(at="dynamodb.TransactWriteItems", fault=fault)
    with recorded(calls), pytest.raises((Unavailable, Crash)):
        publish(world, OTHER, OTHER_DRAWING)

    online = petitions.get(world.services.petitions, SLUG).picture
    assert online
    assert stored(world) == {online.file_name}
    publish(world, OTHER, OTHER_DRAWING)
    assert stored(world) == {OTHER.file_name}


@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>", DRAWING.decode(), None, b""])
def test_bytes_that_are_not_those_of_the_name_do_not_exist(world: World, content: object) -> None:
    world.services.petitions.put(keys.picture(SLUG, PICTURE.file_name), {"content": content})

    with pytest.raises(NotFound):
        pictures.get(world.services.petitions, SLUG, PICTURE.file_name)


@pytest.mark.parametrize(
    "forged",
    [
        {"media_type": "text/html"},
        {"digest": "../../en"},
        {"digest": '0123456789abcdef.svg" onload="'},
        {"width": 0},
        {"height": -480},
        {"width": 10**9},
        {"width": "1200"},
        {"address": "https://evil.example"},
    ],
)
def test_a_petition_whose_picture_cannot_have_been_published_does_not_exist(
    world: World, forged: dict[str, object]
) -> None:
    publish(world, PICTURE, DRAWING)
    item = world.services.petitions.find(keys.petition(SLUG))
    assert item
    item["picture"].update(forged)
    world.services.petitions.put(keys.petition(SLUG), item)

    with pytest.raises(NotFound):
        petitions.get(world.services.petitions, SLUG)


def test_a_name_that_no_picture_has_costs_no_read(world: World) -> None:
    calls = AwsCalls()
    with recorded(calls):
        for name in ("", "x.svg", "0123456789abcdef.gif", "0123456789ABCDEF.svg", "../a.svg"):
            with pytest.raises(NotFound):
                browsing.show_picture(world.services, SLUG, name)

    assert calls.made == []
