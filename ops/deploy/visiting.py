"""Visits the service from outside, as a browser does, and keeps nothing between two visits."""

import json
import re
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode

MOST_SECONDS: Final = 30
"""For one answer: a function's timeout."""
_FORM: Final = "application/x-www-form-urlencoded"


class NoAnswer(Exception):
    """Nothing came back. The message says why, as the system puts it."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. Names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    def field(self, name: str) -> str:
        """The value of the hidden field `name` of a form on the page; "" if there is none."""
        found = re.search(
            rf'<input type="hidden" name="{re.escape(name)}" value="([^"]*)"', self.text
        )
        return unescape(found[1]) if found else ""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody who comes to `url`, which has no slash at the end."""

    url: str

    def get(self, path: str) -> Answer:
        """Look at a page. Raises NoAnswer."""
        return self._ask(path, None, {})

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form of our own pages, as a browser does. Raises NoAnswer."""
        headers = {"Content-Type": _FORM, "Sec-Fetch-Site": "same-origin"}
        return self._ask(path, urlencode(fields).encode(), headers)

    def wait_for(self, path: str, seconds: float) -> Answer:
        """Look at a page that may not be there yet: a new name takes a while to spread.

        Raises NoAnswer when there is none after `seconds`.
        """
        until = time.monotonic() + seconds
        while True:
            try:
                return self.get(path)
            except NoAnswer:
                if time.monotonic() > until:
                    raise
            time.sleep(2)

    def _ask(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        opener = urllib.request.build_opener(_NoRedirects)
        # The address is https, or of this machine: deploy.toml is read so, AWS names no other.
        request = urllib.request.Request(  # noqa: S310
            self.url + path, data=body, headers=dict(headers)
        )
        try:
            with opener.open(request, timeout=MOST_SECONDS) as response:
                return _answer(response)
        except HTTPError as refused:
            with refused:
                return _answer(refused)
        except (OSError, HTTPException) as error:
            raise NoAnswer(str(getattr(error, "reason", error)) or type(error).__name__) from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, too."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none."""


def _answer(response: Any) -> Answer:
    return Answer(
        status=response.status,
        headers={name.lower(): value for name, value in response.headers.items()},
        text=response.read().decode("utf-8", "replace"),
    )
