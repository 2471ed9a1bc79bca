"""The keys to which a petition's signatures are sealed, as its page and its API show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.crypto import sealing
from chalicelib.domain.petitions.petition import Petition


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class KeyPeriod:
    """A key and its days; `until` is None for the current one. `fingerprint` is in groups."""

    fingerprint: str
    since: date
    until: date | None = None


def key_periods(petition: Petition) -> Sequence[KeyPeriod]:
    """The keys of a petition, the current one first, then former ones, newest first."""
    current = KeyPeriod(
        fingerprint=sealing.grouped(sealing.fingerprint(petition.public_key)),
        since=petition.key_since,
    )
    former = [
        KeyPeriod(fingerprint=sealing.grouped(key.fingerprint), since=key.since, until=key.until)
        for key in reversed(petition.former_keys)
    ]
    return [current, *former]
