"""A person subscribes, an update is mailed, one unsubscribes and one withdraws."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.demo import PAGE, SLUG, SUBSCRIBER, UPDATE
from tests.e2e.drivers.command_line import CommandLine
from tests.e2e.drivers.deployed_stack import DeployedStack
from tests.e2e.drivers.waiter import wait_until
from tests.e2e.drivers.website import Website
from tests.e2e.engine.mailbox import Mailbox

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("stack", "stream_relay")]

TAGS: Final = {"alert": ["8c1f04d27be96a35"], "chunk": ["0"], "recipient": ["0"], "attempt": ["1"]}
SINGLE: Final = {"mail": ["welcome"], "person": ["01f" + "0" * 31]}
FEEDBACK: Final = "complaintFeedbackType"
BOUNCE: Final = {"bounceType": "Permanent", "bounceSubType": "General"}


def test_a_person_subscribes_confirms_and_is_welcomed(
    website: Website, stack: DeployedStack, signer: Mailbox, subscriber: Mailbox
) -> None:
    website.submit(f"{PAGE}/subscribe", {"email": SUBSCRIBER})
    website.submit(subscriber.link(1, "confirm-alerts"), {})

    for mailbox in (signer, subscriber):
        mailbox.wait_for(2)
    assert len(stack.items("SubscribersTableName")) == 2


def test_a_published_update_has_a_page_and_an_entry_in_the_feed(
    zaklik: CommandLine, petition: Path, website: Website
) -> None:
    zaklik("update", "publish", str(petition / "updates" / UPDATE))

    # A function remembers for seconds that there was no update.
    page, feed = f"{PAGE}/updates/{UPDATE}", f"{PAGE}/feed.atom"
    wait_until("the update's page", lambda: website.request("GET", page).status == 200)
    wait_until("its entry", lambda: UPDATE in website.read(feed).data.decode())


def test_an_alert_mails_each_subscriber_once(
    zaklik: CommandLine, signer: Mailbox, subscriber: Mailbox
) -> None:
    zaklik("update", "send", f"{SLUG}/{UPDATE}", "--yes")

    signer.wait_for(3)
    subscriber.wait_for(3)


def test_sending_it_again_mails_nobody(
    zaklik: CommandLine, signer: Mailbox, subscriber: Mailbox
) -> None:
    assert "before" in zaklik("update", "send", f"{SLUG}/{UPDATE}")

    assert len(signer.mails()) == len(subscriber.mails()) == 3


@pytest.mark.parametrize(
    ("rule", "kind", "detail", "tags", "expected"),
    [
        ("MailSeen", "Delivery", {"delivery": {}}, TAGS, True),
        ("MailSeen", "Delivery", {"delivery": {}}, SINGLE, False),
        ("MailSeen", "Open", {"open": {}}, TAGS, False),
        ("MailBounced", "Bounce", {"bounce": BOUNCE}, SINGLE, True),
        ("MailComplained", "Complaint", {"complaint": {}}, SINGLE, True),
        ("MailComplained", "Complaint", {"complaint": {FEEDBACK: "abuse"}}, SINGLE, True),
        ("MailComplained", "Complaint", {"complaint": {FEEDBACK: "not-spam"}}, SINGLE, False),
    ],
)
def test_a_rule_takes_the_events_that_end_or_settle_mails(
    stack: DeployedStack,
    rule: str,
    kind: str,
    detail: dict[str, Any],
    tags: dict[str, list[str]],
    expected: bool,
) -> None:
    events = stack.client("events")
    pattern = events.describe_rule(Name=stack.physical_id(rule))["EventPattern"]
    event = json.dumps(ses_event(kind, detail, tags))

    assert bool(events.test_event_pattern(EventPattern=pattern, Event=event)["Result"]) is expected


def ses_event(kind: str, detail: dict[str, Any], tags: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": f"Email {kind}",
        "source": "aws.ses",
        "account": "123456789012",
        "time": "2026-03-08T12:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": {
            "eventType": kind,
            "mail": {
                "destination": ["somebody@mail.example"],
                "tags": {"ses:configuration-set": ["zaklik"], **tags},
            },
            **detail,
        },
    }


def test_feedback_of_ses_is_recorded(stack: DeployedStack) -> None:
    stack.client("sqs").send_message(
        QueueUrl=stack.outputs["FeedbackQueueUrl"],
        MessageBody=json.dumps({"kind": "Send", "tags": TAGS}),
    )

    wait_until(
        "the record of the event",
        lambda: any(item["sk"].startswith("events#") for item in stack.items("PetitionsTableName")),
    )


def test_one_click_in_a_mail_program_unsubscribes(
    website: Website, stack: DeployedStack, subscriber: Mailbox
) -> None:
    website.unsubscribe_by_one_click(subscriber.link(3, "unsubscribe"))

    states = {item["state"] for item in stack.items("SubscribersTableName")}
    assert states == {"active", "unsubscribed"}


def test_withdrawing_by_a_mailed_link_leaves_nothing_sealed(
    website: Website, stack: DeployedStack, signer: Mailbox
) -> None:
    website.submit(f"{PAGE}/manage", {"email": signer.address})
    link = signer.link(4, "manage")
    website.read(link)
    website.submit(link, {"do": "withdraw", "news": "stop"})

    (tombstone,) = stack.items("SignaturesTableName")
    assert tombstone.get("sealed") is None


def test_the_tally_falls(stack: DeployedStack) -> None:
    wait_until("a tally of none", lambda: stack.tally(SLUG) == 0)


def test_a_bounce_suppresses_its_person(stack: DeployedStack) -> None:
    bounce = {"kind": "Bounce", "type": "Permanent", "subtype": "General", "tags": SINGLE}
    stack.client("sqs").send_message(
        QueueUrl=stack.outputs["FeedbackQueueUrl"],
        MessageBody=json.dumps({**bounce, "message": "m", "time": "2026-03-08T12:00:00Z"}),
    )

    wait_until(
        "the suppression",
        lambda: any(
            item.get("reason") == "hard-bounce" for item in stack.items("SubscribersTableName")
        ),
    )
