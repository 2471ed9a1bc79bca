"""Pictures for shared links: what size they have, what fits on them, and when they are kept."""

import io
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from PIL import Image

from chalicelib.domain.petitions.petition import Demand, PetitionText
from chalicelib.domain.petitions.picture import MediaType, Picture
from chalicelib.store.petitions import preview_images as kept
from chalicelib.usecases.petitions import publishing
from ops import catalogues
from ops.content import petition_loader, preview_images, typesetting
from ops.content.pictures import files as picture_files
from ops.local.petition_folders import PETITIONS
from tests import builders
from tests.world import World

BAND = (0x0B, 0x44, 0x46)
"""`--band` of the style sheet by day."""


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("RGB")


def distance(found: Any, wanted: tuple[int, int, int]) -> int:
    """How far two colours are apart, in levels of 255."""
    return max(abs(int(one) - other) for one, other in zip(found, wanted, strict=True))


def ink_outside(picture: bytes, margin: int) -> bool:
    """Whether a letter is nearer than `margin` pixels to the sides or the foot."""
    # Letters are brighter than the ground and the waves on it.
    image = opened(picture).convert("L").point(lambda level: 255 * (level > 128))
    width, height = image.size
    edges = [
        (0, 20, margin, height),
        (width - margin, 20, width, height),
        (0, height - margin, width, height),
    ]
    return any(image.crop(edge).getcolors(maxcolors=1) is None for edge in edges)


@pytest.fixture(scope="module")
def shipped() -> dict[str, PetitionText]:
    """The texts of the petitions in the repository, by folder and language."""
    return {
        f"{folder.parent.name} {language}": text
        for folder in sorted(PETITIONS.glob("*/petition.toml"))
        for language, text in petition_loader.read_petition(
            folder.parent, development_key=bytes(32)
        ).texts.items()
    }


def test_the_pictures_of_our_petitions_are_small_and_as_large_as_networks_want(
    shipped: dict[str, PetitionText],
) -> None:
    for name, text in shipped.items():
        picture = preview_images.draw(text, name.rpartition(" ")[2])
        assert opened(picture).size == preview_images.SIZE, name
        assert 5_000 < len(picture) < preview_images.MOST_BYTES, name
        assert not ink_outside(picture, margin=30), name


def test_the_images_of_our_petitions_show_their_pictures() -> None:
    for file in sorted(PETITIONS.glob("*/picture.*")):
        petition = petition_loader.read_petition(file.parent, development_key=bytes(32))
        content = picture_files.content_of(file.parent)
        without = preview_images.draw_all(petition)

        for language, image in preview_images.draw_all(petition, content).items():
            assert 5_000 < len(image) < preview_images.MOST_BYTES, file
            assert image != without[language]
            assert opened(image).size == preview_images.SIZE


def test_the_picture_lies_above_the_words() -> None:
    image = opened(preview_images.draw_all(builders.with_picture(), builders.DRAWING)["en"])

    gold, teal, band = ((600, 300), (100, 100), (20, 600))
    assert distance(image.getpixel(gold), (0xFF, 0xD7, 0x00)) < 12
    assert distance(image.getpixel(teal), (0x0A, 0x5A, 0x5C)) < 12
    assert distance(image.getpixel(band), BAND) < 12


def test_a_long_title_leaves_room_for_the_picture() -> None:
    petition = builders.with_picture(
        texts={"en": builders.petition_text(title="Open a door " * 10)}
    )

    [image] = preview_images.draw_all(petition, builders.DRAWING).values()

    assert distance(opened(image).getpixel((600, 340)), (0xFF, 0xD7, 0x00)) < 12


def test_a_photograph_makes_a_jpeg() -> None:
    noise = Image.frombytes("RGB", (800, 320), Random(1).randbytes(800 * 320 * 3))
    file = io.BytesIO()
    noise.resize((1200, 480)).save(file, "JPEG", quality=20)
    picture = Picture(media_type=MediaType.JPG, digest="0" * 16, width=1200, height=480)
    petition = replace(builders.with_picture(), picture=picture)

    for image in preview_images.draw_all(petition, file.getvalue()).values():
        assert MediaType.of(image) is MediaType.JPG
        assert len(image) < 4 * preview_images.MOST_BYTES


def test_the_ground_has_the_colour_of_the_pages() -> None:
    image = opened(preview_images.draw(builders.petition_text(), "en"))

    assert image.getpixel((20, 300)) == BAND


def test_the_same_text_makes_the_same_bytes() -> None:
    text = builders.petition_text()

    assert preview_images.draw(text, "en") == preview_images.draw(replace(text), "en")


def test_the_words_on_a_picture_are_those_of_the_pages_so_that_they_are_translated() -> None:
    said = catalogues.sentences()

    assert all(said.get(words) for words in (preview_images.ADDRESSED, preview_images.DEMANDED))


def test_each_language_has_words_of_its_own() -> None:
    pictures = preview_images.draw_all(builders.petition())

    assert list(pictures) == ["en", "be", "ru"]
    assert len(set(pictures.values())) == 3


@pytest.mark.parametrize(
    "letters",
    [
        "ЎўІіЁё’",
        "ЩщЫыЭэЪъ«»",
        "ҐґЄєЇї",
        "ĄąĆćĘęŁłŃńÓóŚśŹźŻż„”",
        "ĄąČčĘęĖėĮįŠšŲųŪūŽž„“",
        "ÄäÖöÜüß",
    ],
)
def test_every_letter_of_our_languages_is_in_the_font(letters: str) -> None:
    font = typesetting.font(typesetting.BOLD, 40)
    missing = bytes(font.getmask("\uffff"))

    shapes = [bytes(font.getmask(letter)) for letter in letters]

    assert missing not in shapes
    assert len(set(shapes)) == len(letters)


def test_what_is_too_long_is_cut_and_stays_within_the_margins() -> None:
    demands = tuple(
        Demand(number=number, heading="Open every door " * 8, html="") for number in range(1, 9)
    )
    text = builders.petition_text(
        title="Open the door " * 30, target="The keeper " * 30, demands=demands
    )

    picture = preview_images.draw(text, "en")

    assert not ink_outside(picture, margin=30)
    assert len(picture) < preview_images.MOST_BYTES


def test_a_word_longer_than_a_line_ends_no_drawing() -> None:
    text = builders.petition_text(title="Doors" * 40, target="Keepers" * 40)

    assert opened(preview_images.draw(text, "en")).size == preview_images.SIZE


def test_pictures_are_stored_when_they_have_changed_and_only_then(world: World) -> None:
    petitions_table = world.services.petitions
    first, second, other = (b"\x89PNG\r\n\x1a\n" + name for name in (b"first", b"second", b"other"))
    pictures = {"en": first, "be": other}

    stored = [
        publishing.publish_preview_images(world.services, "open-door", pictures),
        publishing.publish_preview_images(world.services, "open-door", pictures),
        publishing.publish_preview_images(world.services, "open-door", {**pictures, "en": second}),
    ]

    assert stored == [["en", "be"], [], ["en"]]
    assert kept.get(petitions_table, "open-door", "en") == (second, MediaType.PNG)
    assert kept.get(petitions_table, "open-door", "be") == (other, MediaType.PNG)
