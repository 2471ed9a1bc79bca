"""AWS calls answered from memory: what is left is our own work, and none of an emulator's."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient

from bench import call_recorder as gate
from bench.call_recorder import Arguments

Place = tuple[str, ...]


@dataclass(kw_only=True)
class Answers:
    """The last answer to each question, and the last one to each kind of question."""

    _exact: dict[Place, Any] = field(default_factory=dict)
    _kind: dict[Place, Any] = field(default_factory=dict)

    def record(self, client: BaseClient, operation: str, arguments: Arguments) -> Any:
        """Make a call and remember its answer."""
        answer = gate.let_through(client, operation, arguments)
        kind = _kind(client, operation, arguments)
        self._kind[kind] = self._exact[_exact(kind, arguments)] = answer
        return answer

    def repeat(self, client: BaseClient, operation: str, arguments: Arguments) -> Any:
        """The answer to the same question, else to the last of its kind. KeyError if there is none.

        So the signature of somebody new is not found, and put, as that of the one before.
        """
        kind = _kind(client, operation, arguments)
        exact = _exact(kind, arguments)
        return self._exact[exact] if exact in self._exact else self._kind[kind]


def recorded(act: Callable[[], object]) -> Answers:
    """The answers that AWS, or moto, gives while `act` runs."""
    answers = Answers()
    with gate.through(answers.record):
        act()
    return answers


@contextmanager
def replaying(answers: Answers) -> Iterator[None]:
    """Answer every AWS call of the block from memory."""
    with gate.through(answers.repeat):
        yield


def _kind(client: BaseClient, operation: str, arguments: Arguments) -> Place:
    where = arguments.get("TableName") or arguments.get("QueueUrl") or arguments.get("Name") or ""
    return gate.service_of(client), operation, where


def _exact(kind: Place, arguments: Arguments) -> Place:
    return (*kind, json.dumps(arguments.get("Key"), sort_keys=True))
