"""The pages, as a browser without scripts asks for them; it keeps no cookie by itself."""

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

    def read(self, path: str, *, cookie: str = "", status: int = 200) -> BaseHTTPResponse:
        """A page. Raises AssertionError at another status."""
        headers = {**self.headers, **({"Cookie": cookie} if cookie else {})}
        return _checked(self.request("GET", path, headers=headers), f"GET {path}", status)

    def submit(
        self, path: str, fields: Mapping[str, str], *, cookie: str = "", status: int = 200
    ) -> BaseHTTPResponse:
        """The answer to a form of our own page. Raises AssertionError at another status."""
        sent = {"Sec-Fetch-Site": "same-origin", **({"Cookie": cookie} if cookie else {})}
        return self._post(path, fields, sent, status)

    def unsubscribe_by_one_click(self, path: str) -> BaseHTTPResponse:
        """The answer to a mail program (RFC 8058). Raises AssertionError unless it is 200."""
        return self._post(path, {"List-Unsubscribe": "One-Click"}, {}, 200)

    def _post(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str], status: int
    ) -> BaseHTTPResponse:
        response = self.request(
            "POST",
            path,
            fields=dict(fields),
            encode_multipart=False,
            headers={**self.headers, **headers},
        )
        return _checked(response, f"POST {path}", status)


def _checked(response: BaseHTTPResponse, request: str, status: int) -> BaseHTTPResponse:
    if response.status != status:
        raise AssertionError(f"{request}: expected status {status}, came {response.status}")
    return response
