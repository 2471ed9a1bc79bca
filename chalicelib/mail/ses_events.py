"""SES's events about mails, as the rules of the template put them on the feedback queue.

They hold no address: only the tags that the mailer gave the mail, and what became of it.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from chalicelib.domain.alerts.feedback import EventKind
from chalicelib.domain.mailboxes.provider_kinds import ProviderKind
from chalicelib.domain.petitions.petition import SLUG

_KINDS: Final = {
    "Send": EventKind.SEND,
    "Delivery": EventKind.DELIVERY,
    "DeliveryDelay": EventKind.DELAY,
    "Complaint": EventKind.COMPLAINT,
    "Reject": EventKind.REJECT,
    "Rendering Failure": EventKind.RENDERING_FAILURE,
}
"""The kinds of SES's events but for bounces (SES developer guide, "Top-level JSON object")."""
_BOUNCES: Final = {
    "Permanent": EventKind.HARD_BOUNCE,
    "Transient": EventKind.SOFT_BOUNCE,
    "Undetermined": EventKind.SOFT_BOUNCE,
}
"""The types of bounces (SES developer guide, "Bounce types")."""
_OF_MAILBOX: Final = {("Transient", "General"), ("Transient", "MailboxFull")}
"""Soft bounces for which the mailbox is the reason, not the mail's size, content or files."""
_TAGS: Final = {
    "alert": re.compile(r"[a-z0-9-]{1,40}"),
    "chunk": re.compile(r"\d{1,8}"),
    "recipient": re.compile(r"\d{1,2}"),
    "person": re.compile(r"[0-9a-f]{34}"),
    "petition": SLUG,
    "provider": re.compile(r"[a-z-]{1,20}"),
}
"""What the tags of our mails look like. Events become keys of items, so nothing else is taken."""

_ANSWERS: Final = ("confirm_signature", "already_signed")
"""The mails that answer a sign form."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """The place of a mail in an alert: the chunk, and the position of its recipient there."""

    alert_id: str
    chunk: int
    position: int


@dataclass(frozen=True, kw_only=True)
class MailOrigin:
    """The petition that a mail was sent for, the kind of provider that it went to, and why.

    `answers_form`: it answers a sign form.
    """

    slug: str
    provider: ProviderKind
    answers_form: bool


@dataclass(frozen=True, kw_only=True)
class SoftBounce:
    """The day (UTC) on which a mailbox returned a mail, and a hash that distinguishes the mail."""

    mail: str
    bounced_on: date


@dataclass(frozen=True, kw_only=True)
class MailEvent:
    """An event about one mail. A mail that is of no alert has no recipient.

    `person` is the blind index of its address among the suppressions, "" for a mail of nobody's.
    `origin` is None for a mail to an organiser, and for a probe.
    `soft_bounce`: the mailbox did not take the mail for now.
    """

    kind: EventKind
    recipient: Recipient | None
    person: str
    soft_bounce: SoftBounce | None = None
    origin: MailOrigin | None = None


def read(body: str) -> MailEvent:
    """The event in a message. Raises KeyError, TypeError or ValueError for any other text."""
    event = json.loads(body)
    tags: Mapping[str, Sequence[str]] = dict(event["tags"])
    bounce = event["kind"] == "Bounce"
    return MailEvent(
        kind=_BOUNCES[event["type"]] if bounce else _KINDS[event["kind"]],
        recipient=_recipient(tags) if "recipient" in tags else None,
        person=_tag(tags, "person") if "person" in tags else "",
        soft_bounce=_soft_bounce(event) if bounce else None,
        origin=_origin(tags) if "petition" in tags else None,
    )


def _origin(tags: Mapping[str, Sequence[str]]) -> MailOrigin:
    [mail] = tags.get("mail", [""])
    return MailOrigin(
        slug=_tag(tags, "petition"),
        provider=ProviderKind(_tag(tags, "provider")),
        answers_form=mail in _ANSWERS,
    )


def _recipient(tags: Mapping[str, Sequence[str]]) -> Recipient:
    return Recipient(
        alert_id=_tag(tags, "alert"),
        chunk=int(_tag(tags, "chunk")),
        position=int(_tag(tags, "recipient")),
    )


def _tag(tags: Mapping[str, Sequence[str]], name: str) -> str:
    [value] = tags[name]
    if not _TAGS[name].fullmatch(value):
        raise ValueError("this is no tag of ours")
    return value


def _soft_bounce(event: Mapping[str, Any]) -> SoftBounce | None:
    if (event["type"], event["subtype"]) not in _OF_MAILBOX:
        return None
    return SoftBounce(
        mail=hashlib.sha256(event["message"].encode()).hexdigest()[:16],
        bounced_on=datetime.fromisoformat(event["time"]).date(),
    )
