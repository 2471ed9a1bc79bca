"""Organisers make a petition's key together, prove that they can open it, share and change it."""

import json
from pathlib import Path

import pytest

from chalicelib.crypto import petition_key_files
from chalicelib.crypto.petition_keys import PetitionKeys
from chalicelib.store import keys
from chalicelib.store.petitions import petitions
from ops.keys import key_files, key_lifecycle, organiser_keys
from ops.keys.organiser_keys import OrganiserKey
from tests.ops import folders
from tests.ops.conftest import PASSPHRASE
from tests.ops.folders import ANNA, BORIS, CARLA, KEYS, SLUG, UNPROVEN
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World

pytestmark = pytest.mark.usefixtures("passphrase")


def key_path(folder: Path, organiser: OrganiserKey) -> Path:
    """The key file of an organiser, in a folder."""
    path = folder / f"{organiser.private.id.hex()}.key"
    if not path.exists():
        key_files.create(path, organiser_keys.lock(organiser, PASSPHRASE))
    return path


def public_path(folder: Path, organiser: OrganiserKey) -> Path:
    """The file of the public half of an organiser's key, in a folder."""
    path = folder / f"{organiser.private.id.hex()}.pub"
    path.write_text(organiser_keys.public_text(folders.public(organiser)), "utf-8")
    return path


def keys_in(folder: Path) -> PetitionKeys:
    return petition_key_files.read((folder / "key.json").read_text("utf-8"))


def test_a_key_is_made_for_several_organisers(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path, keys=None)
    anna, boris = key_path(tmp_path, ANNA), public_path(tmp_path, BORIS)

    made = zaklik("keys", "petition", folder, "--for", anna, "--for", boris)

    assert made.exit_code == 0
    keys = keys_in(folder)
    assert keys.slug == SLUG
    assert set(keys.current.organisers.values()) == {"Anna", "Борис"}
    assert keys.proven_on == {}
    assert "Anna (not proven yet)" in made.stdout
    assert f"keys check {folder} --key THEIRS" in made.stdout
    assert "One organiser alone" not in made.stdout
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_key_of_one_organiser_is_a_warning(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path, keys=None)

    made = zaklik("keys", "petition", folder, "--for", public_path(tmp_path, ANNA))

    assert "• One organiser alone can open it." in made.stdout
    assert "keys share" in made.stdout


def test_a_petition_has_one_key(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    before = (folder / "key.json").read_text("utf-8")

    message = refused(zaklik("keys", "petition", folder, "--for", public_path(tmp_path, ANNA)))

    assert "this petition has a key" in message
    assert "keys share" in message
    assert (folder / "key.json").read_text("utf-8") == before


def test_an_organiser_is_named_once(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path, keys=None)
    paths = key_path(tmp_path, ANNA), public_path(tmp_path, ANNA)

    message = refused(zaklik("keys", "petition", folder, "--for", paths[0], "--for", paths[1]))

    assert f"{paths[0]} and {paths[1]} are the same key." in message
    assert not (folder / "key.json").exists()


def test_a_folder_that_is_no_petition_gets_no_key(tmp_path: Path) -> None:
    key = public_path(tmp_path, ANNA)
    (tmp_path / "Open Door").mkdir()
    (tmp_path / "empty").mkdir()

    for folder, words in (
        ("nowhere", "There is no folder"),
        ("Open Door", "cannot be called “Open Door”"),
        ("empty", "There is no petition.toml"),
    ):
        assert words in refused(zaklik("keys", "petition", tmp_path / folder, "--for", key))


def test_a_check_proves_the_key_and_says_what_it_has_shown(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path, keys=UNPROVEN)
    anna = key_path(tmp_path, ANNA)

    checked = zaklik("keys", "check", folder, "--key", anna)

    assert checked.exit_code == 0
    assert f"✓ {anna} and this passphrase open what is sealed to the key" in checked.stdout
    assert "Anna (proven on" in checked.stdout
    assert "Борис (not proven yet)" in checked.stdout
    assert "was not published yet" in checked.stdout
    assert list(keys_in(folder).proven_on) == [folders.public(ANNA).fingerprint]
    assert organiser_keys.open_key(anna.read_text("utf-8"), PASSPHRASE).trusted == {}


def test_another_key_and_another_passphrase_prove_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folders.petition(tmp_path, keys=UNPROVEN)
    before = (folder / "key.json").read_text("utf-8")

    message = refused(zaklik("keys", "check", folder, "--key", key_path(tmp_path, CARLA)))
    assert "does not open the petition “open-door”. It is opened by Anna" in message
    monkeypatch.setenv("ZAKLIK_PASSPHRASE", PASSPHRASE.upper())
    message = refused(zaklik("keys", "check", folder, "--key", key_path(tmp_path, ANNA)))
    assert "Check capitals and the keyboard's language." in message

    assert (folder / "key.json").read_text("utf-8") == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "this petition has no key yet"),
        ("{", "damaged"),
        (petition_key_files.to_text(folders.unproven("shut-door")), "of the petition “shut-door”"),
    ],
)
def test_a_key_file_that_is_not_that_of_the_petition_is_explained(
    tmp_path: Path, text: str | None, words: str
) -> None:
    folder = folders.petition(tmp_path, keys=None)
    if text is not None:
        (folder / "key.json").write_text(text, "utf-8")

    message = refused(zaklik("keys", "check", folder, "--key", key_path(tmp_path, ANNA)))

    assert words in message
    assert "key.json" in message


