"""A signed text is shown before and after, and changes only when the organiser says why."""

from pathlib import Path

import pytest

from chalicelib.store.petitions import petitions
from tests.in_process_service import PUBLIC_URL
from tests.ops import folders
from tests.ops.pseudo_terminal import zaklik
from tests.world import World

OLD, NEW = "Open it now.", "Open it this week."


@pytest.fixture
def signed(unsigned: World, tmp_path: Path) -> Path:
    """The folder of a petition that is online and signed, with another first demand since."""
    folder = folders.petition(tmp_path)
    assert zaklik("petition", "publish", folder).exit_code == 0
    unsigned.sign()
    (folder / "en.md").write_text(folders.PETITION_TEXT.replace(OLD, NEW), "utf-8")
    return folder


def version(world: World) -> int:
    """The version that is online."""
    return petitions.get(world.services.petitions, folders.SLUG).version


def test_a_change_without_a_word_is_shown_and_not_published(signed: Path, operator: World) -> None:
    key_file = (signed / "key.json").read_text("utf-8")

    refused = zaklik("petition", "publish", signed)

    assert refused.exit_code == 1
    assert refused.stdout.splitlines() == [
        "en: demand 1",
        "  before: Now Open it [-now.-]",
        "  after: Now Open it {+this week.+}",
        "be: unchanged: demand 1",
    ]
    assert f'petition publish {signed} --amend "WHY"' in refused.stderr
    assert f'petition publish {signed} --correct "WHY"' in refused.stderr
    assert version(operator) == 2
    assert (signed / "key.json").read_text("utf-8") == key_file


def test_a_change_in_every_language_leaves_none_unchanged(signed: Path) -> None:
    (signed / "be.md").write_text((signed / "en.md").read_text("utf-8"), "utf-8")

    shown = zaklik("petition", "publish", signed)

    assert "be: demand 1" in shown.stdout
    assert "unchanged" not in shown.stdout


def test_a_language_that_is_added_is_not_said_to_be_unchanged(signed: Path) -> None:
    toml = folders.PETITION_TOML.replace('["en", "be"]', '["en", "be", "ru"]')
    (signed / "petition.toml").write_text(toml, "utf-8")
    (signed / "ru.md").write_text(folders.PETITION_TEXT, "utf-8")

    assert "ru:" not in zaklik("petition", "publish", signed).stdout


@pytest.mark.parametrize(
    ("option", "kind"), [("--amend", "amendment"), ("--correct", "correction")]
)
def test_a_change_with_a_reason_is_published(
    signed: Path, operator: World, option: str, kind: str
) -> None:
    published = zaklik("petition", "publish", signed, option, "It takes a week.")
    again = zaklik("petition", "publish", signed, option, "It takes a week.")

    assert "{+this week.+}" in published.stdout
    assert f"It is {kind} 1 of this text" in published.stdout
    assert f"{PUBLIC_URL}/en/open-door/amendments/1" in published.stdout
    assert "Nothing has changed: version 3 is online." in again.stdout
    [amendment] = petitions.get(operator.services.petitions, folders.SLUG).amendments
    assert (amendment.kind, amendment.reasons) == (kind, {"en": "It takes a week."})


def test_reasons_come_in_several_languages(signed: Path, operator: World) -> None:
    translated = ("--reason", "be", "Трэба тыдзень.")

    zaklik("petition", "publish", signed, "--amend", "It takes a week.", *translated)

    [amendment] = petitions.get(operator.services.petitions, folders.SLUG).amendments
    assert amendment.reasons == {"en": "It takes a week.", "be": "Трэба тыдзень."}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--amend", "Why", "--correct", "Why"), "Say --amend or --correct, not both."),
        (("--reason", "be", "Чаму"), "Say --amend or --correct first"),
        (("--amend", "Why", "--reason", "en", "Why"), "two reasons in one language"),
        (("--amend", "Why", "--reason", "pl", "Czemu"), "“pl” is not known here"),
        (("--amend", " "), "“en” is empty."),
        (("--amend", "W" * 301), "at most 300 fit"),
        (("--correct", "a\u202eb"), "invisible character (U+202E)"),
    ],
)
def test_a_reason_that_makes_no_sense_publishes_nothing(
    signed: Path, operator: World, words: tuple[str, ...], message: str
) -> None:
    refused = zaklik("petition", "publish", signed, *words)

    assert refused.exit_code == 1
    assert message in refused.stderr
    assert version(operator) == 2


def test_a_reason_for_a_text_that_nobody_signed_is_not_shown(
    unsigned: World, tmp_path: Path
) -> None:
    published = zaklik("petition", "publish", folders.petition(tmp_path), "--amend", "Why")

    assert "No signed text has changed, so no amendment is shown." in published.stdout
    assert petitions.get(unsigned.services.petitions, folders.SLUG).amendments == ()


def test_a_change_of_form_alone_is_named(signed: Path) -> None:
    (signed / "en.md").write_text(folders.PETITION_TEXT.replace(OLD, f"*{OLD}*"), "utf-8")

    shown = zaklik("petition", "publish", signed).stdout

    assert "The words stay; their form changes" in shown
