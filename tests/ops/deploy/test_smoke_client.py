"""The client of the smoke test at a real server, and without one."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from urllib3 import ProxyManager

from ops.deploy import smoke_client
from ops.deploy.smoke_client import SmokeClient, SmokeStepFailed


class _Page(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def do_GET(self) -> None:
        self._answer(302 if self.path == "/away" else 200, self.path)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self._answer(400, f"{body} {self.headers['sec-fetch-site']}")

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def client() -> Iterator[SmokeClient]:
    """A client of a server that answers."""
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield SmokeClient(url=f"http://127.0.0.1:{server.server_port}", log_prefix="/zaklik/zk/")
        server.shutdown()
        thread.join()


def test_a_client_reads_posts_and_follows_nothing(client: SmokeClient) -> None:
    assert client.get("Reading", "/x").data == b"/x"
    assert client.request("/away").status == 302
    posted = client.request("/form", {"name": "a b"})
    assert (posted.status, posted.data) == (400, b"name=a+b same-origin")


def test_a_status_that_is_not_expected_is_named_with_its_log(client: SmokeClient) -> None:
    with pytest.raises(SmokeStepFailed, match="Reading: expected status 200, came 302") as failed:
        client.get("Reading", "/away")

    assert "/zaklik/zk/web" in str(failed.value)


def test_a_server_that_does_not_answer_fails_the_step() -> None:
    nobody = SmokeClient(url="http://127.0.0.1:9", log_prefix="/zaklik/zk/")

    with pytest.raises(SmokeStepFailed, match=r"none came .*refused"):
        nobody.get("Reading", "/")


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://name:word@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    proxied = smoke_client._pool("https://call.example.org")
    direct = smoke_client._pool("https://127.0.0.1")

    assert isinstance(proxied, ProxyManager)
    assert proxied.proxy_headers == {"proxy-authorization": "Basic bmFtZTp3b3Jk"}
    assert not isinstance(direct, ProxyManager)
