"""Third act: somebody subscribes, an update is mailed, one leaves it and one withdraws."""

import json
from http.client import OK
from typing import Any, Final

from ops.rehearsal.driving import act_people
from ops.rehearsal.driving.scene import SLUG, UPDATE, Scene
from ops.rehearsal.driving.visitor import FORM_TYPE, link_in
from ops.rehearsal.steps import expect, expect_in, until

SUBSCRIBER: Final = "volha.cytacka@mail.example"
ID: Final = f"{SLUG}/{UPDATE}"
_ONE_CLICK: Final = {"List-Unsubscribe": "One-Click"}


def play(scene: Scene) -> None:
    """Subscribe, publish and send an update, note feedback, unsubscribe, withdraw."""
    scene.log.chapter("Alerting")
    _subscribe(scene)
    _send(scene)
    _note(scene)
    _unsubscribe(scene)
    _withdraw(scene)


def _subscribe(scene: Scene) -> None:
    visitor = scene.visitor()
    with scene.log.step("somebody else asks for news only, and confirms"):
        visitor.send(f"/en/{SLUG}/subscribe", {"email": SUBSCRIBER})
        mail = scene.inbox(SUBSCRIBER).wait_for(1)
        visitor.send(link_in(mail, scene.edge.url, "confirm-alerts"), {})
        expect("subscribers", len(scene.deployed.items("SubscribersTableName")), 2)


def _send(scene: Scene) -> None:
    terminal, visitor = scene.terminal, scene.visitor()
    with scene.log.step("zaklik update publish: a page and an entry in the feed"):
        terminal.type("update", "publish", str(scene.petition / "updates" / UPDATE))
        # A function that has just looked remembers for seconds that there was none.
        page, feed = f"/en/{SLUG}/updates/{UPDATE}", f"/en/{SLUG}/feed.atom"
        until("its page", lambda: visitor.ask("GET", page).status == OK)
        until("its entry", lambda: UPDATE in visitor.read(feed).text)
    with scene.log.step("zaklik update send: one mail to each of the two, by the deployed queues"):
        terminal.type("update", "send", ID)
        for address in (act_people.ADDRESS, SUBSCRIBER):
            scene.inbox(address).wait_for(2)
    with scene.log.step("zaklik update send, once more: nobody is mailed twice"):
        expect_in("it says so", "before", terminal.type("update", "send", ID))


def _note(scene: Scene) -> None:
    """SES's event of a mail, through the pattern and the transformer of the deployed rule."""
    deployed = scene.deployed
    events = deployed.client("events")
    with scene.log.step("an event of SES matches the rule, and RecordFeedback notes it"):
        tags = {"petition": [SLUG], "update": [UPDATE], "chunk": ["0"], "recipient": ["0"]}
        rule = events.describe_rule(Name=deployed.physical("MailSeen"))
        expect("the rule matches", _matches(events, rule["EventPattern"], tags), True)
        without = {name: value for name, value in tags.items() if name != "recipient"}
        expect("other mails do not", _matches(events, rule["EventPattern"], without), False)
        body = {"detail": {"eventType": "Send", "mail": {"tags": tags}}}
        deployed.client("sqs").send_message(
            QueueUrl=deployed.outputs["FeedbackQueueUrl"], MessageBody=json.dumps(body)
        )
        until("the line of the ledger", lambda: _seen(scene))


def _matches(events: Any, pattern: str, tags: dict[str, list[str]]) -> bool:
    configured = {"ses:configuration-set": ["zaklik"], **tags}
    event = {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Email Sent",
        "source": "aws.ses",
        "account": "123456789012",
        "time": "2026-03-08T12:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": {
            "eventType": "Send",
            "mail": {"destination": ["somebody@mail.example"], "tags": configured},
            "send": {},
        },
    }
    answer = events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))
    return bool(answer["Result"])


def _seen(scene: Scene) -> bool:
    return any(
        item["sk"].startswith("send-events#") for item in scene.deployed.items("PetitionsTableName")
    )


def _unsubscribe(scene: Scene) -> None:
    visitor = scene.visitor()
    with scene.log.step("one click in a mail program ends the news"):
        mail = scene.inbox(SUBSCRIBER).wait_for(2)
        link = link_in(mail, scene.edge.url, "unsubscribe")
        answer = visitor.ask("POST", link, fields=_ONE_CLICK, headers={"Content-Type": FORM_TYPE})
        expect("status", answer.status, 200)
        states = {item["state"] for item in scene.deployed.items("SubscribersTableName")}
        expect("states of subscribers", states, {"active", "unsubscribed"})


def _withdraw(scene: Scene) -> None:
    visitor, before = scene.visitor(), act_people.count(scene)
    with scene.log.step("a mailed link withdraws the signature: nothing sealed is left"):
        visitor.send(f"/en/{SLUG}/manage", {"email": act_people.ADDRESS})
        mail = scene.inbox(act_people.ADDRESS).wait_for(3)
        link = link_in(mail, scene.edge.url, "manage")
        visitor.read(link)
        visitor.send(link, {"do": "withdraw", "news": "stop"})
        (tombstone,) = scene.deployed.items("SignaturesTableName")
        expect("sealed", tombstone.get("sealed"), None)
    with scene.log.step("the count falls"):
        act_people.wait_for_count(scene, before - 1)
