"""The HTTP server that visitors reach: one thread a connection, loopback only."""

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from ops.local.api_gateway import LARGEST_BODY, Answer, Front
from ops.local.proxy_events import Request

log = logging.getLogger(__name__)

LOCAL_PATHS: Final = "/_local/"
_BODILESS: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class Gateway(ThreadingHTTPServer):
    """Hands `/_local/…` to `controls` and everything else to `front`.

    Raises OSError when the port is taken. Connections wait until `serve_forever` is called.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        self.front: Front | None = None
        self.controls: Callable[[Request], Answer] | None = None
        super().__init__(("127.0.0.1", port), _Handler)

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        if self.front is None or self.controls is None:
            raise RuntimeError("the gateway serves before it knows what")
        if request.path.startswith(LOCAL_PATHS):
            return self.controls(request)
        return self.front.answer(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Name an error of our own; a browser that hangs up is none."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            log.error("the gateway failed (%s)", type(error).__name__)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "zaklik-local"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 60
    server: Gateway

    def _handle(self) -> None:
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        if int(length) > LARGEST_BODY:
            self.close_connection = True
            self._refuse_size()
            return
        self._write(self.server.answer(self._request(self.rfile.read(int(length)))))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _handle  # noqa: N815

    def _request(self, body: bytes) -> Request:
        return Request(
            method=self.command,
            target=self.path,
            headers=self.headers,
            body=body,
            client_address=self.client_address[0],
        )

    def _refuse_size(self) -> None:
        if self.server.front is not None:
            self._write(self.server.front.refuse_size(self._request(b"")))

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in _BODILESS:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and answer.status not in _BODILESS:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - inherited name
        """Say nothing: paths hold tokens."""
