"""The petitions that the local service publishes when it starts."""

import shutil
from pathlib import Path

import pytest

from chalicelib.usecases.petitions import browsing
from ops.local import service
from tests import builders
from tests.world import World

KEY = builders.ORGANISER_KEY.public_key().public_bytes_raw()


@pytest.mark.parametrize("broken", ["petition.toml", "updates/how-your-signature-is-kept/en.md"])
def test_a_draft_is_named_and_left_out_and_the_others_are_published(
    world: World, tmp_path: Path, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ready, draft = tmp_path / "ready", tmp_path / "draft"
    for folder in (ready, draft):
        shutil.copytree(service.PETITIONS / "belarus-mothers", folder)
    (draft / broken).write_text("")
    world.reset()

    slugs = service.publish_all(world.services, KEY, tmp_path)

    said = capsys.readouterr()
    assert slugs == ["ready"]
    assert [petition.slug for petition in browsing.list_petitions(world.services)] == ["ready"]
    assert "draft is not ready, and is left out:" in said.out
    assert Path(broken).name in said.out
    assert said.err == ""
