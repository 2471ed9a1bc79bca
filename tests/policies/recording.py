"""A recording of every AWS call of every function, with a cold start for each event."""

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

from chalicelib.store.secrets import Secrets
from ops.compiling import ROOT
from ops.local.api_gateway import HttpResponse
from tests import desk_client
from tests.desk_client import DeskClient
from tests.policies.calls import Call, calls_of
from tests.policies.documents import FUNCTIONS, LOGICAL_IDS
from tests.world import FORM, World

_ROUTERS = ("chalicelib.routes.http.router", "chalicelib.routes.desk.access")
"""The loggers of those who answer requests."""
_PRODUCT = f"{ROOT / 'chalicelib'}/"


class _RouteCollector(logging.Handler):
    """Collects the routes that have responded, from their log lines."""

    def __init__(self) -> None:
        super().__init__()
        self.routes_seen: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = getattr(record, "fields", {})
        self.routes_seen.add(str(fields.get("route")))


@dataclass
class Recording:
    """The calls of each function or person, the lines that made them, and the called routes."""

    calls: dict[str, set[Call]] = field(default_factory=lambda: defaultdict(set))
    lines: set[tuple[str, int]] = field(default_factory=set)
    """A file, relative to the project's folder, and a line that called AWS."""
    routes: set[str] = field(default_factory=set)
    secrets: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The names of the secrets that the code of each function or person uses."""
    _caller: str | None = None

    @contextmanager
    def by(self, caller: str | None) -> Iterator[None]:
        """Record the calls of the block as those of this function or person; None for nobody."""
        outer, self._caller = self._caller, caller
        try:
            yield
        finally:
            self._caller = outer

    @contextmanager
    def running(self) -> Iterator[None]:
        """Record while the block runs."""
        # Every call passes this method; botocore's stubs do not name it.
        real: Callable[..., Any] = vars(BaseClient)["_make_api_call"]

        def record_and_call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
            self._record(client.meta.service_model.service_name, operation, arguments)
            return real(client, operation, arguments)

        read: Callable[..., Any] = vars(Secrets)["_ring"]

        def record_and_read(secrets: Secrets, name: str) -> Any:
            if self._caller is not None:
                self.secrets[self._caller].add(name)
            return read(secrets, name)

        answer: Callable[..., Any] = vars(desk_client)["desk"]

        def answer_and_record(event: Any, context: Any) -> Any:
            with self.by(FUNCTIONS["desk"]):
                return answer(event, context)

        routes = _RouteCollector()
        for name in _ROUTERS:
            logging.getLogger(name).addHandler(routes)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(BaseClient, "_make_api_call", record_and_call)
                patch.setattr(Secrets, "_ring", record_and_read)
                patch.setattr(desk_client, "desk", answer_and_record)
                yield
        finally:
            for name in _ROUTERS:
                logging.getLogger(name).removeHandler(routes)
            self.routes |= routes.routes_seen

    def _record(self, service: str, operation: str, arguments: Mapping[str, Any]) -> None:
        if self._caller is None:
            return
        self.calls[self._caller] |= set(calls_of(service, operation, arguments))
        frame = sys._getframe()
        while frame := frame.f_back:  # type: ignore[assignment]  # None ends it
            file = frame.f_code.co_filename
            if file.startswith(_PRODUCT):
                self.lines.add((file.removeprefix(f"{ROOT}/"), frame.f_lineno))


@dataclass
class RecordedWorld(World):
    """A service whose functions are recorded. Calls that stand for AWS itself are not."""

    recording: Recording = field(kw_only=True)
    home: str = field(default="", kw_only=True)
    """The logical id of the function whose process goes on after a call of another one."""

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> HTTPResponse:
        """Get a page from a new process."""
        with self._cold("api_handler"):
            return super().get(path, headers)

    def post(
        self, path: str, fields: Mapping[str, str] | bytes, headers: Mapping[str, str] = FORM
    ) -> HTTPResponse:
        """Post a form to a new process."""
        with self._cold("api_handler"):
            return super().post(path, fields, headers)

    def at_desk(self, path: str, *, client: DeskClient, **sent: Any) -> HttpResponse:
        """Open a page of the desk in a new process, or send a form: the arguments of a post."""
        with self._cold("desk"):
            return client.post(path, **sent) if sent else client.get(path)

    def invoke(self, handler: Callable[..., Any], event: dict[str, Any]) -> Any:
        """Run an event handler in a new process; its answer."""
        with self._cold(handler.func.__name__):  # type: ignore[attr-defined]  # Chalice's wrapper
            return super().invoke(handler, event)

    def deliver_messages(self) -> int:
        """Deliver messages, as AWS does, also while a person's command waits."""
        with self.recording.by(None):
            return super().deliver_messages()

    @contextmanager
    def _cold(self, function: str) -> Iterator[None]:
        """A new process has no cached secret or key of the day, so it makes the most calls."""
        self.restart(LOGICAL_IDS[FUNCTIONS[function]])
        with self.recording.by(FUNCTIONS[function]):
            yield
        if self.home:
            self.restart(self.home)
