"""Keys for trying things out are made once, beside the state of the local service."""

import stat
from pathlib import Path

from chalicelib.crypto import petition_key_files
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.keys import development_keys, organiser_keys

VERIFICATION = VerificationKeys(attestation=(bytes([1]) * 32,), export=(bytes([2]) * 32,))


def test_each_petition_has_a_proven_key_of_its_own(tmp_path: Path) -> None:
    first = development_keys.petition_keys_of(tmp_path, "open-door")
    second = development_keys.petition_keys_of(tmp_path, "shut-door")

    assert first == development_keys.petition_keys_of(tmp_path, "open-door")
    assert first.current.public_key != second.current.public_key
    assert first.proven_on
    assert second.proven_on
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_what_is_published_here_is_trusted_here(tmp_path: Path) -> None:
    keys = development_keys.petition_keys_of(tmp_path, "open-door")

    text = development_keys.published_text(tmp_path, keys, VERIFICATION)
    again = development_keys.published_text(tmp_path, keys, VERIFICATION)

    assert text == again
    assert petition_key_files.read(text).verification == VERIFICATION
    organiser = organiser_keys.open_key(
        development_keys.organiser_text(tmp_path), development_keys.PASSPHRASE
    )
    assert organiser.trusted == {"open-door": VERIFICATION}
