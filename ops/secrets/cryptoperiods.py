"""Cryptoperiods (NIST SP 800-57): what keys make, and how long a replaced one is still needed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from chalicelib.config import Settings
from chalicelib.crypto import sealing
from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.people.links import RENEWABLE
from chalicelib.store import subscribers, suppressions
from chalicelib.store.limits import daily_keys, index_salts
from chalicelib.store.organisers import accounts
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services
from ops.secrets.inventory import MAILER, RINGS, pair_of
from ops.secrets.keyring_store import KeyringStore
from ops.terminal import console

QUEUED: Final = timedelta(days=15)
"""A queue holds a message for 14 days (`MessageRetentionPeriod`)."""
IN_HAND: Final = timedelta(hours=1)
"""Longer than a request that has begun under the old key."""


@dataclass(frozen=True, kw_only=True)
class Cryptoperiod:
    """What the keys of a secret make, and what a replaced one is needed for."""

    makes: str
    needed: timedelta | None
    """After the replacement; None: for ever."""
    lost: str = ""
    """What is lost when a stolen key is removed before; empty where that would lose everything."""


def cryptoperiods(settings: Settings) -> Mapping[str, Cryptoperiod]:
    """The cryptoperiod of each secret."""
    return {
        "token": Cryptoperiod(
            makes="links that expire, codes, and proofs of work",
            needed=max(settings.link_lifetime, RENEWABLE),
            lost="Links and codes that are out end. People have to ask for new ones.",
        ),
        "permanent-token": Cryptoperiod(
            makes="links that never expire: to leave alerts, and to block all mails",
            needed=None,
            lost="Such links in mails so far end. People can leave by the link in the next alert.",
        ),
        "index": Cryptoperiod(
            makes="blind indexes of new petitions, and of new suppressions", needed=IN_HAND
        ),
        "job": Cryptoperiod(
            makes="codes of messages in the queues",
            needed=QUEUED,
            lost="Messages that wait become dead letters.",
        ),
        "data-request": Cryptoperiod(
            makes="codes of messages that erase what is stored about a person",
            needed=QUEUED,
            lost="Messages that wait become dead letters.",
        ),
        "limit-pepper": Cryptoperiod(
            makes="hashes of limits, for days that begin later",
            needed=daily_keys.RETENTION + timedelta(days=1),
            lost="Limits of these days are counted anew.",
        ),
        "attestation": Cryptoperiod(makes="attestations of signatures", needed=timedelta()),
        "export": Cryptoperiod(makes="attestations of exports", needed=timedelta()),
        "mailer": Cryptoperiod(
            makes="seals of subscribers' addresses and of queued mails",
            needed=QUEUED,
            lost="Mails that wait, and addresses that are not sealed anew, can never be opened.",
        ),
    }


class KeyState(Enum):
    """What a key of a ring does now."""

    UNFINISHED = auto()
    """Nothing: its rotation has stopped before its public half was stored."""
    NEW = auto()
    """Nothing yet: its moment has not come."""
    CURRENT = auto()
    """It makes what is new."""
    REPLACED = auto()
    """It opens what it made before a newer key was used."""


@dataclass(frozen=True, kw_only=True)
class KeyStatus:
    """A key of a ring: what it does, since when or from when on, and what is stored under it."""

    id: int
    state: KeyState
    since: datetime
    uses: Sequence[str]
    """What is stored under it, counted."""
    removable_at: datetime | None
    """When its cryptoperiod ends; None for a key that is not replaced, or is needed for ever."""

    def is_removable(self, now: datetime) -> bool:
        """Whether nothing needs the key any more."""
        return self.removable_at is not None and self.removable_at <= now and not self.uses


def statuses(services: Services, name: str) -> Sequence[KeyStatus]:
    """The status of each key of a secret, in the order of their ids."""
    store, pair = KeyringStore.of(services), pair_of(name)
    ring = store.read(RINGS[name]).ring
    makers = store.read(pair.public).ring if pair and pair.seals else ring
    needed = cryptoperiods(services.settings)[name].needed
    uses = uses_of(services, name)
    of_keys = []
    for key in ring.keys:
        state, since = _state(key, makers, services.now())
        of_keys.append(
            KeyStatus(
                id=key.id,
                state=state,
                since=since,
                uses=uses.get(key.id, ()),
                removable_at=(
                    since + needed if state is KeyState.REPLACED and needed is not None else None
                ),
            )
        )
    return of_keys


def _state(key: RingKey, makers: Keyring, now: datetime) -> tuple[KeyState, datetime]:
    """The state of a key, and its beginning. `makers` is the ring that makes what is new."""
    current = makers.current(now)
    if key.id < current.id:
        newer = next(maker for maker in makers.keys if maker.id > key.id)
        return KeyState.REPLACED, newer.used_from
    if key.id == current.id:
        return KeyState.CURRENT, key.used_from
    is_complete = key.id <= makers.keys[-1].id
    return (KeyState.NEW if is_complete else KeyState.UNFINISHED), key.used_from


def uses_of(services: Services, name: str) -> Mapping[int, Sequence[str]]:
    """What is stored under each key of a secret, counted, by the key's id."""
    if name == "index":
        return _uses_of_index_keys(services)
    if name == "mailer":
        return _uses_of_mailer_keys(services)
    return {}


def subscribers_by_key(services: Services) -> Mapping[int, int]:
    """The number of subscribers that are sealed to each key of the mailer, by its id.

    The id 0 stands for keys that are not on the ring.
    """
    ids, counts = _ids_of_mailer_keys(services), Counter[int]()
    for slug in petitions.slugs(services.petitions):
        by_key = subscribers.count_by_key(services.subscribers, slug)
        for named, count in by_key.items():
            counts[ids.get(named, 0)] += count
    return counts


def organisers_by_key(services: Services) -> Mapping[int, int]:
    """The number of organisers whose addresses are sealed to each key of the mailer, by its id."""
    ids = _ids_of_mailer_keys(services)
    return Counter(
        ids.get(sealing.named_key(organiser.sealed_address), 0)
        for organiser in accounts.list_all(services.organisers)
    )


def _ids_of_mailer_keys(services: Services) -> Mapping[bytes, int]:
    private = KeyringStore.of(services).read(MAILER.private).ring
    return {sealing.key_id(MAILER.public_half(key.raw)): key.id for key in private.keys}


def _uses_of_mailer_keys(services: Services) -> Mapping[int, Sequence[str]]:
    return _counted(
        (subscribers_by_key(services), "subscriber"), (organisers_by_key(services), "organiser")
    )


def _uses_of_index_keys(services: Services) -> Mapping[int, Sequence[str]]:
    of_petitions = Counter(index_salts.list_all(services.limits).values())
    of_suppressions = suppressions.count_by_root_key(services.subscribers)
    return _counted((of_petitions, "petition"), (of_suppressions, "suppression"))


def _counted(*uses_of_kind: tuple[Mapping[int, int], str]) -> Mapping[int, Sequence[str]]:
    """Counts by key with their nouns, as lines by key."""
    uses: dict[int, list[str]] = {}
    for counts, noun in uses_of_kind:
        for key_id, count in counts.items():
            uses.setdefault(key_id, []).append(console.counted(count, noun))
    return uses
