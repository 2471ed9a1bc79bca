"""The subscribers of a petition as a mailing list: what mail programs and providers know of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final
from urllib.parse import quote

_NAME_DIGITS: Final = 12
"""Hexadecimal digits of a list's name: enough for no two petitions to share one."""
_NAME_CONTEXT: Final = "zaklik/list-id/1/"


@dataclass(frozen=True, kw_only=True)
class MailingList:
    """The list of the petition `slug`, mailed from the From field `sender`.

    `mailbox` is an address that people read, to which a mail program can write to leave the list;
    "" if there is none.
    """

    slug: str
    sender: str
    mailbox: str

    @property
    def name(self) -> str:
        """A name that stays the same and tells nothing of the petition to who looks at a mail."""
        return hashlib.sha256((_NAME_CONTEXT + self.slug).encode()).hexdigest()[:_NAME_DIGITS]

    def headers(self, unsubscribe: str, *, automatic: bool) -> Mapping[str, str]:
        """The headers of one mail, whose link to leave is `unsubscribe`.

        They are List-Id (RFC 2919), List-Unsubscribe (RFC 2369) and its one click (RFC 8058).
        `automatic` says that no person has started the mail (RFC 3834).
        """
        ways = [f"<{unsubscribe}>"]
        if self.mailbox:
            token = unsubscribe.rpartition("/")[2]
            subject = quote(f"unsubscribe {token}")
            ways.append(f"<mailto:{quote(self.mailbox, safe='@+')}?subject={subject}>")
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        return {
            "List-Id": f"<{self.name}.news.{domain}>",
            "List-Unsubscribe": ", ".join(ways),
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            **({"Auto-Submitted": "auto-generated"} if automatic else {}),
        }

    def feedback_tags(self, kind: str) -> Mapping[str, str]:
        """The tags of which SES makes the first two parts of Feedback-ID, its own the others.

        By them Gmail tells the sender which mails its readers took for spam: the share of a list
        and of a kind, never one person's mail.
        """
        return {"ses:feedback-id-a": kind, "ses:feedback-id-b": self.name}
