"""The cache: fresh values, stale values after failures, and threads."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.store.dynamodb.cache import _MAX_ENTRIES, Cache


class Source:
    """A source whose number grows with each reading."""

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
    """Moments of the clock; the last one is the present."""
    return [0.0]


@pytest.fixture
def cache(times: list[float]) -> Iterator[Cache]:
    """A cache of ten seconds."""
    yield Cache(seconds=10, clock=lambda: times[-1])  # noqa: PT022


def test_a_value_is_read_once_while_it_is_fresh(cache: Cache, times: list[float]) -> None:
    source = Source()

    values = []
    for moment in (0.0, 9.9, 10.0, 19.9, 20.0):
        times.append(moment)
        values.append(cache.get("k", source.read, stale_on=Unavailable))

    assert values == [1, 1, 2, 2, 3]


def test_each_key_has_its_own_value(cache: Cache) -> None:
    source = Source()

    values = [cache.get(key, source.read, stale_on=Unavailable) for key in ("a", "b", "a")]

    assert values == [1, 2, 1]


def test_a_failed_refresh_serves_the_old_value(cache: Cache, times: list[float]) -> None:
    source = Source()
    cache.get("k", source.read, stale_on=Unavailable)
    times.append(100_000.0)
    source.down = True

    stale = cache.get("k", source.read, stale_on=Unavailable)
    source.down = False
    fresh = cache.get("k", source.read, stale_on=Unavailable)

    assert (stale, fresh) == (1, 2)


def test_without_an_old_value_the_failure_is_raised(cache: Cache) -> None:
    source = Source()
    source.down = True

    with pytest.raises(Unavailable):
        cache.get("k", source.read, stale_on=Unavailable)


def test_another_error_is_raised_even_with_an_old_value(cache: Cache, times: list[float]) -> None:
    cache.get("k", lambda: 1, stale_on=Unavailable)
    times.append(100.0)

    with pytest.raises(ZeroDivisionError):
        cache.get("k", lambda: 1 // 0, stale_on=Unavailable)


def test_a_cleared_cache_is_empty(cache: Cache) -> None:
    source = Source()
    cache.get("k", source.read, stale_on=Unavailable)

    cache.clear()

    assert cache.get("k", source.read, stale_on=Unavailable) == 2


def test_made_up_keys_cannot_fill_the_memory(cache: Cache) -> None:
    for number in range(3 * _MAX_ENTRIES):
        cache.get(number, lambda: 1, stale_on=Unavailable)

    assert len(cache._entries) <= _MAX_ENTRIES


def test_an_equal_new_value_is_the_same_object(cache: Cache, times: list[float]) -> None:
    first = cache.get("k", lambda: ["equal"], stale_on=Unavailable)
    times.append(10.0)

    assert cache.get("k", lambda: ["equal"], stale_on=Unavailable) is first
    times.append(20.0)
    assert cache.get("k", lambda: ["another"], stale_on=Unavailable) == ["another"]


# Threads.


@contextmanager
def being_read(cache: Cache, value: str) -> Iterator[tuple["Future[str]", Callable[[], None]]]:
    """Another thread is reading "k": its result, and the function that lets it finish."""
    begun, may_end = Event(), Event()

    def read() -> str:
        begun.set()
        may_end.wait()
        return value

    with ThreadPoolExecutor() as pool:
        other = pool.submit(cache.get, "k", read, stale_on=Unavailable)
        begun.wait()
        try:
            yield other, may_end.set
        finally:
            may_end.set()


def never() -> str:
    raise AssertionError("read a second time")


def test_while_one_thread_refreshes_the_others_get_the_old_value(
    cache: Cache, times: list[float]
) -> None:
    cache.get("k", lambda: "old", stale_on=Unavailable)
    times.append(10.0)

    with being_read(cache, "new") as (other, end):
        meanwhile = [cache.get("k", never, stale_on=Unavailable) for _ in range(8)]
        end()
        refreshed = other.result()

    assert meanwhile == ["old"] * 8
    assert refreshed == "new"
    assert cache.get("k", never, stale_on=Unavailable) == "new"


@pytest.mark.parametrize("expired_at", [None, 20.0])
def test_threads_wait_for_a_value_that_is_missing_or_too_old(
    cache: Cache, times: list[float], expired_at: float | None
) -> None:
    if expired_at is not None:
        cache.get("k", lambda: "old", stale_on=Unavailable)
        times.append(expired_at)

    with being_read(cache, "new") as (other, end), ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(cache.get, "k", never, stale_on=Unavailable) for _ in range(8)]
        waited = not any(future.done() for future in waiting)
        end()
        values = [other.result(), *(future.result() for future in waiting)]

    assert waited
    assert values == ["new"] * 9


def test_a_reading_from_before_the_clearing_is_not_cached(cache: Cache) -> None:
    with being_read(cache, "from before") as (other, end):
        cache.clear()
        end()
        assert other.result() == "from before"

    assert cache.get("k", lambda: "from after", stale_on=Unavailable) == "from after"


def test_after_a_failed_reading_the_next_thread_can_read(cache: Cache) -> None:
    source = Source()
    source.down = True
    with pytest.raises(Unavailable):
        cache.get("k", source.read, stale_on=Unavailable)
    source.down = False

    assert cache.get("another", source.read, stale_on=Unavailable) == 1
