"""The petitions that the local service publishes when it starts."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.crypto import petition_key_files
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.petitions import browsing
from ops.keys import development_keys, organiser_keys, wrapped_keys
from ops.local import petition_folders
from tests.world import World


@pytest.fixture
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder for the keys."""
    return tmp_path_factory.mktemp("state")


@pytest.mark.parametrize("broken", ["petition.toml", "updates/how-your-signature-is-kept/en.md"])
def test_a_draft_is_named_and_left_out_and_the_others_are_published(
    world: World,
    state_folder: Path,
    tmp_path: Path,
    broken: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ready, draft, named_badly = (tmp_path / name for name in ("ready", "draft", "Not a slug"))
    for folder in (ready, draft, named_badly):
        shutil.copytree(petition_folders.PETITIONS / "belarus-mothers", folder)
    (draft / broken).write_text("")
    world.reset()

    slugs = petition_folders.publish_all(world.services, state_folder, tmp_path)

    said = capsys.readouterr()
    assert slugs == ["ready"]
    assert [petition.slug for petition in browsing.list_petitions(world.services)] == ["ready"]
    assert "draft is not ready, and is left out:" in said.out
    assert "cannot be called “Not a slug”" in said.out
    assert Path(broken).name in said.out
    assert said.err == ""


def test_the_development_organiser_opens_what_is_published_and_trusts_this_service(
    world: World, state_folder: Path
) -> None:
    world.reset()

    for _ in range(2):
        [slug] = petition_folders.publish_all(world.services, state_folder)

    text = development_keys.organiser_text(state_folder)
    organiser = organiser_keys.open_key(text, development_keys.PASSPHRASE)
    petition = petitions.get(world.services.petitions, slug)
    stored = petitions.find_key_file(world.services.petitions, slug)
    assert (petition.version, petition.key_proven) == (1, True)
    assert organiser.trusted == {slug: petition.verification}
    keys = petition_key_files.read(stored or "")
    assert keys.verification == petition.verification
    [opened] = wrapped_keys.unwrap_all(petition_key_files.to_values(keys), organiser, slug)
    assert opened.public_bytes == petition.public_key


def test_what_was_published_at_the_desk_stays_until_the_folder_changes(
    world: World, state_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "belarus-mothers"
    shutil.copytree(petition_folders.PETITIONS / folder.name, folder)
    world.reset()

    def start() -> int:
        [slug] = petition_folders.publish_all(world.services, state_folder, tmp_path)
        return petitions.get(world.services.petitions, slug).goals[0]

    first = start()
    current = petitions.get(world.services.petitions, folder.name)
    world.publish_signed(replace(current, goals=(first + 1, *current.goals[1:])))
    again = start()
    settings = folder / "petition.toml"
    settings.write_text(settings.read_text() + "\n# A note.\n")

    assert again == first + 1
    assert start() == first


def test_an_update_is_never_mailed_by_a_start_at_a_time_that_has_passed(
    world: World, state_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "belarus-mothers"
    shutil.copytree(petition_folders.PETITIONS / folder.name, folder)
    [news] = (folder / "updates").iterdir()
    shutil.copytree(news, news.with_name("late-news"))
    toml = news.with_name("late-news") / "update.toml"
    toml.write_text(f"{toml.read_text('utf-8')}\nsend_at = 2025-10-07T09:00:00Z\n", "utf-8")
    world.reset()

    petition_folders.publish_all(world.services, state_folder, tmp_path)

    said = " ".join(capsys.readouterr().out.split())
    published = updates.list_of(world.services.petitions, folder.name)
    assert [update.name for update in published] == [news.name]
    assert updates.list_scheduled(world.services.petitions) == []
    assert "send_at of belarus-mothers/late-news lies in the past: 2025-10-07 09:00 UTC" in said


def test_an_update_whose_time_passed_while_the_service_was_down_stays_scheduled(
    world: World, state_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "belarus-mothers"
    shutil.copytree(petition_folders.PETITIONS / folder.name, folder)
    [news] = (folder / "updates").iterdir()
    toml = news / "update.toml"
    at = world.clock.now() + timedelta(hours=1)
    toml.write_text(f"{toml.read_text('utf-8')}\nsend_at = {at:%Y-%m-%dT%H:%M:%SZ}\n", "utf-8")
    world.reset()

    petition_folders.publish_all(world.services, state_folder, tmp_path)
    world.clock.advance(hours=2)
    toml.write_text(f"{toml.read_text('utf-8')}\n# A note.\n", "utf-8")
    petition_folders.publish_all(world.services, state_folder, tmp_path)

    [scheduled] = updates.list_scheduled(world.services.petitions)
    assert scheduled.update_id == f"{folder.name}/{news.name}"


def test_a_petition_that_is_not_online_is_published_though_its_folder_is_the_same(
    world: World, state_folder: Path
) -> None:
    petition_folders.publish_all(world.services, state_folder)
    world.reset()

    [slug] = petition_folders.publish_all(world.services, state_folder)

    assert petitions.get(world.services.petitions, slug).version == 1
