"""The HTTP server that visitors reach: one thread a connection, loopback only."""

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from chalicelib.domain.errors import FormTooLarge
from ops.local.api_gateway import MAX_BODY_BYTES, HttpResponse, refuse
from ops.local.lambda_events import HttpRequest

log = logging.getLogger(__name__)

_BODILESS: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class HttpServer(ThreadingHTTPServer):
    """Answers each request with `respond`, which is set before `serve_forever` is called.

    Raises OSError when the port is taken. Connections wait until `serve_forever` is called.
    """

    respond: Callable[[HttpRequest], HttpResponse]
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _ConnectionHandler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Log the name of an error of our own, but not a browser that hangs up."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            log.error("the HTTP server failed (%s)", type(error).__name__)


class _ConnectionHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "zaklik-local"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = 60
    server: HttpServer

    def _handle(self) -> None:
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            self._write(refuse(self._request(b""), FormTooLarge()))
        else:
            self._write(self.server.respond(self._request(self.rfile.read(int(length)))))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _handle  # noqa: N815

    def _request(self, body: bytes) -> HttpRequest:
        return HttpRequest(
            method=self.command,
            target=self.path,
            headers=self.headers,
            body=body,
            client_address=self.client_address[0],
        )

    def _write(self, response: HttpResponse) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        if response.status not in _BODILESS:
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and response.status not in _BODILESS:
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - inherited name
        """Log nothing: paths hold tokens."""
