"""What each email says: its name, its variables, its headers. Pure: nothing is sent here.

A mail is a dataclass of its template's variables. To add one, add a class here and a folder of the
same name under `templates/emails/`.
"""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import ClassVar, Final

from chalicelib import rendering

_EMPTY_LINES: Final = re.compile(r"\n\s*\n")


@dataclass(frozen=True, kw_only=True)
class Email:
    """One mail, ready to be handed over."""

    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]

    def __repr__(self) -> str:
        return "Email(…)"


@dataclass(frozen=True, kw_only=True)
class ConfirmSignature:
    """Asks a person to confirm a signature, by link or by code."""

    name: ClassVar[str] = "confirm_signature"
    petition_title: str
    link: str
    code: str
    code_hours: int
    link_days: int


@dataclass(frozen=True, kw_only=True)
class ConfirmAlerts:
    """Asks a person to confirm that they want alerts."""

    name: ClassVar[str] = "confirm_alerts"
    petition_title: str
    link: str
    link_days: int


@dataclass(frozen=True, kw_only=True)
class AlreadySigned:
    """Tells a person who signs again that the signature stands, and how to withdraw it."""

    name: ClassVar[str] = "already_signed"
    petition_title: str
    link: str
    link_days: int


@dataclass(frozen=True, kw_only=True)
class Withdraw:
    """Carries the link that withdraws a signature."""

    name: ClassVar[str] = "withdraw"
    petition_title: str
    link: str
    link_days: int


@dataclass(frozen=True, kw_only=True)
class NothingToWithdraw:
    """Tells a person who asked to withdraw that there is no signature of this address."""

    name: ClassVar[str] = "nothing_to_withdraw"
    petition_title: str


Mail = ConfirmSignature | ConfirmAlerts | AlreadySigned | Withdraw | NothingToWithdraw

MAILS: Final[Mapping[str, type[Mail]]] = {
    mail.name: mail
    for mail in (ConfirmSignature, ConfirmAlerts, AlreadySigned, Withdraw, NothingToWithdraw)
}


@dataclass(frozen=True, kw_only=True)
class MailContent:
    """A mail on its way through the queue: sealed to the mailer, written by it."""

    to: str
    language: str
    mail: Mail

    def __repr__(self) -> str:
        return f"MailContent({self.mail.name}, …)"

    def to_bytes(self) -> bytes:
        """The plain text that is sealed."""
        values = {
            "to": self.to,
            "language": self.language,
            "name": self.mail.name,
            "variables": asdict(self.mail),
        }
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, plain: bytes) -> "MailContent":
        """Read what `to_bytes` wrote."""
        values = json.loads(plain)
        mail = MAILS[values["name"]](**values["variables"])
        return cls(to=values["to"], language=values["language"], mail=mail)


def compose(content: MailContent) -> Email:
    """Write a mail in the reader's language."""
    subject, text, html = _parts(content.language, content.mail.name, content.mail)
    return Email(
        to=content.to,
        subject=subject,
        text=text,
        html=html,
        # RFC 3834: no vacation notices in answer, please.
        headers={"Auto-Submitted": "auto-generated"},
    )


@dataclass(frozen=True, kw_only=True)
class Alert:
    """The variables of an alert that carries an update."""

    name: ClassVar[str] = "alert"
    title: str
    body_text: str
    body_html: str
    petition_title: str
    page: str
    unsubscribe: str


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


def alert_for(to: str, language: str, alert: Alert, *, tags: Mapping[str, str]) -> BulkRecipient:
    """One recipient's copy of an alert, with both ways to leave: a link, one click (RFC 8058)."""
    subject, text, html = _parts(language, alert.name, alert)
    return BulkRecipient(
        to=to,
        variables=json.dumps({"subject": subject, "text": text, "html": html}, ensure_ascii=False),
        headers={
            "List-Unsubscribe": f"<{alert.unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        tags=tags,
    )


def _parts(language: str, name: str, variables: Mail | Alert) -> tuple[str, str, str]:
    """Subject, text and HTML of a mail."""
    subject, text, html = (
        rendering.render(language, f"emails/{name}/{part}", variables)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return " ".join(subject.split()), _wrapped(text), html


def _wrapped(text: str) -> str:
    """Paragraphs of at most 72 columns, one empty line between them; links are never broken."""
    paragraphs = (
        "\n".join(
            textwrap.fill(line, 72, break_long_words=False, break_on_hyphens=False)
            for line in paragraph.splitlines()
        )
        for paragraph in _EMPTY_LINES.split(text.strip())
    )
    return "\n\n".join(paragraphs) + "\n"
