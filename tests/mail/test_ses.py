"""SES: requests, outcomes, and the meaning of each fault."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.stub import Stubber

from chalicelib.mail import ses
from chalicelib.mail.alert_messages import BulkEmail, BulkRecipient
from chalicelib.mail.composing import Email
from chalicelib.mail.ses import Sender
from chalicelib.mail.ses_faults import (
    AccountFault,
    InDoubt,
    RecipientFault,
    SendResult,
    SendStatus,
    Throttled,
)

SENDER = Sender(address="Desk <desk@zaklik.example>", configuration_set="events")
EMAIL = Email(
    to="hanna@example.org",
    sender_name="",
    subject="Please confirm",
    text="Hello",
    html="<p>Hello</p>",
    headers={"Auto-Submitted": "auto-generated"},
    tags={"mail": "confirm_signature", "person": "9a41" * 8},
)
BULK = BulkEmail(
    recipients=[
        BulkRecipient(
            to=f"p{number}@example.org",
            variables=json.dumps({"subject": "s", "text": "t", "html": "h"}),
            headers={"List-Unsubscribe": "<https://zaklik.example/x>"},
            tags={"recipient": str(number)},
        )
        for number in range(2)
    ],
    sender_name="",
    tags={"alert": "8c1f04d27be96a35"},
)
URL = "https://email.example"


@pytest.fixture
def client() -> Any:
    """A client with a single attempt, as in the service."""
    return boto3.client("sesv2", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    """Stubbed answers of SES; arguments are checked against the model of the API."""
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def _client_error(code: str, status: int) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "hanna@example.org"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "SendEmail")


EXCEPTIONS: Mapping[str, tuple[int, type[Exception]]] = {
    "TooManyRequestsException": (429, Throttled),
    "ThrottlingException": (400, Throttled),
    "Throttling": (503, Throttled),
    "MessageRejected": (400, RecipientFault),
    "BadRequestException": (400, RecipientFault),
    "ValidationException": (400, RecipientFault),
    "NeverHeardOfException": (400, RecipientFault),
    "AccountSuspendedException": (400, AccountFault),
    "SendingPausedException": (400, AccountFault),
    "MailFromDomainNotVerifiedException": (400, AccountFault),
    "LimitExceededException": (400, AccountFault),
    "NotFoundException": (404, AccountFault),
    "AccessDeniedException": (403, AccountFault),
    "NeverHeardOfRefusal": (403, AccountFault),
    "ExpiredTokenException": (400, AccountFault),
    "InternalServiceErrorException": (500, InDoubt),
    "ServiceUnavailable": (503, InDoubt),
    "502": (502, InDoubt),
}
ERRORS: Mapping[str, tuple[Callable[[], Exception], type[Exception]]] = {
    "not reached": (lambda: EndpointConnectionError(endpoint_url=URL), Throttled),
    "not connected": (lambda: ConnectTimeoutError(endpoint_url=URL), Throttled),
    "no answer in time": (lambda: ReadTimeoutError(endpoint_url=URL), InDoubt),
    "cut off": (lambda: ConnectionClosedError(endpoint_url=URL), InDoubt),
    **{
        code: (partial(_client_error, code, status), kind)
        for code, (status, kind) in EXCEPTIONS.items()
    },
}


@pytest.mark.parametrize("fault", ERRORS)
@pytest.mark.parametrize("bulk", [False, True], ids=["single", "bulk"])
def test_each_fault_says_whether_the_mail_may_be_sent_again(
    client: Any, fault: str, bulk: bool
) -> None:
    make, expected = ERRORS[fault]

    def fail(**_: Any) -> None:
        raise make()

    client.meta.events.register("before-call.sesv2.*", fail)

    with pytest.raises(expected) as raised:
        ses.send_bulk(client, SENDER, BULK) if bulk else ses.send(client, SENDER, EMAIL)

    assert "hanna" not in str(raised.value)


def test_a_mail_is_sent_with_all_its_parts(client: Any, stub: Stubber) -> None:
    stub.add_response(
        "send_email",
        {"MessageId": "1"},
        {
            "FromEmailAddress": "Desk <desk@zaklik.example>",
            "Destination": {"ToAddresses": ["hanna@example.org"]},
            "Content": {
                "Simple": {
                    "Subject": {"Data": "Please confirm", "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": "Hello", "Charset": "UTF-8"},
                        "Html": {"Data": "<p>Hello</p>", "Charset": "UTF-8"},
                    },
                    "Headers": [{"Name": "Auto-Submitted", "Value": "auto-generated"}],
                }
            },
            "EmailTags": [
                {"Name": "mail", "Value": "confirm_signature"},
                {"Name": "person", "Value": "9a41" * 8},
            ],
            "ConfigurationSetName": "events",
        },
    )

    ses.send(client, SENDER, EMAIL)


def test_without_a_configuration_set_none_is_named(client: Any) -> None:
    bodies: list[Mapping[str, Any]] = []

    def record(params: Mapping[str, Any], **_: Any) -> None:
        bodies.append(json.loads(params["body"]))
        raise _client_error("MessageRejected", 400)

    client.meta.events.register("before-call.sesv2.*", record)

    with pytest.raises(RecipientFault):
        ses.send(client, Sender(address="desk@zaklik.example", configuration_set=""), EMAIL)

    assert "ConfigurationSetName" not in bodies[0]


STATUSES: Mapping[str, SendStatus] = {
    "SUCCESS": SendStatus.SENT,
    "MESSAGE_REJECTED": SendStatus.RECIPIENT_FAULT,
    "INVALID_PARAMETER": SendStatus.RECIPIENT_FAULT,
    "FAILED": SendStatus.RECIPIENT_FAULT,
    "ACCOUNT_THROTTLED": SendStatus.THROTTLED,
    "TRANSIENT_FAILURE": SendStatus.THROTTLED,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": SendStatus.ACCOUNT_FAULT,
    "ACCOUNT_SENDING_PAUSED": SendStatus.ACCOUNT_FAULT,
    "ACCOUNT_SUSPENDED": SendStatus.ACCOUNT_FAULT,
    "CONFIGURATION_SET_NOT_FOUND": SendStatus.ACCOUNT_FAULT,
    "CONFIGURATION_SET_SENDING_PAUSED": SendStatus.ACCOUNT_FAULT,
    "INVALID_SENDING_POOL_NAME": SendStatus.ACCOUNT_FAULT,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": SendStatus.ACCOUNT_FAULT,
    "TEMPLATE_NOT_FOUND": SendStatus.ACCOUNT_FAULT,
}


@pytest.mark.parametrize("status", STATUSES)
def test_each_recipient_of_a_bulk_has_a_result_of_its_own(
    client: Any, stub: Stubber, status: str
) -> None:
    stub.add_response(
        "send_bulk_email",
        {"BulkEmailEntryResults": [{"Status": status}, {"Status": "SUCCESS"}]},
    )

    first, second = ses.send_bulk(client, SENDER, BULK)

    assert first.status is STATUSES[status]
    assert first.reason == ("" if status == "SUCCESS" else status)
    assert second == SendResult(status=SendStatus.SENT)


def test_every_status_and_exception_that_ses_documents_is_known(client: Any) -> None:
    model = client.meta.service_model
    codes = {
        shape.name
        for operation in ("SendEmail", "SendBulkEmail")
        for shape in model.operation_model(operation).error_shapes
    }

    assert STATUSES.keys() == set(model.shape_for("BulkEmailStatus").enum)
    assert codes <= EXCEPTIONS.keys()


def test_a_refused_sender_is_no_fault_of_the_recipient(client: Any, stub: Stubber) -> None:
    error = "Email address is not verified. Identities that failed the check: Desk@zaklik.example"
    stub.add_response(
        "send_bulk_email",
        {
            "BulkEmailEntryResults": [
                {"Status": "MESSAGE_REJECTED", "Error": error},
                {"Status": "MESSAGE_REJECTED", "Error": "It contained a virus."},
            ]
        },
    )
    stub.add_client_error("send_email", "MessageRejected", error, 400)

    first, second = ses.send_bulk(client, SENDER, BULK)
    with pytest.raises(AccountFault) as raised:
        ses.send(client, SENDER, EMAIL)

    assert first.account_fault
    assert first.account_fault.reason == raised.value.reason
    assert "not verified" in raised.value.reason
    assert second.account_fault is None


def test_the_daily_quota_is_no_throttling(client: Any, stub: Stubber) -> None:
    for code in ("TooManyRequestsException", "ThrottlingException"):
        stub.add_client_error("send_email", code, "Daily message quota exceeded.", 400)
        stub.add_client_error("send_email", code, "Maximum sending rate exceeded.", 400)

    for _ in range(2):
        with pytest.raises(AccountFault) as raised:
            ses.send(client, SENDER, EMAIL)
        with pytest.raises(Throttled):
            ses.send(client, SENDER, EMAIL)

    assert raised.value.is_daily_quota


def test_each_recipient_of_a_bulk_has_headers_and_tags_of_its_own(client: Any) -> None:
    bodies: list[Mapping[str, Any]] = []

    def record(params: Mapping[str, Any], **_: Any) -> None:
        bodies.append(json.loads(params["body"]))
        raise _client_error("MessageRejected", 400)

    client.meta.events.register("before-call.sesv2.*", record)

    with pytest.raises(RecipientFault):
        ses.send_bulk(client, SENDER, BULK)

    [body] = bodies
    first, second = body["BulkEmailEntries"]
    assert first["Destination"]["ToAddresses"] == ["p0@example.org"]
    assert second["ReplacementTags"] == [{"Name": "recipient", "Value": "1"}]
    assert first["ReplacementHeaders"][0]["Name"] == "List-Unsubscribe"
    assert body["DefaultEmailTags"] == [{"Name": "alert", "Value": "8c1f04d27be96a35"}]
    assert body["ConfigurationSetName"] == "events"
