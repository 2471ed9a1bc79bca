"""A petition is checked, then put online."""

import shutil
from pathlib import Path

import pytest

from chalicelib.crypto import petition_key_files
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.store import keys as store_keys
from chalicelib.store.petitions import petitions
from ops.content import example_texts
from ops.keys import key_lifecycle
from tests.in_process_service import PUBLIC_URL
from tests.ops import folders
from tests.ops.folders import ANNA, BORIS, CARLA, KEYS
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


def test_a_slip_that_is_met_again_in_its_line_or_by_an_update_is_named_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folders.update(tmp_path).parent.parent
    text = folders.PETITION_TEXT.replace("Open it now.", "Open <b>it</b> <b>now</b>.")
    (folder / "en.md").write_text(text, "utf-8")
    toml = folders.PETITION_TOML.replace("2099-12-31", "2026-02-30")
    monkeypatch.chdir(tmp_path)

    html = zaklik("petition", "check", folder.relative_to(tmp_path))
    (folder / "petition.toml").write_text(toml, "utf-8")
    date = zaklik("petition", "check", folder.relative_to(tmp_path))

    assert html.stderr.count("HTML is not understood here.") == 1
    assert "1 thing to correct." in html.stderr
    assert date.stderr.count("The date cannot be read.") == 1
    assert "1 thing to correct." in date.stderr


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
    assert "Anna (proven on 2026-01-02)" in ready.stdout
    assert "Борис (not proven yet)" in ready.stdout
    assert "first-news" in ready.stdout


def test_a_draft_needs_no_key_until_it_is_to_be_live(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path, keys=None)

    assert zaklik("petition", "check", folder).exit_code == 0
    live = zaklik("petition", "check", folder, "--live")

    assert live.exit_code == 1
    assert f"{folder}/key.json:1  This petition has no key" in live.stderr
    assert f"keys petition {folder} --for YOUR.key" in live.stderr


def test_a_copy_of_the_example_is_told_what_is_not_its_own(tmp_path: Path) -> None:
    folder = shutil.copytree(example_texts.EXAMPLE, tmp_path / "my-petition")
    text = (folder / "de.md").read_text("utf-8").splitlines()
    (folder / "de.md").write_text(
        "\n".join(folders.PETITION_TEXT.splitlines() + text[-1:]), "utf-8"
    )
    (folder / "be.md").write_text(folders.PETITION_TEXT, "utf-8")

    output = zaklik("petition", "check", folder).stdout

    assert "• en.md:2  From here on, " in output
    last_line = len(folders.PETITION_TEXT.splitlines()) + 1
    assert f"• de.md:{last_line}  From here on, 1 line still says what" in output
    assert "• be.md" not in output
    assert "• updates/how-your-signature-is-kept/be.md:2" in output
    assert output.count("Write your own words") == 1


def test_the_example_and_a_petition_with_its_own_words_are_told_nothing(tmp_path: Path) -> None:
    example = zaklik("petition", "check", example_texts.EXAMPLE)
    own = zaklik("petition", "check", folders.petition(tmp_path))

    assert "example petition" not in example.stdout + own.stdout


def test_publishing_puts_the_next_version_online(unsigned: World, tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)

    first = zaklik("petition", "publish", folder)
    again = zaklik("petition", "publish", folder)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "“open-door” is online in version 2" in first.stdout
    assert "Nothing has changed: version 2 is online." in again.stdout
    assert f"{PUBLIC_URL}/be/open-door" in first.stdout
    assert "The keeper of the door" in unsigned.get("/en/open-door").body.decode()


@pytest.mark.parametrize(
    ("keys", "words"),
    [(None, "This petition has no key"), (folders.UNPROVEN, "Nobody has proven that this key")],
)
def test_a_petition_without_a_proven_key_is_not_published(
    operator: World, tmp_path: Path, keys: PetitionKeys | None, words: str
) -> None:
    folder = folders.petition(tmp_path, keys=keys)

    message = refused(zaklik("petition", "publish", folder))

    assert "key.json:1" in message
    assert words in message
    assert petitions.get(operator.services.petitions, "open-door").version == 1


def test_publishing_keeps_the_key_file_and_learns_the_services_keys(
    unsigned: World, tmp_path: Path
) -> None:
    folder = folders.petition(tmp_path)

    published = zaklik("petition", "publish", folder)

    text = (folder / "key.json").read_text("utf-8")
    stored = petitions.find_key_file(unsigned.services.petitions, "open-door")
    online = petitions.get(unsigned.services.petitions, "open-door")
    assert stored == text
    assert petition_key_files.read(text).verification == online.verification
    assert len(online.verification.attestation) == len(online.verification.export) == 1
    assert "now names the keys" in published.stdout
    assert "now names the keys" not in zaklik("petition", "publish", folder).stdout


def test_a_key_that_one_organiser_opens_is_published_with_a_warning(
    unsigned: World, tmp_path: Path
) -> None:
    unsigned.services.petitions.delete(store_keys.petition_key_file("open-door"))
    alone = key_lifecycle.new_keys("open-door", [folders.public(ANNA)], folders.MADE_ON)
    proven = key_lifecycle.prove(alone, ANNA, folders.PROVEN_ON)

    published = zaklik("petition", "publish", folders.petition(tmp_path, keys=proven))

    assert published.exit_code == 0
    assert "• One organiser alone can open it." in published.stdout


def test_a_changed_key_is_published_with_the_day_of_the_change(
    unsigned: World, tmp_path: Path
) -> None:
    folder = folders.petition(tmp_path)
    zaklik("petition", "publish", folder)
    changed = key_lifecycle.change(KEYS, [folders.public(BORIS)], folders.MADE_ON)
    proven = key_lifecycle.prove(changed, BORIS, folders.PROVEN_ON)
    (folder / "key.json").write_text(petition_key_files.to_text(proven), "utf-8")

    assert zaklik("petition", "publish", folder).exit_code == 0

    online = petitions.get(unsigned.services.petitions, "open-door")
    assert online.public_key == proven.current.public_key
    assert [key.fingerprint for key in online.former_keys] == [KEYS.current.fingerprint]


@pytest.mark.parametrize("keys", ["shared", "changed", "made anew"])
def test_a_key_file_that_would_lose_what_was_published_is_refused(
    unsigned: World, tmp_path: Path, keys: str
) -> None:
    unsigned.services.petitions.delete(store_keys.petition_key_file("open-door"))
    newer = {
        "shared": key_lifecycle.share(KEYS, ANNA, folders.public(CARLA)),
        "changed": key_lifecycle.prove(
            key_lifecycle.change(KEYS, [folders.public(ANNA)], folders.MADE_ON),
            ANNA,
            folders.PROVEN_ON,
        ),
        "made anew": key_lifecycle.prove(
            key_lifecycle.new_keys("open-door", [folders.public(ANNA)], folders.MADE_ON),
            ANNA,
            folders.PROVEN_ON,
        ),
    }[keys]
    folder = folders.petition(tmp_path, keys=newer)
    zaklik("petition", "publish", folder)
    online = petitions.get(unsigned.services.petitions, "open-door")
    older = petition_key_files.to_text(KEYS)
    (folder / "key.json").write_text(older, "utf-8")

    message = refused(zaklik("petition", "publish", folder))

    assert "is older than the one with which “open-door” was published: it lacks" in message
    assert f"keys fetch {folder}" in message
    assert petitions.get(unsigned.services.petitions, "open-door") == online
    assert (folder / "key.json").read_text("utf-8") == older


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
