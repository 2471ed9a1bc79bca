"""An alert reaches every subscriber once, through faults and redeliveries."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.errors import Message, NotFound
from chalicelib.domain.mailboxes import email_address
from chalicelib.mail import jobs
from chalicelib.mail.jobs import FanOut
from chalicelib.mail.mailing_list import MailingList
from chalicelib.people import blind_indexes
from chalicelib.rendering.translations import translate
from chalicelib.routes.events import errors, queues
from chalicelib.store.alerts import alerts as alerts_store
from chalicelib.usecases.alerts import fan_out, sending, starting
from ops.local.outbox import SentMail
from tests import builders
from tests.event_delivery import sqs_event
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded
from tests.in_process_service import PUBLIC_URL
from tests.world import World

UPDATE_ID = "open-door/first-news"
BULK_SEND = "sesv2.SendBulkEmail"


def subscribe(world: World, *addresses: str, language: str = "en") -> None:
    for address in addresses:
        world.sign(language=language, email=address, alerts="yes")
        world.deliver_all()
        world.post(world.link(), {})


def suppression_index(world: World, address: str) -> str:
    return blind_indexes.person_index(world.services, "open-door", email_address.parse(address))


def send(world: World) -> None:
    world.publish_update()
    starting.start_update(world.services, UPDATE_ID)
    world.deliver_all()


def alerts(world: World, to: str | None = None) -> list[SentMail]:
    return [mail for mail in world.mails(to) if "List-Unsubscribe" in mail.headers]


def test_every_subscriber_gets_the_update_once_in_their_language(world: World) -> None:
    subscribe(world, "en@example.org")
    subscribe(world, "be@example.org", language="be")
    subscribe(world, "ru@example.org", language="ru")

    send(world)

    assert {mail.to: (mail.subject, _title(mail)) for mail in alerts(world)} == {
        "en@example.org": ("There is news", "The door moved"),
        "be@example.org": ("Ёсць навіны", "Дзверы зрушылі"),
        # An update without a Russian text comes in its first language, all else in Russian.
        "ru@example.org": (translate(Message(text="There is news"), "ru"), "The door moved"),
    }
    html = {mail.to: mail.html for mail in alerts(world)}["ru@example.org"]
    assert '<html lang="ru">' in html
    assert '<div lang="en">' in html
    assert f"{PUBLIC_URL}/ru/unsubscribe/" in html


def test_who_reads_a_language_that_the_service_has_no_more_gets_a_mail(world: World) -> None:
    subscribe(world, "ru@example.org", language="ru")
    [item] = world.subscriptions()
    world.services.subscribers.update(
        {"pk": item["pk"], "sk": item["sk"]},
        "SET #language = :gone",
        names={"#language": "language"},
        values={":gone": "xx"},
    )

    send(world)

    [mail] = alerts(world)
    assert (mail.subject, _title(mail)) == ("There is news", "The door moved")


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.ANSWER_LOST])
def test_nobody_is_kept_from_leaving_by_a_salt_that_cannot_be_read(
    world: World, fault: Fault
) -> None:
    subscribe(world, "leaves@example.org")
    send(world)
    link = world.link_to("unsubscribe", alerts(world)[0])
    world.restart()

    with recorded(AwsCalls(at="dynamodb.GetItem", fault=fault)) as calls:
        left = world.post(link, {})

    assert "dynamodb.GetItem" in calls.made
    assert left.status_code == 200
    assert [item["state"] for item in world.subscriptions()] == ["unsubscribed"]


def _title(mail: SentMail) -> str:
    [title] = [title for title in ("The door moved", "Дзверы зрушылі") if title in mail.text]
    return title


def test_more_subscribers_than_a_chunk_holds_are_all_mailed(world: World) -> None:
    world.grant_mails(rate=0.5)
    addresses = [f"s{number}@example.org" for number in range(7)]
    subscribe(world, *addresses)

    send(world)

    assert sorted(mail.to for mail in alerts(world)) == addresses
    world.run_every_minute()
    alert = alerts_store.get(world.services.petitions, world.alert_id())
    assert alert.state is AlertState.COMPLETE
    assert alerts_store.list_open(world.services.petitions) == []


@dataclass
class Forbidden(AwsCalls):
    """Denies calls by name."""

    names: frozenset[str] = frozenset()

    def pass_through(self, name: str, call: Callable[[], Any]) -> Any:
        if name not in self.names:
            return super().pass_through(name, call)
        self.made.append(name)
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, name)


PRESSURE_IS_SEEN = "dynamodb.BatchGetItem"
DUE_IS_SEEN = "dynamodb.Query"
LAST_LOOK_IS_SEEN = "dynamodb.GetItem"


def test_alerts_are_sent_when_post_counts_cannot_be_read(world: World) -> None:
    subscribe(world, "hanna@example.org")
    world.publish_update(builders.update(send_at=builders.NOW))

    with (
        pytest.raises(errors.HandlerFailed),
        recorded(Forbidden(names=frozenset({PRESSURE_IS_SEEN}))),
    ):
        world.run_every_minute()
    world.deliver_all()

    assert len(alerts(world)) == 1


def test_pressure_is_checked_when_alerts_cannot_be_sent(
    world: World, log_lines: list[dict[str, Any]]
) -> None:
    # Public figures are not due again before the next moment.
    world.run_every_minute()
    log_lines.clear()
    with (
        recorded(Forbidden(names=frozenset({DUE_IS_SEEN}))) as calls,
        pytest.raises(errors.HandlerFailed),
    ):
        world.run_every_minute()
    assert calls.made[-5:] == [DUE_IS_SEEN] * 3 + [PRESSURE_IS_SEEN, LAST_LOOK_IS_SEEN]
    before = len(log_lines)

    both = frozenset({DUE_IS_SEEN, PRESSURE_IS_SEEN})
    with recorded(Forbidden(names=both)) as calls, pytest.raises(errors.HandlerFailed):
        world.run_every_minute()
    assert calls.made[-5:] == [DUE_IS_SEEN] * 3 + [PRESSURE_IS_SEEN, LAST_LOOK_IS_SEEN]
    # As before, and one line for the second step.
    assert len(log_lines) == 2 * before + 1


def test_an_update_is_sent_once_however_often_it_is_started(world: World) -> None:
    subscribe(world, "hanna@example.org")
    send(world)

    again = starting.start_update(world.services, UPDATE_ID)
    world.deliver_all()

    assert not again
    assert len(alerts(world)) == 1


def test_an_update_that_does_not_exist_cannot_be_sent(world: World) -> None:
    with pytest.raises(NotFound):
        starting.start_update(world.services, "open-door/no-such-news")


def test_a_subscriber_who_leaves_after_the_fan_out_is_not_mailed(world: World) -> None:
    subscribe(world, "stays@example.org", "leaves@example.org")
    send(world)
    [first] = alerts(world, "leaves@example.org")
    world.publish_update(builders.update(name="second-news"))
    starting.start_update(world.services, "open-door/second-news")
    fan_out.fan_out(world.services, world.alert_id("open-door/second-news"))

    world.post(_unsubscribe_link(first), {})
    world.deliver_all()

    assert len(alerts(world, "stays@example.org")) == 2
    assert len(alerts(world, "leaves@example.org")) == 1


def _unsubscribe_link(mail: SentMail) -> str:
    return mail.headers["List-Unsubscribe"].strip("<>").removeprefix("https://zaklik.example")


def test_an_old_link_does_not_subscribe_again_but_a_new_one_does(world: World) -> None:
    world.sign(email="hanna@example.org", alerts="yes")
    world.deliver_all()
    old_link = world.link()
    world.post(old_link, {})
    world.clock.advance(minutes=1)
    send(world)
    world.post(_unsubscribe_link(alerts(world)[0]), {})

    world.post(old_link, {})
    after_old_link = [item["state"] for item in world.subscriptions()]
    world.clock.advance(minutes=1)
    world.post("/en/open-door/subscribe", {"email": "hanna@example.org"})
    world.deliver_all()
    world.post(world.link(), {})

    assert after_old_link == ["unsubscribed"]
    assert [item["state"] for item in world.subscriptions()] == ["active"]


def test_redelivered_jobs_send_nothing_more(world: World) -> None:
    subscribe(world, "hanna@example.org")
    send(world)

    for body in (
        jobs.to_body(builders.chunk_job(world.alert_id()), world.services.job_key),
        jobs.to_body(FanOut(alert_id=world.alert_id()), world.services.job_key),
    ):
        queues.run_job(sqs_event("zaklik-jobs", body), None)
    world.run_every_minute()
    world.run_every_minute()
    world.deliver_all()

    assert len(alerts(world)) == 1


def test_a_scheduled_update_is_sent_once_when_due(world: World) -> None:
    subscribe(world, "hanna@example.org")
    due = builders.NOW + timedelta(hours=2)
    world.publish_update(builders.update(send_at=due))

    world.run_every_minute()
    world.deliver_all()
    early = len(alerts(world))
    world.clock.advance(hours=2)
    for _ in range(3):
        world.run_every_minute()
        world.deliver_all()

    assert early == 0
    assert len(alerts(world)) == 1


def test_a_late_tick_catches_up(world: World) -> None:
    subscribe(world, "hanna@example.org")
    world.publish_update(builders.update(send_at=builders.NOW + timedelta(hours=1)))
    world.publish_update(
        builders.update(name="second-news", send_at=builders.NOW + timedelta(hours=2))
    )

    world.clock.advance(days=2)
    world.run_every_minute()
    world.deliver_all()

    assert len(alerts(world)) == 2


def test_a_scheduled_update_can_be_moved_and_cancelled(world: World) -> None:
    subscribe(world, "hanna@example.org")
    world.publish_update(builders.update(send_at=builders.NOW + timedelta(hours=1)))
    world.publish_update(builders.update(send_at=builders.NOW + timedelta(hours=3)))
    world.clock.advance(hours=2)
    world.run_every_minute()
    world.deliver_all()
    moved = len(alerts(world))

    world.publish_update(builders.update(send_at=None))
    world.clock.advance(hours=2)
    world.run_every_minute()
    world.deliver_all()

    assert moved == 0
    assert alerts(world) == []


def test_a_throttled_chunk_is_sent_later_and_once(world: World) -> None:
    subscribe(world, "hanna@example.org")
    world.publish_update()
    starting.start_update(world.services, UPDATE_ID)
    fan_out.fan_out(world.services, world.alert_id())

    with recorded(AwsCalls(at=BULK_SEND, fault=Fault.THROTTLED)):
        sending.send_chunk(world.services, builders.chunk_job(world.alert_id()))
    at_first = len(alerts(world))
    world.make_messages_visible()
    world.deliver_all()

    assert at_first == 0
    assert len(alerts(world)) == 1


def test_a_doubtful_chunk_is_not_sent_again_to_delivered_recipients(world: World) -> None:
    subscribe(world, "hanna@example.org")
    world.publish_update()
    starting.start_update(world.services, UPDATE_ID)
    fan_out.fan_out(world.services, world.alert_id())
    with recorded(AwsCalls(at=BULK_SEND, fault=Fault.ANSWER_LOST)):
        sending.send_chunk(world.services, builders.chunk_job(world.alert_id()))

    for _ in range(10):
        world.clock.advance(minutes=3)
        world.run_every_minute()
        world.make_messages_visible()
        world.deliver_all()

    assert len(alerts(world)) == 1
    assert alerts_store.list_open(world.services.petitions) == []


def test_a_doubtful_chunk_without_feedback_is_sent_again(world: World) -> None:
    subscribe(world, "hanna@example.org")
    world.publish_update()
    starting.start_update(world.services, UPDATE_ID)
    fan_out.fan_out(world.services, world.alert_id())
    with (
        pytest.raises(Crash),
        recorded(AwsCalls(at=BULK_SEND, fault=Fault.KILLED_BEFORE)),
    ):
        sending.send_chunk(world.services, builders.chunk_job(world.alert_id()))

    world.clock.advance(minutes=14)
    world.run_every_minute()
    world.make_messages_visible()
    world.deliver_all()
    too_early = len(alerts(world))
    world.clock.advance(minutes=2)
    world.run_every_minute()
    world.deliver_all()

    assert too_early == 0
    assert len(alerts(world)) == 1


def test_an_alert_without_subscribers_completes(world: World) -> None:
    send(world)
    world.run_every_minute()

    assert alerts(world) == []
    assert alerts_store.list_open(world.services.petitions) == []


def test_alerts_and_chunks_hold_no_address(world: World) -> None:
    subscribe(world, "hanna@example.org")
    send(world)

    petitions_table: list[dict[str, Any]] = world.stored_items("petitions")

    assert "hanna" not in repr(petitions_table)


def test_an_address_that_cannot_be_unsealed_delays_no_other(world: World) -> None:
    subscribe(world, "one@example.org", "two@example.org")
    [broken, _] = world.subscriptions()
    world.services.subscribers.put(
        {"pk": broken["pk"], "sk": broken["sk"]}, {**broken, "sealed_address": b"\x01 damaged"}
    )

    send(world)
    world.run_every_minute()

    assert len(alerts(world)) == 1
    assert alerts_store.list_open(world.services.petitions) == []


def test_a_settled_alert_says_who_got_it_for_thirty_days(world: World) -> None:
    subscribe(world, "hanna@example.org")
    [subscription] = world.subscriptions()
    send(world)

    [chunk] = [item for item in world.stored_items("petitions") if item["sk"].startswith("chunk#")]
    assert chunk["recipients"] == [bytes.fromhex(subscription["sk"])]
    assert chunk["sent"] == {0}
    assert chunk["expires_at"] == int((builders.NOW + timedelta(days=30)).timestamp())


LIST_NAME = MailingList(slug="open-door", sender="", mailbox="").name


def test_the_tags_of_an_alert_name_its_id_its_petition_and_no_person(world: World) -> None:
    subscribe(world, "hanna@example.org")
    calls: list[Any] = []

    with intercepted(
        world.services.ses,
        "provide-client-params.sesv2.SendBulkEmail",
        lambda params, **_: calls.append(params),
    ):
        send(world)

    [call] = calls
    [recipient] = call["BulkEmailEntries"]
    assert {tag["Name"]: tag["Value"] for tag in call["DefaultEmailTags"]} == {
        "alert": world.alert_id(),
        "chunk": "0",
    }
    assert {tag["Name"]: tag["Value"] for tag in recipient["ReplacementTags"]} == {
        "recipient": "0",
        "attempt": "1",
        "person": suppression_index(world, "hanna@example.org"),
        "petition": "open-door",
        "provider": "other",
        "ses:feedback-id-a": "update",
        "ses:feedback-id-b": LIST_NAME,
    }