def test_a_third_organiser_is_let_in_and_proves_it(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    carla = key_path(tmp_path, CARLA)
    words = ("--key", key_path(tmp_path, ANNA), "--with", public_path(tmp_path, CARLA))

    shared = zaklik("keys", "share", folder, *words)

    assert shared.exit_code == 0
    assert "publish the petition again" in shared.stdout
    assert zaklik("keys", "check", folder, "--key", carla).exit_code == 0
    assert len(keys_in(folder).proven_on) == 2
    message = refused(zaklik("keys", "share", folder, *words))
    assert "already. Nothing is changed." in message


def test_of_two_who_share_at_once_the_second_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folders.petition(tmp_path)
    meanwhile = petition_key_files.to_text(key_lifecycle.prove(KEYS, BORIS, folders.MADE_ON))
    real = key_lifecycle.share

    def share_slowly(*arguments: object) -> PetitionKeys:
        (folder / "key.json").write_text(meanwhile, "utf-8")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(key_lifecycle, "share", share_slowly)

    message = refused(
        zaklik(
            *("keys", "share", folder, "--key", key_path(tmp_path, ANNA)),
            *("--with", public_path(tmp_path, CARLA)),
        )
    )

    assert "was written by somebody else at this moment" in message
    assert (folder / "key.json").read_text("utf-8") == meanwhile


def test_a_changed_key_keeps_the_old_one_readable(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)

    changed = zaklik("keys", "change", folder, "--for", public_path(tmp_path, BORIS))

    assert changed.exit_code == 0
    assert "has a new key, which counts once it is published" in changed.stdout
    keys = keys_in(folder)
    assert keys.proven_on == {}
    assert keys.former[0].public_key == KEYS.current.public_key
    boris = zaklik("keys", "check", folder, "--key", key_path(tmp_path, BORIS)).stdout
    assert "✓ It also opens the key until" in boris
    share_it = ("--key", key_path(tmp_path, BORIS), "--with", public_path(tmp_path, CARLA))
    zaklik("keys", "share", folder, *share_it)
    zaklik("keys", "change", folder, "--for", public_path(tmp_path, ANNA))
    anna = zaklik("keys", "check", folder, "--key", key_path(tmp_path, ANNA)).stdout
    assert "• It does not open the key until" in anna


def test_a_check_after_publication_pins_the_keys_of_the_service(
    unsigned: World, tmp_path: Path
) -> None:
    folder, anna = folders.petition(tmp_path), key_path(tmp_path, ANNA)
    published = zaklik("petition", "publish", folder)
    assert f"keys check {folder} --key THEIRS" in published.stdout

    first = zaklik("keys", "check", folder, "--key", anna)
    again = zaklik("keys", "check", folder, "--key", anna)

    trusted = organiser_keys.open_key(anna.read_text("utf-8"), PASSPHRASE).trusted[SLUG]
    ring = unsigned.services.secrets.attestation_public_keys
    assert trusted.attestation == tuple(key.raw for key in ring.keys)
    assert f"{anna} has learned the keys" in first.stdout
    assert f"{anna} knows the keys" in again.stdout
    page = unsigned.get("/en/open-door").body.decode()
    [shown] = json.loads((folder / "key.json").read_text("utf-8"))["verification"]["attestation"]
    assert shown in first.stdout
    assert shown in page.replace("&#43;", "+")


def test_a_lost_key_file_is_brought_back_from_the_service(unsigned: World, tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    unsigned.services.petitions.delete(keys.petition_key_file(SLUG))
    assert "was not published" in refused(zaklik("keys", "fetch", _without_key(folder)))
    folder.joinpath("key.json").write_text(petition_key_files.to_text(KEYS), "utf-8")
    zaklik("petition", "publish", folder)
    text = (folder / "key.json").read_text("utf-8")
    assert "there already" in refused(zaklik("keys", "fetch", folder))

    fetched = zaklik("keys", "fetch", _without_key(folder))

    assert fetched.exit_code == 0
    assert (folder / "key.json").read_text("utf-8") == text
    assert petitions.find_key_file(unsigned.services.petitions, SLUG) == text


def _without_key(folder: Path) -> Path:
    (folder / "key.json").unlink()
    return folder
