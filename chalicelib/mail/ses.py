"""Sends mail by SES.

SES has no idempotency token. So the client makes a single attempt (see `wiring.py`), and each error
says whether SES has taken the mail: no (Throttled, RecipientFault, AccountFault) or perhaps
(InDoubt).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
)

from chalicelib.domain.alerts.pacing import AccountFigures
from chalicelib.mail import ses_faults
from chalicelib.mail.from_field import from_field
from chalicelib.mail.ses_faults import InDoubt, SendResult, Throttled

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import BulkEmailEntryTypeDef, MessageTagTypeDef

    # Every function makes a Sender, but few compose mails.
    from chalicelib.mail.alert_messages import BulkEmail
    from chalicelib.mail.composing import Email

_LEAST_RATE: Final = 0.1
"""Mails a second with which an account counts for which SES names none."""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The service's own From field, and the SES configuration set ("" for none)."""

    address: str
    configuration_set: str

    @property
    def bare_address(self) -> str:
        """The address without a name."""
        return parseaddr(self.address)[1]


def send(ses: "SESV2Client", sender: Sender, email: "Email") -> None:
    """Send one mail. One call. Raises Throttled, RecipientFault, AccountFault, InDoubt."""
    with _translated(sender.bare_address):
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


def send_bulk(ses: "SESV2Client", sender: Sender, bulk: "BulkEmail") -> Sequence[SendResult]:
    """Send up to 50 mails in one call. Returns the result of each recipient, in their order.

    Raises Throttled, RecipientFault, AccountFault, InDoubt for the whole call. A RecipientFault may
    be of any of them: the caller sends to each alone.
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
    with _translated(sender.bare_address):
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
    return [
        ses_faults.result(
            entry["Status"], error=entry.get("Error", ""), sender_address=sender.bare_address
        )
        for entry in answer["BulkEmailEntryResults"]
    ]


def get_account(ses: "SESV2Client") -> AccountFigures:
    """What SES says of the account. One call. Raises Throttled, AccountFault, InDoubt."""
    with _translated(""):
        answer = ses.get_account()
    limits = answer["SendQuota"]
    quota = round(limits["Max24HourSend"])
    return AccountFigures(
        rate=max(_LEAST_RATE, limits["MaxSendRate"]),
        quota=None if quota < 0 else quota,
        sent=round(limits["SentLast24Hours"]),
        sandbox=not answer["ProductionAccessEnabled"],
        enabled=answer["SendingEnabled"],
    )


def _tags(tags: Mapping[str, str]) -> "list[MessageTagTypeDef]":
    return [{"Name": name, "Value": value} for name, value in tags.items()]


def _configuration(sender: Sender) -> dict[str, Any]:
    if not sender.configuration_set:
        return {}
    return {"ConfigurationSetName": sender.configuration_set}


@contextmanager
def _translated(sender_address: str) -> Iterator[None]:
    """Raise one of the faults of SES for errors of botocore in the block."""
    try:
        yield
    except (ConnectTimeoutError, EndpointConnectionError) as error:
        raise Throttled("SES could not be reached") from error
    except ClientError as error:
        said = error.response.get("Error", {})
        raise ses_faults.fault(
            said.get("Code", ""),
            http_status=error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0),
            message=said.get("Message", ""),
            sender_address=sender_address,
        ) from error
    except BotoCoreError as error:
        raise InDoubt(type(error).__name__) from error
