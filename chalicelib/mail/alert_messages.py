"""The content of alerts: a copy for each subscriber, in their language and with their own link.

Subject and first lines do not show the topic to somebody who looks over a shoulder.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from chalicelib.mail import messages


@dataclass(frozen=True, kw_only=True)
class AlertMessage:
    """The variables of an alert of one update. `body_html` is text unless it is `Markup`."""

    name: ClassVar[str] = "alert"
    title: str
    body_text: str
    body_html: str
    petition_title: str
    page: str
    unsubscribe: str


@dataclass(frozen=True, kw_only=True)
class Headline:
    """An update in a digest, in `language`, with the address of its page."""

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
    """One recipient of a bulk send. `variables` is JSON; every event of SES repeats `tags`."""

    to: str
    variables: str
    headers: Mapping[str, str]
    tags: Mapping[str, str]

    def __repr__(self) -> str:
        return "BulkRecipient(…)"


@dataclass(frozen=True, kw_only=True)
class BulkEmail:
    """Up to 50 mails for one call of SES, with one template for all."""

    recipients: Sequence[BulkRecipient]
    tags: Mapping[str, str]
    subject: str = "{{subject}}"
    text: str = "{{text}}"
    html: str = "{{html}}"
    variables: str = field(default=json.dumps({"subject": "", "text": "", "html": ""}))


def to_recipient(
    to: str, language: str, alert: AlertMessage | DigestMessage, *, tags: Mapping[str, str]
) -> BulkRecipient:
    """One recipient's copy of an alert, with a link and one click (RFC 8058) to unsubscribe."""
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
