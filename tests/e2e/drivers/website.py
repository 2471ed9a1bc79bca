"""The public pages, as a browser without scripts and cookies asks for them."""

from collections.abc import Mapping

from urllib3 import BaseHTTPResponse, HTTPConnectionPool


class Website(HTTPConnectionPool):
    """Connections to the public address. Redirections are not followed."""

    def __init__(self, port: int) -> None:
        super().__init__(
            "127.0.0.1",
            port,
            retries=False,
            timeout=60,
            headers={"Accept-Language": "en", "User-Agent": "Mozilla/5.0"},
        )

    def read(self, path: str, *, status: int = 200) -> BaseHTTPResponse:
        """A page. Raises AssertionError at another status."""
        return _checked(self.request("GET", path), f"GET {path}", status)

    def submit(self, path: str, fields: Mapping[str, str]) -> BaseHTTPResponse:
        """The answer to a form of our own page. Raises AssertionError unless it is 200."""
        return self._post(path, fields, {"Sec-Fetch-Site": "same-origin"})

    def unsubscribe_by_one_click(self, path: str) -> BaseHTTPResponse:
        """The answer to a mail program (RFC 8058). Raises AssertionError unless it is 200."""
        return self._post(path, {"List-Unsubscribe": "One-Click"}, {})

    def _post(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str]
    ) -> BaseHTTPResponse:
        response = self.request(
            "POST",
            path,
            fields=dict(fields),
            encode_multipart=False,
            headers={**self.headers, **headers},
        )
        return _checked(response, f"POST {path}", 200)


def _checked(response: BaseHTTPResponse, request: str, status: int) -> BaseHTTPResponse:
    if response.status != status:
        raise AssertionError(f"{request}: expected status {status}, came {response.status}")
    return response
