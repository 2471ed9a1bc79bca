"""The HTTP client of the smoke test: each request succeeds, or fails its step with a log to read.

It sends what a browser sends, follows no redirect, and keeps no connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from botocore.utils import get_environ_proxies
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, make_headers
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from ops.deploy.account import polls
from ops.errors import CannotContinue

_TIMEOUT_SECONDS: Final = 30
"""A function's timeout."""
_FORM_HEADERS: Final = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Sec-Fetch-Site": "same-origin",
}
_PROTECTING_HEADERS: Final = (
    "content-security-policy",
    "strict-transport-security",
    "x-content-type-options",
    "referrer-policy",
)
"""Some of the headers of every page; the CDN must pass them on."""


class SmokeStepFailed(CannotContinue):
    """A step did not succeed. The message names it, what was expected, and what came."""


@dataclass(frozen=True, kw_only=True)
class SmokeClient:
    """A client of the service at `url`, which has no slash at the end."""

    url: str
    log_prefix: str
    """The beginning of the names of the service's log groups."""

    def request(self, path: str, fields: Mapping[str, str] | None = None) -> BaseHTTPResponse:
        """GET, or POST with `fields` as the form of a page of the service. Raises HTTPError."""
        with _pool(self.url) as pool:
            return pool.request(
                "GET" if fields is None else "POST",
                self.url + path,
                body=None if fields is None else urlencode(fields),
                headers={} if fields is None else _FORM_HEADERS,
                timeout=_TIMEOUT_SECONDS,
                retries=False,
            )

    def get(self, step: str, path: str, *, seconds: float = 0.0) -> BaseHTTPResponse:
        """The page; within `seconds`, since a new name takes time to spread in DNS.

        Raises SmokeStepFailed.
        """
        error = None
        for _ in polls(seconds):
            try:
                return self._expect_success(step, self.request(path))
            except HTTPError as unanswered:
                error = unanswered
        raise self.failed(step, "an answer", f"none came ({error})") from error

    def post(self, step: str, path: str, fields: Mapping[str, str]) -> BaseHTTPResponse:
        """The page after the form. Raises SmokeStepFailed."""
        try:
            return self._expect_success(step, self.request(path, fields))
        except HTTPError as error:
            raise self.failed(step, "an answer", f"none came ({error})") from error

    def expect_forbidden(self, step: str, path: str) -> None:
        """Expect status 403. Raises SmokeStepFailed."""
        try:
            status = self.request(path).status
        except HTTPError as error:
            raise self.failed(step, "status 403", f"no answer ({error})", "api") from error
        if status != 403:
            raise self.failed(step, "status 403", f"{status}")

    def expect_headers(self, step: str, response: BaseHTTPResponse) -> None:
        """Expect the headers that protect the page's reader. Raises SmokeStepFailed."""
        for name in _PROTECTING_HEADERS:
            if name not in response.headers:
                raise self.failed(step, f"the header {name}", "a page without it")

    def failed(
        self, step: str, expected: str, received: str, function: str = "web"
    ) -> SmokeStepFailed:
        """The error of `step`; the log of `function` may tell why."""
        return SmokeStepFailed(
            f"{step}: expected {expected}, came {received}. "
            f"Look at the log {self.log_prefix}{function}."
        )

    def _expect_success(self, step: str, response: BaseHTTPResponse) -> BaseHTTPResponse:
        if response.status != 200:
            raise self.failed(step, "status 200", f"{response.status}")
        return response


def _pool(url: str) -> PoolManager:
    """Connections that honour the proxy variables, as botocore's do."""
    proxy = get_environ_proxies(url).get(urlsplit(url).scheme)
    if not proxy:
        return PoolManager()
    return ProxyManager(proxy, proxy_headers=make_headers(proxy_basic_auth=parse_url(proxy).auth))
