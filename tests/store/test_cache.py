"""The cache: fresh for a while, and better stale than nothing."""

from collections.abc import Iterator

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.store.cache import _MOST_ENTRIES, Cache


class Source:
    """Something to read: a number that grows with each reading."""

    def __init__(self) -> None:
        self.readings = 0
        self.down = False

    def read(self) -> int:
        """The next number."""
        if self.down:
            raise Unavailable
        self.readings += 1
        return self.readings


@pytest.fixture
def times() -> list[float]:
    """The moment at which the cache believes itself to be, as the last entry."""
    return [0.0]


@pytest.fixture
def cache(times: list[float]) -> Iterator[Cache]:
    """A cache that keeps values for ten seconds."""
    yield Cache(seconds=10, clock=lambda: times[-1])  # noqa: PT022


def test_a_value_is_read_once_while_it_is_fresh(cache: Cache, times: list[float]) -> None:
    source = Source()

    values = []
    for moment in (0.0, 9.9, 10.0, 19.9, 20.0):
        times.append(moment)
        values.append(cache.get("k", source.read, or_old_on=Unavailable))

    assert values == [1, 1, 2, 2, 3]


def test_each_key_has_its_own_value(cache: Cache) -> None:
    source = Source()

    values = [cache.get(key, source.read, or_old_on=Unavailable) for key in ("a", "b", "a")]

    assert values == [1, 2, 1]


def test_an_old_value_is_better_than_none(cache: Cache, times: list[float]) -> None:
    source = Source()
    cache.get("k", source.read, or_old_on=Unavailable)
    times.append(100_000.0)
    source.down = True

    stale = cache.get("k", source.read, or_old_on=Unavailable)
    source.down = False
    fresh = cache.get("k", source.read, or_old_on=Unavailable)

    assert (stale, fresh) == (1, 2)


def test_without_an_old_value_the_failure_is_told(cache: Cache) -> None:
    source = Source()
    source.down = True

    with pytest.raises(Unavailable):
        cache.get("k", source.read, or_old_on=Unavailable)


def test_another_error_is_told_even_when_there_is_an_old_value(
    cache: Cache, times: list[float]
) -> None:
    cache.get("k", lambda: 1, or_old_on=Unavailable)
    times.append(100.0)

    with pytest.raises(ZeroDivisionError):
        cache.get("k", lambda: 1 // 0, or_old_on=Unavailable)


def test_nothing_is_remembered_after_clearing(cache: Cache) -> None:
    source = Source()
    cache.get("k", source.read, or_old_on=Unavailable)

    cache.clear()

    assert cache.get("k", source.read, or_old_on=Unavailable) == 2


def test_made_up_keys_cannot_fill_the_memory(cache: Cache) -> None:
    for number in range(3 * _MOST_ENTRIES):
        cache.get(number, lambda: 1, or_old_on=Unavailable)

    assert len(cache._kept) <= _MOST_ENTRIES
