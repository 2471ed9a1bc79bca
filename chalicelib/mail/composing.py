"""Single mails, composed from templates: what is handed to SES."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.mailboxes import email_address, provider_kinds
from chalicelib.mail import petition_mails
from chalicelib.mail.messages import MailContent


@dataclass(frozen=True, kw_only=True)
class Email:
    """A composed mail. `sender_name` is "" for the service's own. SES's events repeat `tags`."""

    to: str
    sender_name: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]
    tags: Mapping[str, str]

    def __repr__(self) -> str:
        return "Email(…)"


def compose(content: MailContent) -> Email:
    """Compose a mail in its language."""
    mail = content.mail
    subject, text, html = petition_mails.render_parts(content.language, mail.name, mail)
    return Email(
        to=content.to,
        sender_name=mail.sender_name,
        subject=subject,
        text=text,
        html=html,
        # RFC 3834: asks programs not to send vacation notices.
        headers={"Auto-Submitted": "auto-generated"},
        tags=_tags(content),
    )


def _tags(content: MailContent) -> dict[str, str]:
    """What SES's events repeat: no address, and of an organiser nothing but the kind of mail."""
    tags = {"mail": content.mail.name}
    if content.person:
        tags["person"] = content.person
    if not content.mail.kind.is_to_organiser:
        tags["petition"] = content.slug
        tags["provider"] = provider_kinds.kind_of(email_address.parse(content.to))
    return tags
