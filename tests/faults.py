"""Faults at any AWS call: throttled, its answer lost, or the process killed before or after it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.store.dynamodb.items import serialize


class Crash(BaseException):
    """The process is killed: no later line of it runs, and no `except Exception` catches this."""


class Fault(Enum):
    """The ways in which a call fails."""

    THROTTLED = "throttled"
    """AWS refuses, after all tries of the client."""
    ANSWER_LOST = "answer lost"
    """AWS has done it; the answer never comes."""
    KILLED_BEFORE = "killed before"
    """The process dies before the call."""
    KILLED_AFTER = "killed after"
    """AWS has done it; the process dies before it can go on."""


@dataclass
class AwsCalls:
    """The AWS calls made so far, and the one that fails: the n-th, or the first of a name.

    Calls of clients whose id is in `not_ours` are not recorded: they are made by AWS itself.
    """

    made: list[str] = field(default_factory=list)
    at: int | str = -1
    not_ours: frozenset[int] = frozenset()
    fault: Fault = Fault.THROTTLED

    def pass_through(self, name: str, call: Callable[[], Any]) -> Any:
        """Make one call, or let it fail if its turn has come."""
        self.made.append(name)
        if self.at not in (len(self.made) - 1, name):
            return call()
        self.at = -1
        if self.fault is Fault.THROTTLED:
            raise ClientError(
                {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, name
            )
        if self.fault is Fault.KILLED_BEFORE:
            raise Crash
        call()
        if self.fault is Fault.KILLED_AFTER:
            raise Crash
        raise ReadTimeoutError(endpoint_url="https://aws.example")


@contextmanager
def recorded(calls: AwsCalls) -> Iterator[AwsCalls]:
    """Send every AWS call of the block through `calls`."""
    # Every call goes through this method; botocore's stubs do not name it.
    real: Callable[..., Any] = vars(BaseClient)["_make_api_call"]

    def make_api_call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if id(client) in calls.not_ours:
            return real(client, operation, arguments)
        name = f"{client.meta.service_model.service_name}.{operation}"
        return calls.pass_through(name, lambda: real(client, operation, arguments))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", make_api_call)
        yield calls


@contextmanager
def intercepted(client: Any, event: str, function: Callable[..., Any]) -> Iterator[None]:
    """Call `function` at an event of a client during the block: clients outlive a test."""
    client.meta.events.register(event, function)
    try:
        yield
    finally:
        client.meta.events.unregister(event, function)


@contextmanager
def lagging_replica(client: Any, key: Mapping[str, str]) -> Iterator[None]:
    """Let eventually consistent reads find nothing under a key, as of what was written just now.

    `client` is one of DynamoDB.
    """
    found_nothing: Any = (SimpleNamespace(status_code=200), {})

    def read(*, params: Mapping[str, Any], **_: Any) -> Any:
        request = json.loads(params["body"])
        lags = request["Key"] == serialize(key) and not request.get("ConsistentRead")
        return found_nothing if lags else None

    with intercepted(client, "before-call.dynamodb.GetItem", read):
        yield


def first_of_each_run(made: Sequence[str]) -> list[int]:
    """The places of the calls, but of a run of calls of one name only the first."""
    return [place for place, name in enumerate(made) if place == 0 or made[place - 1] != name]
