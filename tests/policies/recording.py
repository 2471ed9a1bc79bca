"""A world in which every AWS call of every function is written down, and every start is cold."""

import logging
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.client import BaseClient
from chalice.test import HTTPResponse

from ops.compiling import ROOT
from tests.policies.calls import Call, calls_of
from tests.policies.documents import FUNCTIONS
from tests.world import FORM, World

_PRODUCT = f"{ROOT / 'chalicelib'}/"


class _Routes(logging.Handler):
    """Notes which routes have answered, by their log lines."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = getattr(record, "fields", {})
        self.seen.add(str(fields.get("route")))


@dataclass
class Recording:
    """Who made which calls, from which lines of ours, and which routes have answered."""

    calls: dict[str, set[Call]] = field(default_factory=lambda: defaultdict(set))
    lines: set[tuple[str, int]] = field(default_factory=set)
    """A file, relative to the project's folder, and a line that waited for an answer of AWS."""
    routes: set[str] = field(default_factory=set)
    _who: str | None = None

    @contextmanager
    def by(self, who: str) -> Iterator[None]:
        """Write down what the block does as done by this function or person."""
        self._who = who
        try:
            yield
        finally:
            self._who = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Listen while the block runs."""
        # The gate of every session's every call; botocore's stubs do not name it.
        real: Callable[..., Any] = vars(BaseClient)["_make_api_call"]

        def gate(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
            self._note(client.meta.service_model.service_name, operation, arguments)
            return real(client, operation, arguments)

        routes, log = _Routes(), logging.getLogger("chalicelib.routes.http.router")
        log.addHandler(routes)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(BaseClient, "_make_api_call", gate)
                yield
        finally:
            log.removeHandler(routes)
            self.routes |= routes.seen

    def _note(self, service: str, operation: str, arguments: Mapping[str, Any]) -> None:
        if self._who is None:
            return
        self.calls[self._who] |= set(calls_of(service, operation, arguments))
        frame = sys._getframe()
        while frame := frame.f_back:  # type: ignore[assignment]  # None ends it
            file = frame.f_code.co_filename
            if file.startswith(_PRODUCT):
                self.lines.add((file.removeprefix(f"{ROOT}/"), frame.f_lineno))


@dataclass
class RecordedWorld(World):
    """A world whose functions are recorded. What the world itself does, as AWS would, is not."""

    recording: Recording = field(kw_only=True)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> HTTPResponse:
        """Read a page, from a process that has just started."""
        with self._cold("api_handler"):
            return super().get(path, headers)

    def post(
        self, path: str, fields: Mapping[str, str] | bytes, headers: Mapping[str, str] = FORM
    ) -> HTTPResponse:
        """Send a form, to a process that has just started."""
        with self._cold("api_handler"):
            return super().post(path, fields, headers)

    def invoke(self, handler: Callable[..., Any], event: dict[str, Any]) -> None:
        """Run a function of the back door in a process that has just started."""
        with self._cold(handler.func.__name__):  # type: ignore[attr-defined]  # Chalice's wrapper
            super().invoke(handler, event)

    @contextmanager
    def _cold(self, function: str) -> Iterator[None]:
        """A new process has read no secret and no key of the day, so it makes the most calls."""
        self.restart()
        with self.recording.by(FUNCTIONS[function]):
            yield
