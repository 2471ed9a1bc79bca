"""AWS on this machine: moto behind a loopback port, one request at a time.

moto is not thread-safe, so one lock serialises all requests. Its holder sees tables, queues, stream
and outbox between two requests.
"""

import os
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
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

SQS: Final = "AmazonSQS"
DYNAMODB: Final = "DynamoDB_20120810"
OTHER: Final = ""
"""Services as they name themselves in X-Amz-Target; those that do not are S3 and SES."""

_READ_ACTIONS: Final = ("Get", "List", "Describe", "Query", "Scan", "BatchGet", "Receive", "Head")


class ChangeCounter:
    """Counts the requests that have changed something, by service; one can wait for the next."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._changed = threading.Condition()

    def add(self, *services: str) -> None:
        """Count a change of each service."""
        with self._changed:
            self._counts.update(services)
            self._changed.notify_all()

    def count(self, service: str | None = None) -> int:
        """Changes so far of a service; of all when none is named."""
        return self._counts.total() if service is None else self._counts[service]

    def wait(self, seen: int, service: str | None = None, *, seconds: float) -> None:
        """Wait until the count is no longer `seen`, but no longer than `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self.count(service) != seen, timeout=seconds)

    def wake(self) -> None:
        """End every wait: the service stops, or the clock has moved."""
        self.add(SQS, DYNAMODB)


class _QuietRequestHandler(MotoRequestHandler):
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - inherited name
        """Log nothing: bodies and paths may hold addresses."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


class MotoServer:
    """moto's server. `lock` stops it between two requests.

    moto's own ThreadedMotoServer has no place for the lock and finds out in a thread that its port
    is taken.
    """

    def __init__(self, port: int) -> None:
        """Bind to a loopback port, 0 for a free one. Raises OSError when it is taken."""
        self.lock = threading.RLock()
        self.changes = ChangeCounter()
        self._dispatch = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(
            "127.0.0.1", port, self._respond, threaded=True, request_handler=_QuietRequestHandler
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
        """The value of AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()

    def _respond(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        service, _, action = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")
        with self.lock:
            body = b"".join(self._dispatch(environ, start_response))
        if not (action or environ["REQUEST_METHOD"].title()).startswith(_READ_ACTIONS):
            self.changes.add(*_changed(service, action))
        return [body]


def aws_environment(endpoint: str) -> Mapping[str, str]:
    """The AWS variables under which every client talks to `endpoint` and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def replace_environment(environment: Mapping[str, str]) -> None:
    """Put variables into the process's environment, and take every other AWS setting out.

    A profile, a session or an endpoint of one service would lead elsewhere.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(environment)


def _changed(service: str, action: str) -> tuple[str, ...]:
    """The services whose workers may have work after an action."""
    if service == SQS and not action.startswith("SendMessage"):
        # A deleted message is work for nobody, but it is a change to save.
        return (OTHER,)
    # A bulk send puts events on a queue.
    return (OTHER, SQS) if service == OTHER else (service,)
