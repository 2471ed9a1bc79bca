"""A petition is checked, then put online."""

from pathlib import Path

import pytest

from tests.in_process_service import PUBLIC_URL
from tests.ops import folders
from tests.ops.conftest import KeyFile
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World


def test_checking_names_file_line_and_remedy_of_every_problem(tmp_path: Path) -> None:
    folder = folders.update(tmp_path, toml="published_on = 7\n").parent.parent
    text = folders.PETITION_TEXT.replace("title: Open the door", "title:")
    (folder / "be.md").write_text(text, "utf-8")

    checked = zaklik("petition", "check", folder)

    assert checked.exit_code == 1
    message = checked.stderr
    assert f"{folder}/be.md:2  “title” is empty." in message
    assert "Write its words after the colon." in message
    assert "first-news/update.toml:1  “published_on” must be a date" in message
    assert "2 things to correct." in message
    assert "be: 2 demands, background “Why”" in checked.stdout


def test_dates_that_could_not_be_read_are_not_shown(tmp_path: Path) -> None:
    toml = folders.PETITION_TOML.replace("2026-01-01", "true")
    text = folders.PETITION_TEXT.partition("## Why")[0]

    checked = zaklik("petition", "check", folders.petition(tmp_path, toml=toml, en=text))

    assert checked.stdout.splitlines() == [
        "en: 2 demands, no background",
        "be: 2 demands, background “Why”",
    ]


def test_a_petition_that_is_ready_is_said_to_be_so(tmp_path: Path) -> None:
    folder = folders.update(tmp_path).parent.parent

    ready = zaklik("petition", "check", folder, "--live")

    assert ready.exit_code == 0
    assert ready.stdout.splitlines()[:3] == [
        "en: 2 demands, background “Why”",
        "be: 2 demands, background “Why”",
        "open 2026-01-01 to 2099-12-31",
    ]
    assert "is ready for real signatures" in ready.stdout
    assert "first-news" in ready.stdout


def test_publishing_puts_the_next_version_online(operator: World, tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)

    first = zaklik("petition", "publish", folder)
    again = zaklik("petition", "publish", folder)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "“open-door” is online in version 2" in first.stdout
    assert "Nothing has changed: version 2 is online." in again.stdout
    assert f"{PUBLIC_URL}/be/open-door" in first.stdout
    assert "The keeper of the door" in operator.get("/en/open-door").body.decode()


def test_a_petition_with_the_development_key_is_not_published_for_real(
    operator: World, tmp_path: Path
) -> None:
    toml = folders.PETITION_TOML.replace(folders.PUBLIC_KEY, "development")

    message = refused(zaklik("petition", "publish", folders.petition(tmp_path, toml=toml)))

    assert "petition.toml:6" in message
    assert "zaklik keys new" in message


def test_another_key_is_published_only_if_it_is_meant(
    operator: World, tmp_path: Path, key_file: KeyFile
) -> None:
    encoded = zaklik("keys", "show", key_file.write(tmp_path)).stdout.split('"')[1]
    toml = folders.PETITION_TOML.replace(folders.PUBLIC_KEY, encoded)
    folder = folders.petition(tmp_path, toml=toml)

    assert "another public_key" in refused(zaklik("petition", "publish", folder))
    assert zaklik("petition", "publish", folder, "--new-key").exit_code == 0


def test_the_operator_asks_for_proofs_and_ends_it(operator: World) -> None:
    asked = zaklik("petition", "guard", "open-door", "--hours", "3")
    during = operator.get("/en/open-door").body
    ended = zaklik("petition", "guard", "open-door", "--off")

    assert "needs a proof of work until" in asked.stdout
    assert b"<altcha-widget" in during
    assert ended.exit_code == 0
    assert b"<altcha-widget" not in operator.get("/en/open-door").body


@pytest.mark.parametrize("words", [(), ("--off", "--hours", "1")])
def test_asking_for_proofs_wants_to_know_for_how_long(
    operator: World, words: tuple[str, ...]
) -> None:
    assert "--hours 3, or --off" in refused(zaklik("petition", "guard", "open-door", *words))


@pytest.mark.parametrize("words", [("--off",), ("--hours", "1")])
def test_there_is_nothing_to_guard_where_no_petition_is(
    operator: World, words: tuple[str, ...]
) -> None:
    assert "no petition “shut-door”" in refused(zaklik("petition", "guard", "shut-door", *words))
