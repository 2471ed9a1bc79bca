"""The content of alerts: a copy for each subscriber, in their language and with their own link."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from chalicelib.mail import petition_mails
from chalicelib.mail.mailing_list import MailingList
from chalicelib.mail.petition_mails import PetitionMail


@dataclass(frozen=True, kw_only=True)
class AlertMessage(PetitionMail):
    """The variables of an alert of one update. `body_html` is text unless it is `Markup`.

    Title and body are in `text_language`: another one than the reader's where that has no text.
    An organiser has written it: it is not `automatic`.
    """

    name: ClassVar[str] = "alert"
    automatic: ClassVar[bool] = False
    text_language: str
    title: str
    body_text: str
    body_html: str
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
class DigestMessage(PetitionMail):
    """The variables of a weekly digest."""

    name: ClassVar[str] = "digest"
    automatic: ClassVar[bool] = True
    headlines: Sequence[Headline]
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
    """Up to 50 mails for one call of SES, with one sender and one template for all."""

    recipients: Sequence[BulkRecipient]
    sender_name: str
    tags: Mapping[str, str]
    subject: str = "{{subject}}"
    text: str = "{{text}}"
    html: str = "{{html}}"
    variables: str = field(default=json.dumps({"subject": "", "text": "", "html": ""}))


def to_recipient(
    to: str,
    language: str,
    alert: AlertMessage | DigestMessage,
    *,
    mailing_list: MailingList,
    tags: Mapping[str, str],
) -> BulkRecipient:
    """One recipient's copy of an alert, with a link and one click to unsubscribe."""
    subject, text, html = petition_mails.render_parts(language, alert.name, alert)
    return BulkRecipient(
        to=to,
        variables=json.dumps({"subject": subject, "text": text, "html": html}, ensure_ascii=False),
        headers=mailing_list.headers(alert.unsubscribe, automatic=alert.automatic),
        tags=tags,
    )


def probe(count: int, *, tags: Mapping[str, str]) -> BulkEmail:
    """Mails to SES's mailbox simulator, which takes any mail and passes none on."""
    variables = json.dumps({"subject": "Probe", "text": "Probe", "html": "Probe"})
    return BulkEmail(
        recipients=[
            BulkRecipient(
                to=f"success+{number}@simulator.amazonses.com",
                variables=variables,
                headers={},
                tags={"recipient": str(number)},
            )
            for number in range(count)
        ],
        sender_name="",
        tags=tags,
    )
