"""An update's folder is read whole, for the page and for plain mail."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ops import compiling
from ops.content.petition_loader import check_update, read_update
from tests.ops import folders

FIRST = Path(__file__).parents[3] / "petitions/belarus-mothers/updates/how-your-signature-is-kept"


def problems(folder: Path) -> list[tuple[str, int, str]]:
    """File name, line and words of each problem."""
    return [(each.file.name, each.line, each.what) for each in check_update(folder)]


def test_a_folder_becomes_an_update(tmp_path: Path) -> None:
    read = read_update(folders.update(tmp_path))

    assert read.id == "open-door/first-news"
    assert (read.published_on, read.send_at) == (date(2026, 3, 1), None)
    assert list(read.texts) == ["en", "be"]
    text = read.text("be")
    assert (text.title, text.summary) == ("The door moved", "A little.")
    assert (text.html, text.text) == ("<p>It moved a little.</p>\n", "It moved a little.")


def test_the_first_update_is_ready_in_every_language() -> None:
    read = read_update(FIRST)

    assert set(read.texts) == set(compiling.languages())
    for text in read.texts.values():
        assert max(map(len, text.text.split("\n"))) <= 72
    assert "- " in read.text("en").text


def test_the_name_of_a_weekly_digest_is_taken(tmp_path: Path) -> None:
    folder = folders.update(tmp_path)
    renamed = folder.rename(folder.with_name("week-2026-03-09"))

    assert problems(renamed) == [
        ("week-2026-03-09", 1, "The service calls a weekly digest “week-2026-03-09”.")
    ]


def test_a_time_to_send_is_kept_in_utc(tmp_path: Path) -> None:
    toml = folders.UPDATE_TOML + "send_at = 2026-03-02T12:00:00+03:00\n"

    read = read_update(folders.update(tmp_path, toml=toml))

    assert read.send_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert read.send_at.tzinfo is UTC


@pytest.mark.parametrize("when", ["2026-03-02T12:00:00", "2026-03-02", '"tomorrow"', "true"])
def test_a_time_without_a_zone_is_a_problem(tmp_path: Path, when: str) -> None:
    folder = folders.update(tmp_path, toml=folders.UPDATE_TOML + f"send_at = {when}\n")

    assert problems(folder) == [
        ("update.toml", 2, "“send_at” must be a moment: day, time and time zone.")
    ]


def test_an_update_needs_every_language_of_its_petition_and_no_other(tmp_path: Path) -> None:
    folder = folders.update(tmp_path)
    (folder / "be.md").rename(folder / "ru.md")

    assert problems(folder) == [
        ("be.md", 1, "This file is missing."),
        ("ru.md", 1, "The petition does not name the language “ru”."),
    ]


def test_an_update_that_says_nothing_is_a_problem(tmp_path: Path) -> None:
    folder = folders.update(tmp_path, en="---\ntitle: T\nsummary: S\n---\n\n")

    assert problems(folder) == [("en.md", 5, "The update says nothing.")]


def test_an_update_elsewhere_is_told_where_it_belongs(tmp_path: Path) -> None:
    folder = folders.update(tmp_path).rename(tmp_path / "first-news")

    [(file, line, what)] = problems(folder)

    assert (file, line, what) == ("first-news", 1, "This folder does not belong to a petition.")


def test_a_broken_line_of_toml_is_named(tmp_path: Path) -> None:
    folder = folders.update(tmp_path, toml="# note\npublished_on = soon\n")

    [(file, line, what)] = problems(folder)

    assert (file, line) == ("update.toml", 2)
    assert what.startswith("This is not TOML")


def test_a_file_that_ends_too_soon_is_named_at_its_end(tmp_path: Path) -> None:
    folder = folders.update(tmp_path, toml="published_on = 2026-01-01\nsend_at = [")

    [(file, line, _)] = problems(folder)

    assert (file, line) == ("update.toml", 2)


def test_problems_of_the_markdown_name_their_line(tmp_path: Path) -> None:
    folder = folders.update(tmp_path, en=folders.UPDATE_TEXT + "\n![x](https://x.org/pixel.gif)\n")

    [(file, line, what)] = problems(folder)

    assert (file, line) == ("en.md", 7)
    assert "Images are not shown" in what


def test_a_body_among_the_first_lines_is_no_text(tmp_path: Path) -> None:
    text = folders.UPDATE_TEXT.replace("summary:", "body: Another.\nsummary:")

    [(file, _, what)] = problems(folders.update(tmp_path, en=text))

    assert (file, what) == ("en.md", "“body” is not known here.")
