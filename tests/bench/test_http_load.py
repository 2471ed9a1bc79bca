"""The load on the local service: all of it is sent, and counted for what came back."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bench import http_load
from bench.http_load import Load, Result


class _Peer(BaseHTTPRequestHandler):
    """Another server: every second answer of a connection is an error."""

    protocol_version = "HTTP/1.1"
    answered = 0

    def do_GET(self) -> None:
        self.send_response(503 if self.answered % 2 else 200)
        self.answered += 1
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - inherited name
        """Say nothing."""


@pytest.fixture
def peer() -> Iterator[str]:
    """The address of a page of another server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Peer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/page?x=1"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pages_and_forms_are_asked_for_as_often_as_said_beside_another_server(peer: str) -> None:
    load = Load(clients=2, pages=40, forms=6, beside=peer)

    results = http_load.measure(lambda what: None, load)

    page, other, form = (result for _, result in results)
    assert (len(page.waits), page.errors) == (40, 0)
    assert (len(other.waits), other.errors) == (20, 20)
    assert (len(form.waits), form.errors) == (6, 0)
    assert http_load.chapter(load, results).broken == [f"20 of {results[1][0]} failed"]


def test_a_server_that_is_not_there_gives_errors_and_no_times() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        found = http_load._asked(url, http_load._read(url), clients=1, count=3)

    assert (list(found.waits), found.errors) == ([], 3)
    assert found.row("gone")[1:] == ["0", "nan", "nan", "3"]


def test_the_slowest_but_a_share_is_the_percentile() -> None:
    result = Result(waits=[number / 1000 for number in range(100, 0, -1)], errors=0, seconds=2.0)

    assert result.row("page") == ["page", "50", "50.0", "99.0", "0"]
