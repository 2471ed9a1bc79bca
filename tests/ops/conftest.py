"""Keys that several tests need; making a key takes as long as it should."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.crypto import petition_key_files
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.store.petitions import petitions
from ops.keys import key_files, organiser_keys
from tests.ops import folders
from tests.world import World

PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True, kw_only=True)
class KeyFile:
    """A key file, and what is in it."""

    text: str
    private_key: PrivateKey

    @property
    def public_key(self) -> bytes:
        """The raw bytes."""
        return self.private_key.public_bytes

    def write(self, folder: Path) -> Path:
        """Put the file into a folder."""
        path = folder / "organiser.key"
        key_files.create(path, self.text)
        return path


@pytest.fixture(scope="session")
def key_file() -> KeyFile:
    """A key that PASSPHRASE opens."""
    text = organiser_keys.new_key(PASSPHRASE)
    return KeyFile(text=text, private_key=organiser_keys.open_key(text, PASSPHRASE).private)


@pytest.fixture
def operator(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A service, and an environment that names it."""
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    return world


@pytest.fixture
def unsigned(operator: World) -> World:
    """The same, with a petition whose form nobody has filled in."""
    operator.forget_forms()
    return operator


@pytest.fixture
def exportable(operator: World) -> World:
    """A service with the key file of its petition, which Anna and Boris can open."""
    text = petition_key_files.to_text(folders.KEYS)
    petitions.save_key_file(operator.services.petitions, folders.SLUG, text)
    return operator


@pytest.fixture
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passphrase where nobody can type."""
    monkeypatch.setenv("ZAKLIK_PASSPHRASE", PASSPHRASE)
