"""What alerts say: one mail to many, each copy in its reader's language with its own link to leave.

Subject and first lines tell nobody who looks over a shoulder what the mail is about.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from chalicelib.mail import messages


@dataclass(frozen=True, kw_only=True)
class AlertMessage:
    """The variables of an alert that carries one update."""

    name: ClassVar[str] = "alert"
    title: str
    body_text: str
    body_html: str
    petition_title: str
    page: str
    unsubscribe: str


@dataclass(frozen=True, kw_only=True)
class Headline:
    """An update in a digest, in `language`, and where to read the whole of it."""

    language: str
    title: str
    summary: str
    page: str


@dataclass(frozen=True, kw_only=True)
class DigestMessage:
    """The variables of a weekly digest."""

    name: ClassVar[str] = "digest"
    headlines: Sequence[Headline]
    petition_title: str
    unsubscribe: str


ALERTS: Final[Mapping[str, type[AlertMessage] | type[DigestMessage]]] = {
    alert.name: alert for alert in (AlertMessage, DigestMessage)
}


@dataclass(frozen=True, kw_only=True)
class BulkRecipient:
    """One recipient of a bulk send. `variables` is JSON; `tags` come back with every event."""

    to: str
    variables: str
    headers: Mapping[str, str]
    tags: Mapping[str, str]

    def __repr__(self) -> str:
        return "BulkRecipient(…)"


@dataclass(frozen=True, kw_only=True)
class BulkEmail:
    """Up to 50 mails for one call. The frame is the same for all, the rest is in `variables`."""

    recipients: Sequence[BulkRecipient]
    tags: Mapping[str, str]
    subject: str = "{{subject}}"
    text: str = "{{text}}"
    html: str = "{{html}}"
    variables: str = field(default=json.dumps({"subject": "", "text": "", "html": ""}))


def to_recipient(
    to: str, language: str, alert: AlertMessage | DigestMessage, *, tags: Mapping[str, str]
) -> BulkRecipient:
    """One recipient's copy of an alert, with both ways to leave: a link, one click (RFC 8058)."""
    subject, text, html = messages.render_parts(language, alert.name, alert)
    return BulkRecipient(
        to=to,
        variables=json.dumps({"subject": subject, "text": text, "html": html}, ensure_ascii=False),
        headers={
            "List-Unsubscribe": f"<{alert.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        tags=tags,
    )
