"""What an operator does by a command stands in the petition's trail, as what organisers do."""

from pathlib import Path

from chalicelib.store.organisers import trail
from tests.ops import folders
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World


def lines(world: World) -> list[tuple[str, str, str]]:
    """Who did what, and its detail."""
    found = trail.all_of(world.services.organisers, folders.SLUG)
    return [(line.actor.name, str(line.act), line.detail) for line in found]


def test_publishing_uploading_and_guarding_are_lines_of_the_trail(
    unsigned: World, tmp_path: Path
) -> None:
    folder = folders.petition(tmp_path)

    zaklik("petition", "draft", folder)
    zaklik("petition", "publish", folder)
    zaklik("petition", "publish", folder, "--correct", "A letter was missing.")
    zaklik("petition", "guard", folders.SLUG, "--hours", "1")
    zaklik("petition", "guard", folders.SLUG, "--off")

    assert lines(unsigned) == [
        ("the operator", "upload draft", ""),
        ("the operator", "publish text", ""),
        ("the operator", "publish text", "correction"),
        ("the operator", "switch on", "proof"),
        ("the operator", "switch off", "proof"),
    ]


def test_an_update_and_its_time_to_send_are_lines_of_the_trail(
    operator: World, tmp_path: Path
) -> None:
    folder = folders.update(tmp_path)
    timed = f"{folders.UPDATE_TOML}send_at = 2099-12-10T09:00:00Z\n"

    zaklik("update", "publish", folder)
    for toml in (timed, timed, folders.UPDATE_TOML):
        (folder / "update.toml").write_text(toml, "utf-8")
        zaklik("update", "publish", folder)

    assert [line[1:] for line in lines(operator)] == [
        ("publish update", "first-news"),
        ("publish update", "first-news"),
        ("schedule update", "first-news, 2099-12-10 09:00 UTC"),
        ("publish update", "first-news"),
        ("publish update", "first-news"),
        ("unschedule update", "first-news"),
    ]


def test_what_a_command_refuses_before_it_begins_leaves_no_line(
    operator: World, tmp_path: Path
) -> None:
    folder = folders.update(tmp_path, toml=f"{folders.UPDATE_TOML}send_at = 2020-01-01T09:00:00Z\n")

    refused(zaklik("update", "publish", folder))
    refused(zaklik("petition", "guard", "shut-door", "--off"))

    assert lines(operator) == []
    assert list(trail.all_of(operator.services.organisers, "shut-door")) == []
