"""The mails that the engine's SES has taken for one address, and the links in them."""

import re
from dataclasses import dataclass
from typing import Any

from tests.e2e.drivers.waiter import wait_until
from tests.e2e.engine.ministack import ACCOUNT, Ministack


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """The mailbox of `address`. Links are those below `public_url`, as paths."""

    engine: Ministack
    public_url: str
    address: str

    def mails(self) -> list[dict[str, Any]]:
        """All mails, oldest first."""
        sent = self.engine.inspect("ses/messages")["messages"].get(ACCOUNT, [])
        return [mail for mail in sent if self.address in mail["To"]]

    def wait_for(self, count: int) -> dict[str, Any]:
        """The `count`-th mail, as soon as it is there. Raises AssertionError."""
        mails = wait_until(
            f"mail number {count} to {self.address}",
            lambda: mails if len(mails := self.mails()) >= count else None,
        )
        return mails[count - 1]

    def link(self, count: int, part: str) -> str:
        """The link of the `count`-th mail with `/part/` in its path. Raises AssertionError."""
        mail = self.wait_for(count)
        for path in self._links(mail):
            if f"/{part}/" in path:
                return path
        raise AssertionError(f"no link to {part} in “{mail['Subject']}”:\n{mail['BodyText']}")

    def links(self) -> list[str]:
        """All links of all mails."""
        return [link for mail in self.mails() for link in self._links(mail)]

    def _links(self, mail: dict[str, Any]) -> list[str]:
        return re.findall(re.escape(self.public_url) + r"(/[^\s\"<>]+)", mail["BodyText"])
