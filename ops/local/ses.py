"""SES as far as Zaklik uses it, added to moto: mails go to the outbox, events to a queue.

moto drops headers, text and tags of single sends, and has no `SendBulkEmail`. Its own templates
(`moto.ses.template`) take forty times as long to fill.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, Final

from moto.ses.exceptions import SesError
from moto.sesv2 import urls
from moto.sesv2.responses import SESV2Response

from chalicelib.mail import from_field
from ops.local.outbox import Outbox, SentMail
from ops.local.ses_events import RENDERING_FAILURE, SesEvents, TakenMail, is_simulated

MAX_ENTRIES: Final = 50
"""Destinations of one call (SES API v2 reference, SendBulkEmail)."""
_BULK_PATH: Final = "{0}/v2/email/outbound-bulk-emails$"
_ACCOUNT_PATH: Final = "{0}/v2/email/account$"
_TAG: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""Names and values of tags (SES API v2 reference, MessageTag)."""
_VARIABLE: Final = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


class BadRequest(SesError):
    """SES's answer to a call that it cannot take."""

    code = "BadRequestException"


class SendingPaused(SesError):
    """SES's answer while it sends nothing for the account."""

    code = "SendingPausedException"


class TooManyRequests(SesError):
    """SES's answer beyond a limit of the account."""

    code = "TooManyRequestsException"


