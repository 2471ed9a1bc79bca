"""Single mails go from the queue to SES once, within the daily cap of their address."""

import pytest

from chalicelib.mail import jobs
from chalicelib.mail.jobs import SendMail
from chalicelib.usecases import mailing
from chalicelib.usecases.mailing import TryAgainLater
from tests.faults import AwsCalls, Crash, Fault, recorded
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


def test_queued_mails_are_sealed(world: World) -> None:
    world.sign(email="hanna@example.org", name="Ганна")
    url = world.services.settings.mail_queue_url
    [message] = world.sqs.receive_message(QueueUrl=url)["Messages"]

    assert "hanna" not in message["Body"]
    assert "Ганна" not in message["Body"]
    assert "example.org" not in message["Body"]
