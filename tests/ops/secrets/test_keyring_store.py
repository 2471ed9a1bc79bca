"""A keyring is replaced by one person at a time, fits into its parameter, and leaves no history."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.crypto.keyring import Keyring
from chalicelib.store.secrets import (
    ATTESTATION_PUBLIC_KEYS,
    MAILER_PUBLIC_KEYS,
    TOKEN_KEYS,
    read_keyring,
)
from ops.errors import CannotContinue
from ops.secrets.inventory import MAILER, new_key
from ops.secrets.keyring_store import HISTORY, KeyringStore, StoredKeyring
from tests.builders import NOW
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded

PUT = "ssm.PutParameter"


def ids(ring: Keyring) -> list[int]:
    return [key.id for key in ring.keys]


def with_new(stored: StoredKeyring, key_id: int = 2) -> list[Any]:
    return [*stored.ring.keys, new_key(key_id, NOW)]


def meanwhile(store: KeyringStore, action: Callable[[], Any]) -> Any:
    """Run an action of another person just before the next PutParameter."""
    pending = [action]

    def run(**_: Any) -> None:
        if pending:
            pending.pop()()

    return intercepted(store.ssm, "before-call.ssm.PutParameter", run)


def versions(store: KeyringStore, name: str) -> list[Keyring]:
    pages = store.ssm.get_paginator("get_parameter_history").paginate(
        Name=f"{store.path}/{name}", WithDecryption=True
    )
    return [read_keyring(entry["Value"]) for page in pages for entry in page["Parameters"]]


def test_a_ring_is_replaced(store: KeyringStore) -> None:
    stored = store.read(TOKEN_KEYS)

    replaced = store.replace(stored, with_new(stored))

    assert ids(replaced.ring) == [1, 2]
    assert store.read(TOKEN_KEYS) == replaced


def test_of_two_people_at_once_the_second_is_told_and_the_first_holds(store: KeyringStore) -> None:
    mine = store.read(TOKEN_KEYS)
    theirs = with_new(mine, 2)

    with (
        meanwhile(store, lambda: store.replace(mine, theirs)),
        pytest.raises(CannotContinue, match="Somebody else has changed token-keys"),
    ):
        store.replace(mine, with_new(mine, 2))

    assert list(store.read(TOKEN_KEYS).ring.keys) == theirs


def test_of_three_people_at_once_the_first_holds(store: KeyringStore) -> None:
    base = store.read(TOKEN_KEYS)
    first, second, third = (with_new(base, number) for number in (2, 3, 4))

    def second_person() -> None:
        with (
            meanwhile(store, lambda: store.replace(base, first)),
            pytest.raises(CannotContinue),
        ):
            store.replace(base, second)

    with meanwhile(store, second_person), pytest.raises(CannotContinue):
        store.replace(base, third)

    assert list(store.read(TOKEN_KEYS).ring.keys) == first


def test_a_call_that_botocore_has_repeated_is_no_other_person(store: KeyringStore) -> None:
    stored = store.read(TOKEN_KEYS)
    keys = with_new(stored)

    # The answer to the first attempt was lost, so the same text is stored twice.
    with meanwhile(store, lambda: store.replace(stored, keys)):
        replaced = store.replace(stored, keys)

    assert store.read(TOKEN_KEYS) == replaced


def test_a_ring_that_is_too_long_is_not_stored(store: KeyringStore) -> None:
    stored = store.read(MAILER_PUBLIC_KEYS)
    two = [MAILER.public_key(new_key(number, NOW)) for number in (1, 2)]
    three = [*two, MAILER.public_key(new_key(3, NOW))]

    with pytest.raises(CannotContinue, match="cannot hold 3 keys of mailer-public-keys"):
        store.replace(stored, three)

    assert store.read(MAILER_PUBLIC_KEYS) == stored
    assert ids(store.replace(stored, two).ring) == [1, 2]


def test_thirty_five_small_keys_fit_into_a_parameter(store: KeyringStore) -> None:
    stored = store.read(ATTESTATION_PUBLIC_KEYS)
    keys = [new_key(200 + number, NOW) for number in range(45)]

    with pytest.raises(CannotContinue, match="cannot hold 45 keys"):
        store.replace(stored, keys)

    assert len(store.replace(stored, keys[:35]).ring.keys) == 35


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "is missing. Restore it from your copy, or run `zaklik secrets make`"),
     ("x", "is no keyring"), ('{"keys": []}', "is no keyring")],
)  # fmt: skip
def test_what_is_missing_or_invalid_is_named(
    store: KeyringStore, text: str | None, words: str
) -> None:
    if text is None:
        store.ssm.delete_parameter(Name=f"{store.path}/{TOKEN_KEYS}")
    else:
        store.ssm.put_parameter(Name=f"{store.path}/{TOKEN_KEYS}", Value=text, Overwrite=True)

    with pytest.raises(CannotContinue, match=f"{store.path}/{TOKEN_KEYS} {words}") as it:
        store.read(TOKEN_KEYS)

    assert it.value.__context__ is None


def test_a_removed_key_leaves_the_history_too(store: KeyringStore) -> None:
    stored = store.read(TOKEN_KEYS)
    stored = store.replace(stored, with_new(stored))
    stored = store.replace(stored, stored.ring.keys[1:])
    assert {1} <= {key_id for ring in versions(store, TOKEN_KEYS) for key_id in ids(ring)}

    store.forget(stored)

    assert {tuple(ids(ring)) for ring in versions(store, TOKEN_KEYS)} == {(2,)}
    assert len(versions(store, TOKEN_KEYS)) == HISTORY
    assert store.puts_to_forget(store.read(TOKEN_KEYS)) == 0


def test_a_text_that_was_no_keyring_leaves_the_history_too(store: KeyringStore) -> None:
    stored = store.read(TOKEN_KEYS)
    for text in ("pasted by mistake", store.ssm.get_parameter(
        Name=f"{store.path}/{TOKEN_KEYS}", WithDecryption=True
    )["Parameter"]["Value"]):  # fmt: skip
        store.ssm.put_parameter(Name=f"{store.path}/{TOKEN_KEYS}", Value=text, Overwrite=True)

    assert store.puts_to_forget(store.read(TOKEN_KEYS)) == HISTORY - 1
    store.forget(store.read(TOKEN_KEYS))

    assert versions(store, TOKEN_KEYS) == [stored.ring] * HISTORY


def test_without_a_removed_key_nothing_is_stored(store: KeyringStore) -> None:
    stored = store.read(TOKEN_KEYS)
    stored = store.replace(stored, with_new(stored))

    store.forget(stored)

    assert store.read(TOKEN_KEYS) == stored


def test_a_killed_removal_from_the_history_is_completed(store: KeyringStore) -> None:
    stored = store.read(TOKEN_KEYS)
    stored = store.replace(stored, with_new(stored))
    stored = store.replace(stored, stored.ring.keys[1:])
    calls = AwsCalls(at=40, fault=Fault.KILLED_AFTER)

    with recorded(calls), pytest.raises(Crash):
        store.forget(stored)
    left = store.puts_to_forget(store.read(TOKEN_KEYS))
    store.forget(store.read(TOKEN_KEYS))

    assert 0 < left < HISTORY
    assert {tuple(ids(ring)) for ring in versions(store, TOKEN_KEYS)} == {(2,)}


def test_a_rotation_meanwhile_is_not_undone_by_the_removal(store: KeyringStore) -> None:
    stored = store.read(TOKEN_KEYS)
    stored = store.replace(stored, with_new(stored))
    stored = store.replace(stored, stored.ring.keys[1:])
    theirs = with_new(stored, 3)

    with (
        meanwhile(store, lambda: store.replace(stored, theirs)),
        pytest.raises(CannotContinue, match="Somebody else"),
    ):
        store.forget(stored)

    assert ids(store.read(TOKEN_KEYS).ring) == [2, 3]