class SimulatedSes:
    """Takes mails as SES would, within a daily quota, and none while it is not `enabled`.

    `feedback_queue` is the name of the queue for its events.
    """

    def __init__(self, outbox: Outbox, now: Callable[[], datetime], feedback_queue: str) -> None:
        self._outbox = outbox
        self._now = now
        self.enabled = True
        self.rate = 1000.0
        self.quota = 1_000_000.0
        self.events = SesEvents(now, feedback_queue)

    def send(self, request: Mapping[str, Any]) -> str:
        """Take one mail (SendEmail with simple content); its id. Raises SesError."""
        self._check_account()
        try:
            content = request["Content"]["Simple"]
        except KeyError as error:
            raise BadRequest("Only simple content is known here.") from error
        tags = _tags(request.get("EmailTags", []))
        parts = {"Subject": content["Subject"], **content["Body"]}
        return self._deliver(
            _taken(request, request["Destination"], tags),
            {part: value["Data"] for part, value in parts.items()},
            _headers(content.get("Headers", [])),
        )

    def send_bulk(self, request: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
        """Take up to 50 mails of one template; a result for each. Raises SesError."""
        self._check_account()
        entries = request.get("BulkEmailEntries", [])
        if not 1 <= len(entries) <= MAX_ENTRIES:
            raise BadRequest(f"1 to {MAX_ENTRIES} destinations are allowed, not {len(entries)}.")
        return [
            {"Status": "SUCCESS", "MessageId": self._send_entry(request, entry)}
            for entry in entries
        ]

    def account(self) -> Mapping[str, Any]:
        """The account (GetAccount): its limits, and the mails of the last 24 hours."""
        return {
            "SendingEnabled": self.enabled,
            "ProductionAccessEnabled": True,
            "SendQuota": {
                "MaxSendRate": self.rate,
                "Max24HourSend": self.quota,
                "SentLast24Hours": self._sent_today(),
            },
        }

    def _check_account(self) -> None:
        if not self.enabled:
            raise SendingPaused("Sending is paused.")
        if len(self._outbox) >= self.quota and self._sent_today() >= self.quota:
            raise TooManyRequests("Daily message quota exceeded.")

    def _sent_today(self) -> int:
        """Mails of the last 24 hours."""
        since = (self._now() - timedelta(days=1)).isoformat(timespec="milliseconds")
        return sum(mail.sent_at > since for mail in self._outbox.all())

    def _send_entry(self, request: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
        tags = _tags([*request.get("DefaultEmailTags", []), *entry.get("ReplacementTags", [])])
        template = request["DefaultContent"]["Template"]
        replacement = entry.get("ReplacementEmailContent", {}).get("ReplacementTemplate", {})
        variables = {
            **json.loads(template.get("TemplateData") or "{}"),
            **json.loads(replacement.get("ReplacementTemplateData") or "{}"),
        }
        content: Mapping[str, str] = template["TemplateContent"]
        mail = _taken(request, entry["Destination"], tags)
        try:
            parts = {
                part: _VARIABLE.sub(lambda match: str(variables[match[1]]), text)
                for part, text in content.items()
            }
        except KeyError:
            # SES takes the mail, finds the missing variable later and reports it in an event.
            self.events.report(RENDERING_FAILURE, mail)
            return mail.message_id
        headers = [*template.get("Headers", []), *entry.get("ReplacementHeaders", [])]
        return self._deliver(mail, parts, _headers(headers))

    def _deliver(
        self, mail: TakenMail, parts: Mapping[str, str], headers: Mapping[str, str]
    ) -> str:
        """Put a mail into the outbox, unless to the simulator, and report it; its id."""
        sender = _read_from(mail.sender)
        if not is_simulated(mail):
            self._outbox.add(
                SentMail(
                    id=mail.message_id,
                    to=", ".join(mail.to),
                    sender=sender,
                    subject=parts.get("Subject", ""),
                    text=parts.get("Text", ""),
                    html=parts.get("Html", ""),
                    headers=headers,
                    sent_at=self._now().isoformat(timespec="milliseconds"),
                )
            )
        self.events.report_all(mail)
        return mail.message_id


def install(ses: SimulatedSes) -> None:
    """Replace the sending of moto's SES by `ses`. moto looks actions up by name on its class."""

    def send_email(self: SESV2Response) -> str:
        return json.dumps({"MessageId": ses.send(json.loads(self.body))})

    def send_bulk_email(self: SESV2Response) -> str:
        return json.dumps({"BulkEmailEntryResults": ses.send_bulk(json.loads(self.body))})

    def get_account(_: SESV2Response) -> str:
        return json.dumps(ses.account())

    SESV2Response.get_account = get_account  # type: ignore[attr-defined]
    SESV2Response.send_email = send_email  # type: ignore[method-assign]
    SESV2Response.send_bulk_email = send_bulk_email  # type: ignore[attr-defined]
    # moto's server knows no path but these.
    urls.url_paths[_ACCOUNT_PATH] = SESV2Response.dispatch
    urls.url_paths[_BULK_PATH] = SESV2Response.dispatch


def _read_from(field: str) -> str:
    """The From field as a mail program shows it. Raises BadRequest for one that SES refuses."""
    message = EmailMessage()
    try:
        message["From"] = field
    except ValueError as error:
        raise BadRequest("The sender is no header.") from error
    sender = message["From"]
    if not field.isascii() or sender.defects or len(sender.addresses) != 1:
        raise BadRequest("The sender is not one address, with a name in ASCII or encoded.")
    name, address = from_field.parsed(field)
    return f"{name} <{address}>" if name else address


def _taken(
    request: Mapping[str, Any], destination: Mapping[str, Any], tags: Mapping[str, str]
) -> TakenMail:
    return TakenMail(
        message_id=uuid.uuid4().hex,
        sender=request["FromEmailAddress"],
        to=destination.get("ToAddresses", []),
        tags=tags,
        configuration_set=request.get("ConfigurationSetName", ""),
    )


def _headers(entries: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {entry["Name"]: entry["Value"] for entry in entries}


def _tags(entries: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Tags by name. Raises BadRequest for text that SES does not take."""
    tags = {entry["Name"]: entry["Value"] for entry in entries}
    if not all(_TAG.fullmatch(text) for text in (*tags, *tags.values())):
        raise BadRequest("A tag may hold letters, digits, _ and - only.")
    return tags
