"""The picture in a petition's folder is found, and checked with the texts."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chalicelib.domain.petitions.picture import MAX_BYTES, MediaType
from ops.content import petition_loader
from ops.content.pictures import files
from tests import builders
from tests.ops import folders
from tests.ops.pseudo_terminal import zaklik

LARGE = builders.DRAWING.replace(b"V80", b"V80" + b" 0.001" * 9_000)


def jpeg(size: tuple[int, int] = (1600, 900)) -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def problems(folder: Path) -> list[tuple[str, int, str]]:
    _, found = petition_loader.check_petition(folder, live_on=None)
    assert all(problem.remedy for problem in found)
    return [(problem.file.name, problem.line, problem.what) for problem in found]


def test_a_drawing_becomes_the_picture_with_its_words(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    folders.add_picture(folder)

    petition = petition_loader.read_petition(folder)

    assert petition.picture == builders.PICTURE
    assert petition.text("be").picture_alt == "A yellow door in a dark wall"
    assert petition.text("be").picture_credit == "Drawing: Door Watch"
    assert files.content_of(folder) == builders.DRAWING


@pytest.mark.parametrize("name", ["picture.jpg", "picture.jpeg", "picture.JPG"])
def test_a_photograph_becomes_the_picture(tmp_path: Path, name: str) -> None:
    folder = folders.petition(tmp_path)
    folders.add_picture(folder, jpeg(), name)

    picture = petition_loader.read_petition(folder).picture

    assert picture
    assert (picture.media_type, picture.width, picture.height) == (MediaType.JPG, 1200, 480)
    assert len(files.content_of(folder)) <= MAX_BYTES


def test_a_folder_without_a_picture_has_none(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)

    assert petition_loader.read_petition(folder).picture is None
    assert files.content_of(folder) == b""


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ({"picture": ""}, "“picture” is missing."),
        ({"credit": ""}, "“credit” is missing."),
        ({"picture": "a" * 201}, "“picture” has 201 characters; at most 200 fit."),
        ({"credit": "a" * 101}, "“credit” has 101 characters; at most 100 fit."),
        ({"picture": "…"}, "“picture” has neither letters nor digits."),
    ],
)
def test_every_language_says_what_the_picture_shows_and_who_made_it(
    tmp_path: Path, lines: dict[str, Any], words: str
) -> None:
    folder = folders.petition(tmp_path)
    folders.add_picture(folder, **lines)

    assert [(file, what) for file, _, what in problems(folder)] == [
        ("en.md", words),
        ("be.md", words),
    ]


def test_words_about_a_picture_that_is_not_there_are_refused(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    folders.add_picture(folder).unlink()

    what = "There is no picture beside this text."
    assert problems(folder) == [
        (file, line, what) for file in ("en.md", "be.md") for line in (2, 3)
    ]


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("picture.svg", builders.DRAWING.replace(b"<path", b"\n<path onclick='x'"), 2, "onclick"),
        ("picture.jpg", b"GIF89a", 1, "not a whole JPEG"),
        ("picture.webp", b"RIFF", 1, "neither SVG nor JPEG nor PNG"),
        ("picture.svg.txt", builders.DRAWING, 1, "neither SVG nor JPEG nor PNG"),
        (
            "picture.svg",
            builders.DRAWING.replace(b"V80", b"V80" + b" 0.001" * 9_000),
            1,
            "at most 25,000 fit",
        ),
    ],
)
def test_what_is_wrong_with_a_picture_names_its_file_and_line(
    tmp_path: Path, name: str, content: bytes, line: int, words: str
) -> None:
    folder = folders.petition(tmp_path)
    folders.add_picture(folder, content, name)

    [(file, found, what)] = problems(folder)

    assert (file, found) == (name, line)
    assert words in what


def test_of_two_pictures_one_is_too_many(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    folders.add_picture(folder, jpeg(), "picture.jpg")
    (folder / "picture.svg").write_bytes(builders.DRAWING)

    assert problems(folder) == [("picture.svg", 1, "There is picture.jpg as well.")]


def test_the_check_says_what_the_picture_became(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    folders.add_picture(folder)

    shown = zaklik("petition", "check", folder).output

    size = f"{len(builders.DRAWING)} bytes"
    assert f"picture: image/svg+xml, 1,200 × 480 pixels, {size}" in shown


def test_the_check_refuses_a_picture_that_acts(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    folders.add_picture(folder, builders.DRAWING.replace(b"</svg>", b"<script/></svg>"))

    error = zaklik("petition", "check", folder)

    assert error.exit_code == 1
    assert "picture.svg:1" in error.stderr
    assert "a picture runs nothing" in error.stderr
