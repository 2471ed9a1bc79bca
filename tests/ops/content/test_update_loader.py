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


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("week-2026-03-09", "The service calls a digest “week-2026-03-09”."),
        ("day-2026-03-09", "The service calls a digest “day-2026-03-09”."),
        ("goal-100", "The service itself writes the update “goal-100”, at a milestone."),
        ("handed-in", "The service itself writes the update “handed-in”, at a milestone."),
    ],
)
def test_the_names_that_the_service_gives_are_taken(tmp_path: Path, name: str, what: str) -> None:
    folder = folders.update(tmp_path)

    assert problems(folder.rename(folder.with_name(name))) == [(name, 1, what)]


@pytest.mark.parametrize(
    ("line", "zone", "shown"),
    [
        ("2026-03-02T12:00:00+03:00", "+03:00", "2026-03-02 12:00 +03:00"),
        ('"2026-03-02T12:00+03:00"', "+03:00", "2026-03-02 12:00 +03:00"),
        ('"2026-03-02T12:00 Europe/Minsk"', "Europe/Minsk", "2026-03-02 12:00 Europe/Minsk"),
        ("2026-03-02T09:00:00Z", "UTC", "2026-03-02 09:00 UTC"),
    ],
)
def test_a_time_to_send_is_kept_in_utc_and_shown_in_its_zone(
    tmp_path: Path, line: str, zone: str, shown: str
) -> None:
    toml = folders.UPDATE_TOML + f"send_at = {line}\n"

    read = read_update(folders.update(tmp_path, toml=toml))

    assert read.send_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (read.send_at.tzinfo, read.send_zone) == (UTC, zone)
    assert read.sending_shown == shown


@pytest.mark.parametrize(
    ("line", "what", "remedy"),
    [
        ("2026-03-02T12:00:00", "no day, time and time zone", "Europe/Minsk"),
        ("2026-03-02", "no day, time and time zone", "Europe/Minsk"),
        ("true", "no day, time and time zone", "Europe/Minsk"),
        ('"tomorrow"', "no day, time and time zone", "Europe/Minsk"),
        ('"2026-03-02T12:00 Europe/Mensk"', "no time zone “Europe/Mensk”", "its place"),
        ('"2026-03-29T02:30 Europe/Warsaw"', "leave out 2026-03-29 02:30", "earlier or later"),
        ('"2026-10-25T02:30 Europe/Warsaw"', "show 2026-10-25 02:30 twice", "offset from UTC"),
        ('"2026-02-28T12:00 Europe/Minsk"', "before its day, 2026-03-01", "one of the two"),
        ('"2026-03-01T00:30 Pacific/Honolulu"', "", ""),
        ('"1970-01-01T12:00 UTC"', "no day before 2000-01-01", "Europe/Minsk"),
    ],
)
def test_a_time_that_cannot_be_meant_is_a_problem(
    tmp_path: Path, line: str, what: str, remedy: str
) -> None:
    folder = folders.update(tmp_path, toml=folders.UPDATE_TOML + f"send_at = {line}\n")

    found = check_update(folder)

    assert [each.line for each in found] == ([2] if what else [])
    assert all(what in each.what and remedy in each.remedy for each in found)


def test_an_update_has_languages_of_its_petition_and_no_other(tmp_path: Path) -> None:
    folder = folders.update(tmp_path)
    (folder / "be.md").rename(folder / "ru.md")

    assert problems(folder) == [("ru.md", 1, "The petition does not name the language “ru”.")]


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
