"""A keyring knows which of its keys makes what is new, and finds each by its id."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.crypto.keyring import MAX_ID, MIN_BYTES, Keyring, RingKey
from tests.builders import NOW

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


def key(key_id: int, used_from: datetime = ALWAYS) -> RingKey:
    return RingKey(id=key_id, raw=bytes([key_id % 256]) * MIN_BYTES, used_from=used_from)


def test_the_newest_key_whose_moment_has_come_is_current() -> None:
    ring = Keyring(keys=(key(1), key(2, NOW), key(7, NOW + timedelta(minutes=30))))

    assert ring.current(NOW - timedelta(microseconds=1)).id == 1
    assert ring.current(NOW).id == 2
    assert ring.current(NOW + timedelta(minutes=29, seconds=59)).id == 2
    assert ring.current(NOW + timedelta(minutes=30)).id == 7


def test_of_two_keys_whose_moments_have_come_the_later_id_is_current() -> None:
    ring = Keyring(keys=(key(1, NOW), key(2, NOW - timedelta(days=1))))

    assert ring.current(NOW).id == 2


def test_before_every_moment_the_first_key_is_current() -> None:
    ring = Keyring(keys=(key(3, NOW), key(4, NOW)))

    assert ring.current(ALWAYS).id == 3


def test_every_key_is_found_by_its_id_at_any_time() -> None:
    ring = Keyring(keys=(key(1), key(MAX_ID, NOW + timedelta(days=1))))

    assert ring[1] == key(1).raw
    assert ring[MAX_ID] == key(MAX_ID).raw
    for unknown in (0, 2, 256, -1):
        with pytest.raises(KeyError):
            _ = ring[unknown]


@pytest.mark.parametrize("wrong", [(), (0,), (256,), (1, 1), (2, 1)])
def test_a_ring_has_at_least_one_key_and_ordered_ids_of_one_byte(wrong: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="different ids from 1 to 255, in order"):
        Keyring(keys=tuple(key(key_id) for key_id in wrong))


def test_a_short_key_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match=r"^a key has at least 32 bytes$"):
        RingKey(id=1, raw=b"short", used_from=NOW)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        key(1, NOW.replace(tzinfo=None))


def test_the_text_of_a_key_is_its_id() -> None:
    assert repr(key(5)) == "RingKey(id=5, …)"
    assert "\\x05" not in repr(Keyring(keys=(key(5),)))
