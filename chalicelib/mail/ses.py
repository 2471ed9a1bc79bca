"""Sends mail by SES.

SES has no idempotency token. So the client makes a single attempt (see `wiring.py`), and each error
says whether SES has taken the mail: no (Throttled, Rejected) or perhaps (InDoubt).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
)

from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.mail.from_field import from_field

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import BulkEmailEntryTypeDef, MessageTagTypeDef

    # Every function makes a Sender, but few compose mails.
    from chalicelib.mail.alert_messages import BulkEmail
    from chalicelib.mail.messages import Email

_THROTTLING: Final = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException"})
_REJECTED: Final = frozenset({"BadRequestException", "MessageRejected"})
"""Faults of the mail itself. After all other faults the same mail can succeed later."""
_ENTRY_THROTTLED: Final = frozenset(
    {
        "ACCOUNT_THROTTLED",
        "ACCOUNT_DAILY_QUOTA_EXCEEDED",
        "ACCOUNT_SENDING_PAUSED",
        "CONFIGURATION_SET_SENDING_PAUSED",
        "TRANSIENT_FAILURE",
    }
)


class Throttled(Exception):
    """SES has not taken the mail; a later attempt may succeed."""


class Rejected(Exception):
    """SES refuses this mail for good."""


class InDoubt(Exception):
    """The answer was lost: SES may have taken the mail."""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The service's own From field, and the SES configuration set ("" for none)."""

    address: str
    configuration_set: str


def send(ses: "SESV2Client", sender: Sender, email: "Email") -> None:
    """Send one mail. One call. Raises Throttled, Rejected or InDoubt."""
    with _translated():
        ses.send_email(
            FromEmailAddress=from_field(sender.address, email.sender_name),
            Destination={"ToAddresses": [email.to]},
            Content={
                "Simple": {
                    "Subject": {"Data": email.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": email.text, "Charset": "UTF-8"},
                        "Html": {"Data": email.html, "Charset": "UTF-8"},
                    },
                    "Headers": [
                        {"Name": name, "Value": value} for name, value in email.headers.items()
                    ],
                }
            },
            EmailTags=_tags(email.tags),
            **_configuration(sender),
        )


def send_bulk(ses: "SESV2Client", sender: Sender, bulk: "BulkEmail") -> Sequence[Outcome]:
    """Send up to 50 mails in one call. Returns the outcome of each recipient, in their order.

    Raises Throttled, Rejected or InDoubt for the whole call.
    """
    entries: list[BulkEmailEntryTypeDef] = [
        {
            "Destination": {"ToAddresses": [recipient.to]},
            "ReplacementEmailContent": {
                "ReplacementTemplate": {"ReplacementTemplateData": recipient.variables}
            },
            "ReplacementHeaders": [
                {"Name": name, "Value": value} for name, value in recipient.headers.items()
            ],
            "ReplacementTags": _tags(recipient.tags),
        }
        for recipient in bulk.recipients
    ]
    with _translated():
        answer = ses.send_bulk_email(
            FromEmailAddress=from_field(sender.address, bulk.sender_name),
            DefaultContent={
                "Template": {
                    "TemplateContent": {
                        "Subject": bulk.subject,
                        "Text": bulk.text,
                        "Html": bulk.html,
                    },
                    "TemplateData": bulk.variables,
                }
            },
            DefaultEmailTags=_tags(bulk.tags),
            BulkEmailEntries=entries,
            **_configuration(sender),
        )
    return [_outcome(result["Status"]) for result in answer["BulkEmailEntryResults"]]


def _outcome(status: str) -> Outcome:
    if status == "SUCCESS":
        return Outcome.SENT
    return Outcome.THROTTLED if status in _ENTRY_THROTTLED else Outcome.REJECTED


def _tags(tags: Mapping[str, str]) -> "list[MessageTagTypeDef]":
    return [{"Name": name, "Value": value} for name, value in tags.items()]


def _configuration(sender: Sender) -> dict[str, Any]:
    if not sender.configuration_set:
        return {}
    return {"ConfigurationSetName": sender.configuration_set}


@contextmanager
def _translated() -> Iterator[None]:
    """Raise Throttled, Rejected or InDoubt for errors of botocore in the block."""
    try:
        yield
    except (ConnectTimeoutError, EndpointConnectionError) as error:
        raise Throttled("SES could not be reached") from error
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status >= 500 and code not in _THROTTLING:
            raise InDoubt(code) from error
        if code in _REJECTED:
            raise Rejected(code) from error
        raise Throttled(code) from error
    except BotoCoreError as error:
        raise InDoubt(type(error).__name__) from error
