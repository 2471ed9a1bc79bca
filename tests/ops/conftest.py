"""Keys and exports that several tests need; making a key takes as long as it should."""

import gzip
import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.crypto import sealing
from chalicelib.crypto.unsealing import PrivateKey
from ops.keys import key_files, organiser_keys
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


def signature(number: int = 1, **changes: str) -> dict[str, str]:
    """What is sealed of one signature."""
    return {
        "name": f"Ніна {number}",
        "email": f"nina{number}@example.org",
        "country": "PL",
        "language": "be",
        "confirmed_at": "2026-03-08T12:00:00+00:00",
        **changes,
    }


def export_lines(
    records: Sequence[Mapping[str, str]], public_key: bytes, slug: str = "open-door"
) -> list[bytes]:
    """The lines of an export of `records`, as `usecases/exporting.py` writes them."""
    context = sealing.info(sealing.SIGNATURE, slug)
    sealed = [
        {
            "sealed": b64encode(
                sealing.seal(json.dumps(record).encode(), public_key, context)
            ).decode()
        }
        for record in records
    ]
    body = [json.dumps(line).encode() + b"\n" for line in sealed]
    head = {
        "format": "zaklik-export/1",
        "petition": slug,
        "public_key": b64encode(public_key).decode(),
        "exported_at": "2026-03-09T00:00:00+00:00",
    }
    digest = hashlib.sha256(b"".join(body)).hexdigest()
    manifest = {"count": len(body), "sha256": digest}
    return [json.dumps(head).encode() + b"\n", *body, json.dumps(manifest).encode() + b"\n"]


@pytest.fixture
def write_export(tmp_path: Path, key_file: KeyFile) -> Callable[..., Path]:
    """Write an export of records, its lines changed by `change`."""

    def write(
        *records: Mapping[str, str],
        change: Callable[[list[bytes]], list[bytes]] = lambda lines: lines,
    ) -> Path:
        path = tmp_path / "signatures.zaklik"
        lines = export_lines(records or [signature(1), signature(2)], key_file.public_key)
        path.write_bytes(gzip.compress(b"".join(change(lines))))
        return path

    return write


@pytest.fixture
def operator(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A service, and an environment that names it."""
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    return world


@pytest.fixture
def passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passphrase where nobody can type."""
    monkeypatch.setenv("ZAKLIK_PASSPHRASE", PASSPHRASE)
