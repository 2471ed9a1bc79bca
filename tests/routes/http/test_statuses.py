"""Statuses: each refusal has one."""

from collections.abc import Iterator

from chalicelib.domain.errors import Refusal
from chalicelib.routes.http import statuses


def _subclasses(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def test_every_refusal_has_a_status_a_title_and_a_message() -> None:
    assert set(_subclasses(Refusal)) == set(statuses.STATUSES)
    assert all(refusal.title and refusal.message for refusal in statuses.STATUSES)


def test_waiting_is_advised_only_where_time_alone_helps() -> None:
    advised = {statuses.STATUSES[refusal] for refusal in statuses.RETRY_AFTER_SECONDS}

    assert advised == {403, 429, 503}
