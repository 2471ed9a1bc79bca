"""A test is what a subscriber gets, marked, and to one address; SES's faults put it off."""

from datetime import timedelta

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.mailboxes import email_address
from chalicelib.usecases.alerts import starting, testing
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

ADDRESS = email_address.parse("anna@example.org")
UPDATE_ID = "open-door/first-news"


@pytest.fixture
def asked(world: World) -> World:
    """A service of which one test in Belarusian was asked."""
    testing.request_tests(world.services, world.publish_update(), ["be"], ADDRESS)
    return world


def test_a_test_is_the_mail_of_a_subscriber_with_a_mark(world: World) -> None:
    update = world.publish_update()
    world.sign_and_confirm(alerts="yes")
    mails = len(world.mails())
    testing.request_tests(world.services, update, list(update.texts), ADDRESS)
    world.deliver_all()
    tests = world.mails()[mails:]
    starting.start_update(world.services, UPDATE_ID)
    world.deliver_all()
    real = world.mails()[-1]

    assert [mail.to for mail in tests] == ["anna@example.org"] * len(update.texts)
    [english] = [mail for mail in tests if mail.subject == f"[Test] {real.subject}"]
    assert english.sender == real.sender
    assert english.headers.keys() == real.headers.keys()
    assert english.headers["List-Id"] == real.headers["List-Id"]
    own_link = world.link_to("unsubscribe", real), world.link_to("unsubscribe", english)
    assert real.text.replace(own_link[0], own_link[1]) == english.text
    assert "This was a test" in world.get(own_link[1]).body.decode()
    assert world.get(world.link(english)).status_code == 200


def test_the_mark_is_in_the_language_of_the_test(asked: World) -> None:
    asked.deliver_all()

    assert asked.mails()[-1].subject.startswith("[Тэст] ")


def test_the_message_in_the_queue_shows_no_address(asked: World) -> None:
    url = asked.services.settings.job_queue_url
    [message] = asked.sqs.receive_message(QueueUrl=url)["Messages"]

    assert "anna" not in message["Body"]


def test_a_test_waits_while_ses_throttles(asked: World) -> None:
    calls = AwsCalls(at="sesv2.SendBulkEmail", fault=Fault.THROTTLED)
    with recorded(calls):
        asked.deliver_all()
    before = len(asked.mails())
    asked.make_messages_visible()
    asked.deliver_all()

    assert (before, len(asked.mails())) == (0, 1)


def test_a_test_is_given_up_after_an_hour(asked: World) -> None:
    asked.clock.moment += timedelta(hours=1, seconds=1)
    with recorded(AwsCalls(at="sesv2.SendBulkEmail", fault=Fault.THROTTLED)):
        asked.deliver_all()
    asked.make_messages_visible()
    asked.deliver_all()

    assert asked.mails() == []
    assert asked.is_idle()


def test_a_test_whose_answer_is_lost_is_not_sent_twice(asked: World) -> None:
    with recorded(AwsCalls(at="sesv2.SendBulkEmail", fault=Fault.ANSWER_LOST)):
        asked.deliver_all()
    asked.make_messages_visible()
    asked.deliver_all()

    assert len(asked.mails()) == 1


def test_a_test_of_a_worker_that_died_before_the_call_comes_later(asked: World) -> None:
    with (
        recorded(AwsCalls(at="sesv2.SendBulkEmail", fault=Fault.KILLED_BEFORE)),
        pytest.raises(Crash),
    ):
        asked.deliver_all()
    asked.make_messages_visible()
    asked.deliver_all()

    assert len(asked.mails()) == 1


def test_what_cannot_be_queued_is_said(world: World) -> None:
    update = world.publish_update()

    with (
        recorded(AwsCalls(at="sqs.SendMessageBatch", fault=Fault.THROTTLED)),
        pytest.raises(Unavailable),
    ):
        testing.request_tests(world.services, update, ["en"], ADDRESS)
