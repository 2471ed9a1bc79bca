"""Recovery codes: the seed of an organiser's key as five lines that a person can copy by hand.

Each line is ten bytes in sixteen characters: eight bytes, and a checksum of them and of the line's
number. The first four lines are the seed. The fifth is the beginning of the key's fingerprint, so
that lines of two different keys do not pass for one.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from chalicelib.crypto import sealing
from chalicelib.crypto.tokens import CODE_ALPHABET, cleaned
from chalicelib.crypto.unsealing import SEED_BYTES, PrivateKey
from ops.errors import CannotContinue

LINE_BYTES: Final = 8
CHECKSUM_BYTES: Final = 2
LINES: Final = SEED_BYTES // LINE_BYTES + 1
LINE_CHARACTERS: Final = (LINE_BYTES + CHECKSUM_BYTES) * 8 // 5
GROUP_CHARACTERS: Final = 4


class WrongLine(CannotContinue):
    """A line of a recovery code is mistyped, or the lines do not belong together."""


def lines_of(private: PrivateKey) -> Sequence[str]:
    """The lines of a private key, in groups of four characters."""
    text = private.seed + bytes.fromhex(sealing.fingerprint(private.public_bytes))[:LINE_BYTES]
    return [
        _write(number, text[start : start + LINE_BYTES])
        for number, start in enumerate(range(0, len(text), LINE_BYTES), start=1)
    ]


def read_line(number: int, typed: str) -> bytes:
    """The bytes of a line, counted from 1. Raises WrongLine."""
    characters = cleaned(typed)
    if len(characters) != LINE_CHARACTERS:
        raise WrongLine(
            f"Line {number} has {len(characters)} characters, not {LINE_CHARACTERS}: four groups "
            "of four. Compare it with the sheet."
        )
    foreign = next((character for character in characters if character not in CODE_ALPHABET), "")
    if foreign:
        raise WrongLine(f"Line {number} cannot have “{foreign}” in it. Compare it with the sheet.")
    value = 0
    for character in characters:
        value = value * len(CODE_ALPHABET) + CODE_ALPHABET.index(character)
    raw = value.to_bytes(LINE_BYTES + CHECKSUM_BYTES)
    if raw[LINE_BYTES:] == _checksum(number, raw[:LINE_BYTES]):
        return raw[:LINE_BYTES]
    for other in range(1, LINES + 1):
        if raw[LINE_BYTES:] == _checksum(other, raw[:LINE_BYTES]):
            raise WrongLine(f"This is line {other} of the sheet. Type line {number}.")
    raise WrongLine(f"Line {number} has a typing error. Compare it with the sheet.")


def private_key(lines: Sequence[str]) -> PrivateKey:
    """The private key of all lines, in their order. Raises WrongLine."""
    *seed, end = (read_line(number, line) for number, line in enumerate(lines, start=1))
    private = PrivateKey(b"".join(seed))
    if not sealing.fingerprint(private.public_bytes).startswith(end.hex()):
        raise WrongLine(
            "Each line is right, but they are not of one sheet. Take all five from the same sheet."
        )
    return private


def split(text: str) -> Sequence[str]:
    """The lines of a whole code that was scanned or pasted; nothing if it is not that long."""
    characters = cleaned("".join(text.split()))
    if len(characters) != LINES * LINE_CHARACTERS:
        return []
    return [
        characters[start : start + LINE_CHARACTERS]
        for start in range(0, len(characters), LINE_CHARACTERS)
    ]


def _write(number: int, raw: bytes) -> str:
    value = int.from_bytes(raw + _checksum(number, raw))
    digits = []
    for _ in range(LINE_CHARACTERS):
        value, digit = divmod(value, len(CODE_ALPHABET))
        digits.append(CODE_ALPHABET[digit])
    line = "".join(reversed(digits))
    return " ".join(
        line[start : start + GROUP_CHARACTERS] for start in range(0, len(line), GROUP_CHARACTERS)
    )


def _checksum(number: int, raw: bytes) -> bytes:
    return hashlib.sha256(b"zaklik/recovery/1/%d/" % number + raw).digest()[:CHECKSUM_BYTES]
