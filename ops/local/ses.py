"""SES as far as Zaklik uses it, added to moto: mails go to the outbox, send events to a queue.

moto drops headers, text and tags of single sends, and has no `SendBulkEmail`.
"""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from moto.ses.exceptions import SesError
from moto.sesv2 import urls
from moto.sesv2.responses import SESV2Response
from moto.sqs.models import sqs_backends

from ops.local.clock import Clock
from ops.local.outbox import Mail, Outbox

MOST_ENTRIES: Final = 50
"""Destinations of one call (SES API v2 reference, SendBulkEmail)."""
_DETAIL_TYPES: Final = {"Send": "Email Sent", "Rendering Failure": "Email Rendering Failed"}
_BULK_PATH: Final = "{0}/v2/email/outbound-bulk-emails$"
_PLACE: Final = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


class BadRequest(SesError):
    """What SES says to a call that it cannot take."""

    code = "BadRequestException"


class MissingVariable(Exception):
    """A template names a variable that the call does not give."""


@dataclass(frozen=True, kw_only=True)
class Post:
    """Takes mails as SES would. `feedback_queue` is the name of the queue for its events."""

    outbox: Outbox
    clock: Clock
    feedback_queue: str

    def send(self, request: Mapping[str, Any]) -> str:
        """Take one mail (SendEmail with simple content); its id. Raises BadRequest."""
        try:
            content = request["Content"]["Simple"]
        except KeyError as error:
            raise BadRequest("Only simple content is known here.") from error
        body = content["Body"]
        return self._deliver(
            request,
            request["Destination"],
            subject=content["Subject"]["Data"],
            text=body.get("Text", {}).get("Data", ""),
            html=body.get("Html", {}).get("Data", ""),
            headers=_headers(content.get("Headers", [])),
        )

    def send_bulk(
        self, request: Mapping[str, Any], *, account: str, region: str
    ) -> Sequence[Mapping[str, str]]:
        """Take up to 50 mails of one template; a result for each. Raises BadRequest."""
        entries = request.get("BulkEmailEntries", [])
        if not 1 <= len(entries) <= MOST_ENTRIES:
            raise BadRequest(f"1 to {MOST_ENTRIES} destinations are allowed, not {len(entries)}.")
        results = []
        for entry in entries:
            tags = _merged_tags(request.get("DefaultEmailTags", []), entry)
            try:
                message_id = self._send_entry(request, entry)
            except MissingVariable:
                # SES takes the mail, finds the gap later and says so in an event.
                message_id, kind = uuid.uuid4().hex, "Rendering Failure"
            else:
                kind = "Send"
            event = self._event(kind, message_id, request=request, entry=entry, tags=tags)
            sqs_backends[account][region].send_message(self.feedback_queue, json.dumps(event))
            results.append({"Status": "SUCCESS", "MessageId": message_id})
        return results

    def _send_entry(self, request: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
        template = request["DefaultContent"]["Template"]
        content = template["TemplateContent"]
        replacement = entry.get("ReplacementEmailContent", {}).get("ReplacementTemplate", {})
        values = {
            **json.loads(template.get("TemplateData") or "{}"),
            **json.loads(replacement.get("ReplacementTemplateData") or "{}"),
        }
        headers = {
            **_headers(template.get("Headers", [])),
            **_headers(entry.get("ReplacementHeaders", [])),
        }
        return self._deliver(
            request,
            entry["Destination"],
            subject=_filled(content.get("Subject", ""), values),
            text=_filled(content.get("Text", ""), values),
            html=_filled(content.get("Html", ""), values),
            headers=headers,
        )

    def _deliver(
        self,
        request: Mapping[str, Any],
        destination: Mapping[str, Any],
        *,
        subject: str,
        text: str,
        html: str,
        headers: Mapping[str, str],
    ) -> str:
        mail = Mail(
            id=uuid.uuid4().hex,
            to=", ".join(destination.get("ToAddresses", [])),
            sender=request["FromEmailAddress"],
            subject=subject,
            text=text,
            html=html,
            headers=headers,
            sent_at=self.clock.now().isoformat(timespec="milliseconds"),
        )
        self.outbox.add(mail)
        return mail.id

    def _event(
        self,
        kind: str,
        message_id: str,
        *,
        request: Mapping[str, Any],
        entry: Mapping[str, Any],
        tags: Mapping[str, Sequence[str]],
    ) -> Mapping[str, Any]:
        """An event of SES as EventBridge puts it on the queue."""
        now = self.clock.now().isoformat(timespec="milliseconds")
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": _DETAIL_TYPES[kind],
            "source": "aws.ses",
            "time": now,
            "detail": {
                "eventType": kind,
                "mail": {
                    "timestamp": now,
                    "messageId": message_id,
                    "source": request["FromEmailAddress"],
                    "destination": entry["Destination"].get("ToAddresses", []),
                    "tags": tags,
                },
            },
        }


def install(post: Post) -> None:
    """Have moto's SES hand its mails to `post`."""

    def send_email(self: SESV2Response) -> str:
        return json.dumps({"MessageId": post.send(json.loads(self.body))})

    def send_bulk_email(self: SESV2Response) -> str:
        results = post.send_bulk(
            json.loads(self.body), account=self.current_account, region=self.region
        )
        return json.dumps({"BulkEmailEntryResults": results})

    # moto looks an action up by its name on this class.
    SESV2Response.send_email = send_email  # type: ignore[method-assign]
    SESV2Response.send_bulk_email = send_bulk_email  # type: ignore[attr-defined]
    # Its server looks the path up before that.
    urls.url_paths[_BULK_PATH] = SESV2Response.dispatch


def _filled(template: str, values: Mapping[str, Any]) -> str:
    """Put values into `{{places}}`, unescaped as SES does. Raises MissingVariable."""
    try:
        return _PLACE.sub(lambda found: str(values[found[1]]), template)
    except KeyError as error:
        raise MissingVariable from error


def _headers(entries: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {entry["Name"]: entry["Value"] for entry in entries}


def _merged_tags(
    default: Sequence[Mapping[str, str]], entry: Mapping[str, Any]
) -> Mapping[str, Sequence[str]]:
    """Tags of the call and of the entry, as events carry them: lists of values by name."""
    return {tag["Name"]: [tag["Value"]] for tag in [*default, *entry.get("ReplacementTags", [])]}
