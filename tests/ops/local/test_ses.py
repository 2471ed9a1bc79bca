"""The simulated SES takes mails as the real one does, and puts them into the outbox."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ops.local import ses
from ops.local.aws import MotoServer
from ops.local.outbox import Outbox
from ops.local.state import AdjustableClock

FEEDBACK = "feedback"
TEMPLATE: Any = {"Subject": "{{subject}}", "Text": "Hello {{name}}", "Html": "<p>{{ name }}"}


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with mock_aws():
        boto3.client("sqs").create_queue(QueueName=FEEDBACK)
        outbox = Outbox(tmp_path / "outbox.jsonl")
        ses.install(ses.SimulatedSes(outbox, AdjustableClock().now, FEEDBACK))
        yield outbox


def entry(to: str, data: dict[str, str], **more: Any) -> dict[str, Any]:
    replacement = {"ReplacementTemplateData": json.dumps(data)}
    return {
        "Destination": {"ToAddresses": [to]},
        "ReplacementEmailContent": {"ReplacementTemplate": replacement},
        **more,
    }


def send_bulk(*entries: Any) -> list[Any]:
    answer = boto3.client("sesv2").send_bulk_email(
        FromEmailAddress="desk@example.org",
        ConfigurationSetName="zaklik",
        DefaultContent={
            "Template": {"TemplateContent": TEMPLATE, "TemplateData": '{"subject": "News"}'}
        },
        DefaultEmailTags=[
            {"Name": "chunk", "Value": "3"},
            {"Name": "recipient", "Value": "0"},
            {"Name": "attempt", "Value": "1"},
        ],
        BulkEmailEntries=entries,
    )
    return answer["BulkEmailEntryResults"]


def events() -> list[Any]:
    client = boto3.client("sqs")
    url = client.get_queue_url(QueueName=FEEDBACK)["QueueUrl"]
    answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_a_single_mail_keeps_its_text_html_and_headers(outbox: Outbox) -> None:
    boto3.client("sesv2").send_email(
        FromEmailAddress="desk@example.org",
        Destination={"ToAddresses": ["vera@example.org"]},
        Content={
            "Simple": {
                "Subject": {"Data": "Прывітанне"},
                "Body": {"Text": {"Data": "text"}, "Html": {"Data": "<p>html"}},
                "Headers": [{"Name": "Auto-Submitted", "Value": "auto-generated"}],
            }
        },
    )

    (mail,) = outbox.all()
    values = mail.to_json()
    assert values.keys() == {
        "id", "to", "from", "subject", "text", "html", "headers", "sent_at",
    }  # fmt: skip
    assert (values["from"], values["to"]) == ("desk@example.org", "vera@example.org")
    assert (mail.subject, mail.text, mail.html) == ("Прывітанне", "text", "<p>html")
    assert mail.headers == {"Auto-Submitted": "auto-generated"}


def test_each_mail_of_a_bulk_send_has_its_own_words_and_headers(outbox: Outbox) -> None:
    results = send_bulk(
        entry(
            "vera@example.org",
            {"name": "<Vera>"},
            ReplacementHeaders=[{"Name": "List-Unsubscribe", "Value": "<https://a>"}],
        ),
        entry("ada@example.org", {"name": "Ada", "subject": "Other news"}),
    )

    assert [result["Status"] for result in results] == ["SUCCESS", "SUCCESS"]
    vera, ada = outbox.all()
    assert (vera.to, vera.subject, vera.text) == ("vera@example.org", "News", "Hello <Vera>")
    assert (ada.subject, ada.html) == ("Other news", "<p>Ada")
    assert vera.headers == {"List-Unsubscribe": "<https://a>"}
    assert ada.headers == {}


def test_events_carry_the_tags_of_call_and_recipient_and_no_address(outbox: Outbox) -> None:
    tags = [{"Name": "recipient", "Value": "17"}, {"Name": "attempt", "Value": "2"}]

    send_bulk(entry("vera@example.org", {"name": "Vera"}, ReplacementTags=tags))

    reported = events()
    assert [event["kind"] for event in reported] == ["Send", "Delivery"]
    assert (
        reported[0]["tags"]
        == reported[1]["tags"]
        == {
            "chunk": ["3"],
            "attempt": ["2"],
            "recipient": ["17"],
            "ses:configuration-set": ["zaklik"],
        }
    )
    assert "vera" not in str(reported)
    assert len(outbox) == 1


@pytest.mark.parametrize(
    ("mailbox", "expected"),
    [
        ("success+7", ["Send", "Delivery"]),
        ("bounce", ["Send", "Bounce Permanent General"]),
        ("complaint", ["Send", "Delivery", "Complaint"]),
        ("ooto+a", ["Send", "Delivery", "Bounce Transient General"]),
        ("suppressionlist", ["Send", "Bounce Permanent Suppressed"]),
    ],
)
def test_mail_to_the_simulator_ends_as_its_name_says_and_nobody_reads_it(
    outbox: Outbox, mailbox: str, expected: list[str]
) -> None:
    send_bulk(entry(f"{mailbox}@simulator.amazonses.com", {"name": "Nobody"}))

    kinds = [
        " ".join(event[name] for name in ("kind", "type", "subtype") if name in event)
        for event in events()
    ]
    assert kinds == expected
    assert len(outbox) == 0


def test_of_single_mails_only_bounces_and_complaints_are_handed_on(outbox: Outbox) -> None:
    for mailbox in ("success", "bounce", "complaint"):
        boto3.client("sesv2").send_email(
            FromEmailAddress="desk@example.org",
            ConfigurationSetName="zaklik",
            Destination={"ToAddresses": [f"{mailbox}@simulator.amazonses.com"]},
            Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
        )

    assert [event["kind"] for event in events()] == ["Bounce", "Complaint"]
    assert len(outbox) == 0


def test_without_a_configuration_set_nothing_is_reported(outbox: Outbox) -> None:
    boto3.client("sesv2").send_email(
        FromEmailAddress="desk@example.org",
        Destination={"ToAddresses": ["bounce@simulator.amazonses.com"]},
        Content={"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
    )

    assert events() == []
    assert len(outbox) == 0


@pytest.mark.parametrize("value", ["", "vera@example.org", "a" * 257])
def test_a_tag_that_ses_does_not_take_is_refused(outbox: Outbox, value: str) -> None:
    tags = [{"Name": "recipient", "Value": value}]

    with pytest.raises(ClientError, match="BadRequestException"):
        send_bulk(entry("vera@example.org", {"name": "Vera"}, ReplacementTags=tags))

    assert len(outbox) == 0


def test_a_missing_variable_shows_in_an_event_only(outbox: Outbox) -> None:
    (result,) = send_bulk(entry("vera@example.org", {}))

    assert result["Status"] == "SUCCESS"
    assert [event["kind"] for event in events()] == ["Rendering Failure"]
    assert len(outbox) == 0


def test_more_than_fifty_recipients_are_refused(outbox: Outbox) -> None:
    recipients = [entry(f"a{number}@example.org", {"name": "A"}) for number in range(51)]

    with pytest.raises(ClientError, match="BadRequestException"):
        send_bulk(*recipients)

    assert len(outbox) == 0


def test_a_bulk_send_reaches_the_server_too(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = MotoServer(0)
    server.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)

    send_bulk(entry("vera@example.org", {"name": "Vera"}))

    server.stop()
    assert [mail.to for mail in outbox.all()] == ["vera@example.org"]
