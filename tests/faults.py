"""Faults at any AWS call: refused, answered too late, or the process dies before or after it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.world import Crash


class Fault(Enum):
    """What goes wrong with a call."""

    THROTTLED = "throttled"
    """AWS refuses, after all tries of the client."""
    ANSWER_LOST = "answer lost"
    """AWS has done it; the answer never comes."""
    KILLED_BEFORE = "killed before"
    """The process dies before the call."""
    KILLED_AFTER = "killed after"
    """AWS has done it; the process dies before it can go on."""


@dataclass
class Calls:
    """The AWS calls made so far, and the one that is to go wrong: the n-th, or the first of a name.

    Calls of clients whose id is in `not_ours` are let through uncounted: they stand for AWS itself.
    """

    made: list[str] = field(default_factory=list)
    at: int | str = -1
    not_ours: frozenset[int] = frozenset()
    fault: Fault = Fault.THROTTLED

    def pass_through(self, name: str, call: Callable[[], Any]) -> Any:
        """Make one call, or let it go wrong if it is the one."""
        self.made.append(name)
        if self.at not in (len(self.made) - 1, name):
            return call()
        self.at = -1
        if self.fault is Fault.THROTTLED:
            raise ClientError(
                {
                    "Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"},
                },
                name,
            )
        if self.fault is Fault.KILLED_BEFORE:
            raise Crash
        call()
        if self.fault is Fault.KILLED_AFTER:
            raise Crash
        raise ReadTimeoutError(endpoint_url="https://aws.example")


@contextmanager
def watched(calls: Calls) -> Iterator[Calls]:
    """Send every AWS call of the block through `calls`."""
    # The one gate that every call goes through; botocore's stubs do not name it.
    real: Callable[..., Any] = vars(BaseClient)["_make_api_call"]

    def gate(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if id(client) in calls.not_ours:
            return real(client, operation, arguments)
        name = f"{client.meta.service_model.service_name}.{operation}"
        return calls.pass_through(name, lambda: real(client, operation, arguments))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", gate)
        yield calls


@contextmanager
def intercepted(client: Any, event: str, function: Callable[..., Any]) -> Iterator[None]:
    """Call `function` at an event of a client during the block: clients outlive a test."""
    client.meta.events.register(event, function)
    try:
        yield
    finally:
        client.meta.events.unregister(event, function)


def worth_breaking(made: Sequence[str]) -> list[int]:
    """The places of the calls to break: all, but of a run of the same call only the first."""
    return [place for place, name in enumerate(made) if place == 0 or made[place - 1] != name]
