"""What each email says: its name, its variables, its headers. Pure: nothing is sent here.

A mail is a dataclass of its template's variables. To add one, add a class here and a folder of the
same name under `templates/emails/`.
"""

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar, Final

from chalicelib.rendering import templates

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
class MailMessage:
    """A single mail. `block_link` is the link after which its address is mailed no more."""

    name: ClassVar[str]
    petition_title: str
    block_link: str


@dataclass(frozen=True, kw_only=True)
class ConfirmSignature(MailMessage):
    """Asks a person to confirm a signature, by link or by code."""

    name: ClassVar[str] = "confirm_signature"
    link: str
    code: str
    code_hours: int
    link_days: int


@dataclass(frozen=True, kw_only=True)
class ConfirmAlerts(MailMessage):
    """Asks a person to confirm that they want alerts."""

    name: ClassVar[str] = "confirm_alerts"
    link: str
    link_days: int


@dataclass(frozen=True, kw_only=True)
class AlreadySigned(MailMessage):
    """Tells a person who signs again that the signature stands, and how to see or withdraw it."""

    name: ClassVar[str] = "already_signed"
    link: str
    link_days: int


@dataclass(frozen=True, kw_only=True)
class SelfServiceLink(MailMessage):
    """Carries the link to the page of what is kept about an address."""

    name: ClassVar[str] = "manage"
    link: str
    link_days: int


@dataclass(frozen=True, kw_only=True)
class NothingStored(MailMessage):
    """Tells a person who asked for that link that nothing is kept about this address."""

    name: ClassVar[str] = "nothing_there"


MESSAGES: Final[Mapping[str, type[MailMessage]]] = {
    mail.name: mail
    for mail in (ConfirmSignature, ConfirmAlerts, AlreadySigned, SelfServiceLink, NothingStored)
}


@dataclass(frozen=True, kw_only=True)
class MailContent:
    """A mail on its way through the queue: sealed to the mailer, written by it.

    `blocked`: the address is never to be mailed. Such a mail is queued like any other, so that
    nobody can tell, and the mailer drops it.
    """

    to: str
    language: str
    mail: MailMessage
    blocked: bool = False

    def __repr__(self) -> str:
        return f"MailContent({self.mail.name}, …)"

    def to_bytes(self) -> bytes:
        """The plain text that is sealed."""
        values = {
            "to": self.to,
            "language": self.language,
            "name": self.mail.name,
            "variables": asdict(self.mail),
            "blocked": self.blocked,
        }
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, plain: bytes) -> "MailContent":
        """Read what `to_bytes` wrote."""
        values = json.loads(plain)
        mail = MESSAGES[values["name"]](**values["variables"])
        return cls(
            to=values["to"], language=values["language"], mail=mail, blocked=values["blocked"]
        )


def compose(content: MailContent) -> Email:
    """Write a mail in the reader's language."""
    subject, text, html = render_parts(content.language, content.mail.name, content.mail)
    return Email(
        to=content.to,
        subject=subject,
        text=text,
        html=html,
        # RFC 3834: no vacation notices in answer, please.
        headers={"Auto-Submitted": "auto-generated"},
    )


def render_parts(language: str, name: str, variables: object) -> tuple[str, str, str]:
    """Subject, text and HTML of the mail whose templates are called so."""
    subject, text, html = (
        templates.render(language, f"emails/{name}/{part}", variables)
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
