"""A folder becomes a draft and a draft a folder, and both make the same petition."""

from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.crypto import petition_key_files
from chalicelib.domain.organisers.actor import OPERATOR, Actor
from chalicelib.domain.petitions.petition import Petition
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.petitions import drafting, opening, update_drafting
from ops.content import petition_loader
from tests.ops import folders
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World

SLUG = folders.SLUG
FIRST = Path(__file__).parents[3] / "petitions" / "belarus-mothers"


def drafted(world: World) -> Petition:
    """The petition that the draft makes, with the key of the folder."""
    ready = opening.readiness(world.services, SLUG)
    assert ready.checked.errors == []
    return replace(ready.checked.petition, public_key=folders.KEYS.current.public_key)


def read(folder: Path) -> Petition:
    petition, problems = petition_loader.check_petition(folder, live_on=None)
    assert petition is not None
    assert problems == ()
    return petition


@pytest.mark.parametrize("pictured", [False, True])
def test_a_folder_through_the_desk_is_the_same_petition(
    unsigned: World, tmp_path: Path, pictured: bool
) -> None:
    folder = folders.petition(tmp_path)
    if pictured:
        folders.add_picture(folder)
    back = tmp_path / "back" / SLUG

    stored = zaklik("petition", "draft", folder)
    fetched = zaklik("petition", "fetch", SLUG, "--draft", back)
    (back / "key.json").write_text((folder / "key.json").read_text("utf-8"), "utf-8")

    assert (stored.exit_code, fetched.exit_code) == (0, 0), stored.stderr + fetched.stderr
    assert drafted(unsigned) == read(folder) == read(back)
    assert (back / "be.md").read_text("utf-8") == (folder / "be.md").read_text("utf-8")


def test_the_petition_of_this_repository_comes_back_with_every_word(
    unsigned: World, tmp_path: Path
) -> None:
    zaklik("petition", "draft", FIRST)
    zaklik("petition", "fetch", FIRST.name, "--draft", tmp_path / FIRST.name)

    assert read(tmp_path / FIRST.name) == read(FIRST)


def test_publishing_a_fetched_folder_is_publishing_at_the_desk(
    unsigned: World, tmp_path: Path
) -> None:
    folder = folders.petition(tmp_path)
    zaklik("petition", "draft", folder)
    key_file = petition_key_files.to_text(folders.KEYS)
    petitions.save_key_file(unsigned.services.petitions, SLUG, key_file)
    at_desk = opening.publish_draft(unsigned.services, SLUG, number=1, by=OPERATOR)
    back = tmp_path / "back" / SLUG
    zaklik("petition", "fetch", SLUG, "--draft", back)
    (back / "key.json").write_text(key_file, "utf-8")

    published = zaklik("petition", "publish", back)

    assert "Nothing has changed" in published.stdout + published.stderr
    assert petitions.get(unsigned.services.petitions, SLUG) == at_desk


def test_publishing_a_folder_stores_it_as_the_draft(unsigned: World, tmp_path: Path) -> None:
    hanna = Actor(id="hanna", name="Hanna")
    typed = {"texts.en.title": "Hanna’s"}
    drafting.save(unsigned.services, SLUG, base=0, values=typed, by=hanna)

    zaklik("petition", "publish", folders.petition(tmp_path))

    newest, older = drafting.list_versions(unsigned.services, SLUG)
    assert (newest.saved_by.name, newest.note) == ("the operator", "Published by the command")
    assert older.saved_by == hanna
    assert drafted(unsigned).text("en").title == "Open the door"


def test_what_is_wrong_can_be_a_draft_but_what_is_unreadable_cannot(
    unsigned: World, tmp_path: Path
) -> None:
    wrong = folders.PETITION_TOML.replace("2099-12-31", "2025-12-31")
    folder = folders.petition(tmp_path, toml=wrong, en="no lines above it")

    unreadable = zaklik("petition", "draft", folder)
    (folder / "en.md").write_text("---\n---\nhalf", "utf-8")
    readable = zaklik("petition", "draft", folder)

    assert unreadable.exit_code == 1
    assert "en.md:1" in unreadable.stderr
    assert readable.exit_code == 0


def test_no_file_is_overwritten_and_no_draft_invented(unsigned: World, tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    zaklik("petition", "draft", folder)

    assert "is there already" in refused(zaklik("petition", "fetch", SLUG, "--draft", folder))
    assert "no draft" in refused(zaklik("petition", "fetch", "other", "--draft", tmp_path / "x"))
    assert "no draft" in refused(zaklik("petition", "fetch", "desk", "--draft", tmp_path / "x"))


def test_updates_go_through_the_desk_with_their_folder(unsigned: World, tmp_path: Path) -> None:
    update = folders.update(tmp_path, toml=f'{folders.UPDATE_TOML}on_doubt = "skip"\n')
    back = tmp_path / "back" / SLUG

    stored = zaklik("petition", "draft", update.parents[1])
    zaklik("petition", "fetch", SLUG, "--draft", back)

    fetched = back / "updates" / "first-news"
    assert "These updates are drafts: first-news." in stored.stdout + stored.stderr
    assert petition_loader.read_update(fetched) == petition_loader.read_update(update)
    assert updates.find(unsigned.services.petitions, SLUG, "first-news") is None


def test_publishing_an_update_stores_it_as_the_draft_and_a_folder_leaves_it_alone(
    unsigned: World, tmp_path: Path
) -> None:
    update = folders.update(tmp_path)
    zaklik("update", "publish", update)
    before = updates.get(unsigned.services.petitions, SLUG, "first-news")
    checked = update_drafting.check(unsigned.services, before.id)
    (update / "en.md").write_text(folders.UPDATE_TEXT.replace("moved", "jammed"), "utf-8")

    stored = zaklik("petition", "draft", update.parents[1])

    assert checked.update == before
    assert "“first-news” is published, and stays" in stored.stdout + stored.stderr
    assert updates.get(unsigned.services.petitions, SLUG, "first-news") == before
    assert len(drafting.list_versions(unsigned.services, before.id)) == 1


@pytest.mark.parametrize("name", ["day-2026-03-08", "goal-100", "First News"])
def test_a_folder_of_an_update_that_has_no_name_for_one_stores_nothing(
    unsigned: World, tmp_path: Path, name: str
) -> None:
    update = folders.update(tmp_path)
    update.rename(update.with_name(name))

    said = refused(zaklik("petition", "draft", update.parents[1]))

    assert name in said
    assert drafting.find_draft(unsigned.services, SLUG) is None


def test_an_update_of_a_petition_that_is_not_online_has_no_draft_after_publishing(
    unsigned: World, tmp_path: Path
) -> None:
    unsigned.reset()

    said = refused(zaklik("update", "publish", folders.update(tmp_path)))

    assert "Is it published" in said

    assert update_drafting.list_titles(unsigned.services, SLUG) == {}
