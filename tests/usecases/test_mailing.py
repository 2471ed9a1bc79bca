"""Single mails go from the queue to SES once, within the daily caps of their address."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.mailboxes import email_address
from chalicelib.mail import jobs
from chalicelib.mail.jobs import SendMail
from chalicelib.people import blind_indexes
from chalicelib.usecases import mailing
from chalicelib.usecases.mailing import TryAgainLater
from ops.local import moto_internals
from ops.local.resources import read_template
from tests import builders
from tests.abuse.scenarios import post_form
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded
from tests.world import World

SEND = "sesv2.SendEmail"


def queued_job(world: World, to: str = "hanna@example.org") -> SendMail:
    """The job that signing has queued, removed from the queue."""
    world.sign(email=to)
    url = world.services.settings.mail_queue_url
    [message] = world.sqs.receive_message(QueueUrl=url)["Messages"]
    world.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    job = jobs.from_body(message["Body"], world.services.secrets.job_keys)
    assert isinstance(job, SendMail)
    return job


def test_a_redelivered_message_is_not_mailed_again(world: World) -> None:
    job = queued_job(world)

    for _ in range(3):
        mailing.send_mail(world.services, job)

    assert len(world.mails("hanna@example.org")) == 1


def test_a_message_redelivered_after_midnight_is_not_mailed_again(world: World) -> None:
    job = queued_job(world)
    mailing.send_mail(world.services, job)

    world.clock.advance(days=1)
    mailing.send_mail(world.services, job)

    assert len(world.mails()) == 1


def test_a_second_worker_waits_for_the_lease_of_the_first(world: World) -> None:
    job = queued_job(world)
    with pytest.raises(Crash), recorded(AwsCalls(at=SEND, fault=Fault.KILLED_BEFORE)):
        mailing.send_mail(world.services, job)

    with pytest.raises(TryAgainLater):
        mailing.send_mail(world.services, job)

    assert world.mails() == []


def test_the_mail_of_a_killed_worker_is_sent_after_its_lease(world: World) -> None:
    job = queued_job(world)
    with pytest.raises(Crash), recorded(AwsCalls(at=SEND, fault=Fault.KILLED_BEFORE)):
        mailing.send_mail(world.services, job)

    world.clock.advance(minutes=3)
    mailing.send_mail(world.services, job)

    assert len(world.mails()) == 1


def test_a_throttled_mail_is_sent_at_the_next_delivery(world: World) -> None:
    job = queued_job(world)
    with (
        pytest.raises(TryAgainLater),
        recorded(AwsCalls(at=SEND, fault=Fault.THROTTLED)),
    ):
        mailing.send_mail(world.services, job)

    mailing.send_mail(world.services, job)

    assert len(world.mails()) == 1


def test_a_throttled_mail_uses_up_nothing(world: World) -> None:
    for _ in range(5):
        job = queued_job(world)
        with pytest.raises(TryAgainLater), recorded(AwsCalls(at=SEND, fault=Fault.THROTTLED)):
            mailing.send_mail(world.services, job)

    for _ in range(5):
        mailing.send_mail(world.services, queued_job(world))

    assert len(world.mails()) == world.services.settings.mails_per_network


def wait_and_deliver(world: World, seconds: float) -> None:
    """Deliver what is due after so many seconds; SQS's clock moves with the service's."""
    world.clock.advance(seconds=seconds)
    moto_internals.advance_messages(timedelta(seconds=seconds))
    world.deliver_all()


def test_a_mail_that_ses_throttles_comes_again_in_seconds(world: World) -> None:
    world.sign()
    with recorded(AwsCalls(at=SEND, fault=Fault.THROTTLED)):
        world.deliver_all()

    wait_and_deliver(world, 4)
    assert world.mails() == []
    wait_and_deliver(world, 2)
    assert len(world.mails()) == 1


def test_a_mail_waits_longer_each_time_but_never_long(world: World) -> None:
    world.ses.enabled = False
    world.sign()
    waits = []
    for _ in range(10):
        start = world.clock.now()
        count = received(world)
        while received(world) == count:
            wait_and_deliver(world, 1)
        waits.append((world.clock.now() - start).total_seconds())
        world.deliver_all()

    assert waits[1] <= 7
    assert 5 < max(waits) <= 360 * 1.2 + 2
    assert sorted(waits[1:8]) == waits[1:8]


def received(world: World) -> int:
    """How often the one message of the mail queue was delivered."""
    [message] = moto_internals.messages_of(moto_internals.queues()["zaklik-mail"])
    return int(message.approximate_receive_count)


def test_a_mail_survives_days_without_ses(world: World) -> None:
    world.ses.enabled = False
    world.sign()
    for _ in range(3):
        world.clock.advance(days=1)
        world.make_messages_visible()
        world.deliver_all()
    world.ses.enabled = True
    world.clock.advance(minutes=15)
    world.make_messages_visible()
    world.deliver_all()

    assert len(world.mails()) == 1


def test_a_mail_is_given_up_by_its_age(world: World, log_lines: list[dict[str, Any]]) -> None:
    world.sign()
    world.clock.advance(days=4, seconds=1)
    world.deliver_all()

    assert world.mails() == []
    assert world.is_idle()
    assert "mail given up: it has waited for 4 days" in [line["event"] for line in log_lines]


def test_the_deliveries_that_sqs_allows_outlast_the_age_of_a_mail() -> None:
    template = read_template()["Resources"]["MailQueue"]["Properties"]
    deliveries = template["RedrivePolicy"]["maxReceiveCount"]
    shortest = [min(360, 5 * 2**number) for number in range(deliveries)]

    assert timedelta(seconds=sum(shortest)) > mailing.MAX_AGE
    assert timedelta(seconds=template["MessageRetentionPeriod"]) > mailing.MAX_AGE


def test_a_mail_whose_return_cannot_be_set_comes_after_the_timeout_of_the_queue(
    world: World,
) -> None:
    world.ses.enabled = False
    world.sign()
    with recorded(AwsCalls(at="sqs.ChangeMessageVisibility", fault=Fault.THROTTLED)):
        world.deliver_all()
    world.ses.enabled = True

    wait_and_deliver(world, 170)
    assert world.mails() == []
    wait_and_deliver(world, 20)
    assert len(world.mails()) == 1


def test_mails_beyond_the_rate_wait_for_their_slots(world: World) -> None:
    world.grant_mails(rate=2)
    jobs_queued = [queued_job(world, f"p{number}@example.org") for number in range(9)]
    start = world.clock.now()
    for job in jobs_queued:
        mailing.send_mail(world.services, job)

    # A second's worth goes at once.
    assert world.clock.now() - start == timedelta(seconds=(9 - 1) / 2 - 1)
    assert len(world.mails()) == 9


def test_a_worker_that_dies_with_a_slot_loses_only_the_slot(world: World) -> None:
    job = queued_job(world)
    with pytest.raises(Crash), recorded(AwsCalls(at=SEND, fault=Fault.KILLED_BEFORE)):
        mailing.send_mail(world.services, job)
    world.restart()
    world.clock.advance(minutes=3)

    mailing.send_mail(world.services, job)

    assert len(world.mails()) == 1
    assert world.services.pace
    assert world.services.pace.slots == 2


def test_an_hour_of_throttling_loses_no_mail(world: World) -> None:
    for number in range(5):
        world.sign(email=f"p{number}@example.org")

    def refuse(**_: Any) -> None:
        raise ClientError(
            {"Error": {"Code": "TooManyRequestsException", "Message": "Maximum sending rate"}},
            "SendEmail",
        )

    with intercepted(world.services.ses, "before-call.sesv2.SendEmail", refuse):
        for _ in range(60):
            wait_and_deliver(world, 60)
    assert world.mails() == []
    wait_and_deliver(world, 450)

    assert len(world.mails()) == 5


def test_a_mail_counts_for_the_day_on_which_it_was_queued(world: World) -> None:
    world.clock.moment = world.clock.moment.replace(hour=23, minute=59)
    late = [queued_job(world) for _ in range(4)]
    world.clock.advance(minutes=2)
    for job in [*late, queued_job(world)]:
        mailing.send_mail(world.services, job)

    assert len(world.mails()) == 3 + 1


def test_mails_to_two_addresses_do_not_show_that_one_network_asked(world: World) -> None:
    for address in ("hanna@example.org", "nina@example.org"):
        mailing.send_mail(world.services, queued_job(world, address))

    items = [item for item in world.stored_items("limits") if "limit#mail#" in item["pk"]]
    askers = [name for item in items for name in item if name.startswith("mails#signature#")]
    assert len(set(askers)) == len(items) == 2
    assert "127.0.0" not in str(items)


@pytest.mark.parametrize("address", ["hanna@example.org", f"{'h' * 60}@{'x' * 60}.example.org"])
def test_every_message_of_the_queue_has_one_length(world: World, address: str) -> None:
    lengths = set()
    for form in ("subscribe", "manage", "sign"):
        for client in ("203.0.113.7", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"):
            post_form(form, client=client, **builders.sign_form(email=address))
            [message] = world.sqs.receive_message(
                QueueUrl=world.services.settings.mail_queue_url, VisibilityTimeout=600
            )["Messages"]
            lengths.add(len(message["Body"]))

    assert len(lengths) == 1


def test_queued_mails_are_sealed(world: World) -> None:
    world.sign(email="hanna@example.org", name="Ганна")
    url = world.services.settings.mail_queue_url
    [message] = world.sqs.receive_message(QueueUrl=url)["Messages"]

    assert "hanna" not in message["Body"]
    assert "Ганна" not in message["Body"]
    assert "example.org" not in message["Body"]


def test_the_tags_of_a_mail_name_it_and_hash_its_person(world: World) -> None:
    """SES repeats them in its events, without the address."""
    sent: list[Any] = []
    with intercepted(
        world.services.ses,
        "provide-client-params.sesv2.SendEmail",
        lambda params, **_: sent.append(params["EmailTags"]),
    ):
        for address in ("Hanna@example.org", "hanna@EXAMPLE.org", "nina@example.org"):
            mailing.send_mail(world.services, queued_job(world, address))

    person = [
        blind_indexes.suppression_index(world.services, email_address.parse(address))
        for address in ("hanna@example.org", "nina@example.org")
    ]
    assert [{tag["Name"]: tag["Value"] for tag in tags} for tags in sent] == [
        {"mail": "confirm_signature", "person": each, "petition": "open-door", "provider": "other"}
        for each in (person[0], person[0], person[1])
    ]
