"""The recovery code that an organiser prints: 100 random bits, of which only a hash is stored."""

import hashlib
import hmac
from typing import Final

CHARACTERS: Final = 20
_GROUP: Final = 4


def grouped(code: str) -> str:
    """The code in groups of four, to be printed and typed."""
    return "-".join(code[place : place + _GROUP] for place in range(0, len(code), _GROUP))


def hashed(organiser_id: str, code: str) -> str:
    """The hash of a code for one account. So long a code needs no slow hash."""
    return hashlib.sha256(f"zaklik/recovery/1/{organiser_id}/{code}".encode()).hexdigest()


def is_code(organiser_id: str, code: str, stored_hash: str) -> bool:
    """Whether this is the code of the account; never if it has none."""
    return bool(stored_hash) and hmac.compare_digest(hashed(organiser_id, code), stored_hash)
