"""A visitor: reads pages and sends forms as a browser without scripts and cookies does."""

import http.client
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from ops.rehearsal.engine import Engine
from ops.rehearsal.steps import Unexpected, expect, until

FORM_TYPE = "application/x-www-form-urlencoded"
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back. Names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body of a page."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody at `url`, whose requests say that they are for `host` (default: as in `url`)."""

    url: str
    host: str = ""
    trust: ssl.SSLContext | None = None
    """For an address with https."""

    def ask(
        self,
        method: str,
        path: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request and its answer; redirections are not followed. Raises OSError."""
        sent = {"Accept-Language": "en", "User-Agent": "Rehearsal", **(headers or {})}
        if self.host:
            sent["Host"] = self.host
        body = None
        if fields is not None:
            body = urlencode(fields).encode()
            sent = {"Content-Type": FORM_TYPE, **sent}
        connection = self._connection()
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(
                status=answer.status,
                headers={name.lower(): value for name, value in answer.getheaders()},
                body=answer.read(),
            )
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        place = urlsplit(self.url).netloc
        if self.trust is None:
            return http.client.HTTPConnection(place, timeout=_PATIENCE_SECONDS)
        return http.client.HTTPSConnection(place, timeout=_PATIENCE_SECONDS, context=self.trust)

    def read(self, path: str, *, status: int = 200) -> Answer:
        """A page. Raises Unexpected at another status."""
        answer = self.ask("GET", path)
        expect(f"GET {path}", answer.status, status)
        return answer

    def send(self, path: str, fields: Mapping[str, str], *, status: int = 200) -> Answer:
        """A form, sent from our own page. Raises Unexpected at another status."""
        answer = self.ask("POST", path, fields=fields, headers={"Sec-Fetch-Site": "same-origin"})
        expect(f"POST {path}", answer.status, status)
        return answer


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """The mails that the engine's SES has taken for one address."""

    engine: Engine
    account: str
    address: str

    def mails(self) -> list[dict[str, Any]]:
        """All of them, oldest first."""
        sent = self.engine.ask("ses/messages")["messages"].get(self.account, [])
        return [mail for mail in sent if self.address in mail["To"]]

    def wait_for(self, count: int) -> dict[str, Any]:
        """The mail that is the `count`-th, as soon as it is there. Raises Unexpected."""
        mails = until(
            f"mail number {count} to {self.address}",
            lambda: found if len(found := self.mails()) >= count else None,
        )
        return mails[count - 1]


def links_in(mail: Mapping[str, Any], url: str) -> list[str]:
    """The paths of all links below `url` in a mail's text."""
    return re.findall(re.escape(url) + r"(/[^\s\"<>]+)", mail["BodyText"])


def link_in(mail: Mapping[str, Any], url: str, part: str) -> str:
    """The path of the link below `url` whose path has `/part/` in it. Raises Unexpected."""
    for path in links_in(mail, url):
        if f"/{part}/" in path:
            return path
    raise Unexpected(
        f"a link to {part} in the mail “{mail['Subject']}”",
        expected=f"{url}/…/{part}/…",
        came=mail["BodyText"],
    )
