"""AWS calls answered from memory: what is left is our own work, and none of an emulator's."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.client import BaseClient

from bench.instruments import call_recorder
from bench.instruments.call_recorder import Arguments

Place = tuple[str, ...]

_NAMES: Final = ("TableName", "QueueUrl", "Name", "RequestItems")
"""Arguments that say where a question goes; of several tables, only which they are."""


class NotRecorded(BaseException):
    """A question that was not asked while answers were recorded. No handler catches it."""


@dataclass(kw_only=True)
class Answers:
    """The first answer to each question, and the first one to each kind of question."""

    _exact: dict[Place, Any] = field(default_factory=dict)
    _kind: dict[Place, Any] = field(default_factory=dict)

    def record(self, client: BaseClient, operation: str, arguments: Arguments) -> Any:
        """Make a call and remember its answer."""
        answer = call_recorder.let_through(client, operation, arguments)
        kind = _kind(client, operation, arguments)
        self._kind.setdefault(kind, answer)
        self._exact.setdefault(_exact(kind, arguments), answer)
        return answer

    def repeat(self, client: BaseClient, operation: str, arguments: Arguments) -> Any:
        """The answer to the same question, else to the first of its kind. Raises NotRecorded.

        So the signature of somebody new is not found, and put, as that of the one before; and what
        is done a second time finds everything as it was at first.
        """
        kind = _kind(client, operation, arguments)
        exact = _exact(kind, arguments)
        if exact not in self._exact and kind not in self._kind:
            raise NotRecorded(*kind)
        return self._exact[exact] if exact in self._exact else self._kind[kind]


def recorded(act: Callable[[], object]) -> Answers:
    """The answers that AWS, or moto, gives while `act` runs."""
    answers = Answers()
    with call_recorder.through(answers.record):
        act()
    return answers


@contextmanager
def replaying(answers: Answers) -> Iterator[None]:
    """Answer every AWS call of the block from memory."""
    with call_recorder.through(answers.repeat):
        yield


def _kind(client: BaseClient, operation: str, arguments: Arguments) -> Place:
    """What is asked, but not of whom: tables, queues and expressions, without keys and values."""
    asked = [
        f"{name}={sorted(value) if isinstance(value, dict) else value}"
        for name, value in sorted(arguments.items())
        if name in _NAMES or name.endswith("Expression")
    ]
    return call_recorder.service_of(client), operation, *asked


def _exact(kind: Place, arguments: Arguments) -> Place:
    asked = {name: arguments.get(name) for name in ("Key", "RequestItems")}
    return (*kind, json.dumps(asked, sort_keys=True))
