"""SES: requests, outcomes, and the meaning of each fault."""

import json
from collections.abc import Callable, Iterator, Mapping
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

from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.mail import ses
from chalicelib.mail.alert_messages import BulkEmail, BulkRecipient
from chalicelib.mail.messages import Email
from chalicelib.mail.ses import InDoubt, Rejected, Sender, Throttled

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


ERRORS: Mapping[str, tuple[Callable[[], Exception], type[Exception]]] = {
    "too many": (lambda: _client_error("TooManyRequestsException", 429), Throttled),
    "throttled": (lambda: _client_error("ThrottlingException", 400), Throttled),
    "over the quota": (lambda: _client_error("LimitExceededException", 400), Throttled),
    "paused": (lambda: _client_error("SendingPausedException", 400), Throttled),
    "not reached": (lambda: EndpointConnectionError(endpoint_url=URL), Throttled),
    "not connected": (lambda: ConnectTimeoutError(endpoint_url=URL), Throttled),
    "rejected": (lambda: _client_error("MessageRejected", 400), Rejected),
    "bad request": (lambda: _client_error("BadRequestException", 400), Rejected),
    "no answer in time": (lambda: ReadTimeoutError(endpoint_url=URL), InDoubt),
    "cut off": (lambda: ConnectionClosedError(endpoint_url=URL), InDoubt),
    "broken": (lambda: _client_error("InternalServiceErrorException", 500), InDoubt),
    "gateway": (lambda: _client_error("502", 502), InDoubt),
    "overloaded": (lambda: _client_error("ServiceUnavailable", 503), InDoubt),
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


def test_a_throttling_code_takes_precedence_over_the_status(client: Any) -> None:
    def fail(**_: Any) -> None:
        raise _client_error("Throttling", 503)

    client.meta.events.register("before-call.sesv2.*", fail)

    with pytest.raises(Throttled):
        ses.send_bulk(client, SENDER, BULK)


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

    with pytest.raises(Rejected):
        ses.send(client, Sender(address="desk@zaklik.example", configuration_set=""), EMAIL)

    assert "ConfigurationSetName" not in bodies[0]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("SUCCESS", Outcome.SENT),
        ("ACCOUNT_THROTTLED", Outcome.THROTTLED),
        ("ACCOUNT_DAILY_QUOTA_EXCEEDED", Outcome.THROTTLED),
        ("ACCOUNT_SENDING_PAUSED", Outcome.THROTTLED),
        ("CONFIGURATION_SET_SENDING_PAUSED", Outcome.THROTTLED),
        ("TRANSIENT_FAILURE", Outcome.THROTTLED),
        ("MESSAGE_REJECTED", Outcome.REJECTED),
        ("INVALID_PARAMETER", Outcome.REJECTED),
        ("FAILED", Outcome.REJECTED),
    ],
)
def test_each_recipient_of_a_bulk_has_an_outcome_of_its_own(
    client: Any, stub: Stubber, status: str, outcome: Outcome
) -> None:
    stub.add_response(
        "send_bulk_email",
        {"BulkEmailEntryResults": [{"Status": status}, {"Status": "SUCCESS"}]},
    )

    assert ses.send_bulk(client, SENDER, BULK) == [outcome, Outcome.SENT]


def test_each_recipient_of_a_bulk_has_headers_and_tags_of_its_own(client: Any) -> None:
    bodies: list[Mapping[str, Any]] = []

    def record(params: Mapping[str, Any], **_: Any) -> None:
        bodies.append(json.loads(params["body"]))
        raise _client_error("MessageRejected", 400)

    client.meta.events.register("before-call.sesv2.*", record)

    with pytest.raises(Rejected):
        ses.send_bulk(client, SENDER, BULK)

    [body] = bodies
    first, second = body["BulkEmailEntries"]
    assert first["Destination"]["ToAddresses"] == ["p0@example.org"]
    assert second["ReplacementTags"] == [{"Name": "recipient", "Value": "1"}]
    assert first["ReplacementHeaders"][0]["Name"] == "List-Unsubscribe"
    assert body["DefaultEmailTags"] == [{"Name": "alert", "Value": "8c1f04d27be96a35"}]
    assert body["ConfigurationSetName"] == "events"
