"""AWS on this machine: moto behind a loopback port, one request at a time.

moto is not thread-safe, so one lock serialises all requests. Whoever holds it sees tables, queues,
stream and outbox as they were between two requests.
"""

import threading
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

ACCOUNT: Final = "123456789012"
"""moto's account."""
REGION: Final = "eu-central-1"

QUEUES: Final = "AmazonSQS"
TABLES: Final = "DynamoDB_20120810"
OTHER: Final = ""
"""Services as they name themselves in X-Amz-Target; those that do not are S3 and SES."""

_READING: Final = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "Receive", "Head")


class Changes:
    """How many requests have changed something, by service; one can wait for the next."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._news = threading.Condition()

    def note(self, *services: str) -> None:
        """Count a change of each service."""
        with self._news:
            self._counts.update(services)
            self._news.notify_all()

    def count(self, service: str | None = None) -> int:
        """Changes so far of a service; of all when none is named."""
        return self._counts.total() if service is None else self._counts[service]

    def wait(self, seen: int, service: str | None = None, *, seconds: float) -> None:
        """Wait until the count is no longer `seen`, but no longer than `seconds`."""
        with self._news:
            self._news.wait_for(lambda: self.count(service) != seen, timeout=seconds)

    def wake(self) -> None:
        """Let everybody who waits look again: the service stops, or the clock has moved."""
        self.note(QUEUES, TABLES)


class _QuietHandler(MotoRequestHandler):
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - inherited name
        """Say nothing: bodies and paths may hold addresses."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Engine:
    """moto's server. `lock` stops it between two requests."""

    def __init__(self, port: int) -> None:
        """Bind to a loopback port, 0 for a free one. Raises OSError when it is taken."""
        self.lock = threading.RLock()
        self.changes = Changes()
        self._dispatch = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(
            "127.0.0.1", port, self._answer, threaded=True, request_handler=_QuietHandler
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.port

    @property
    def url(self) -> str:
        """What AWS_ENDPOINT_URL is set to."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        service, _, action = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")
        with self.lock:
            answer = b"".join(self._dispatch(environ, start_response))
        if not (action or environ["REQUEST_METHOD"].title()).startswith(_READING):
            self.changes.note(*_changed(service, action))
        return [answer]


def _changed(service: str, action: str) -> tuple[str, ...]:
    """What those who wait for a service are to look at after an action."""
    if service == QUEUES and not action.startswith("SendMessage"):
        # Nobody has work because a message was deleted, but it is to be kept in mind.
        return (OTHER,)
    # A bulk send puts events on a queue.
    return (OTHER, QUEUES) if service == OTHER else (service,)
