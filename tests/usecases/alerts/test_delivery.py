"""What SES says of a chunk: refused recipients or accounts, throttling; suppressed people."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.suppression import SuppressionReason
from chalicelib.people import blind_indexes
from chalicelib.store import suppressions
from chalicelib.store.alerts import alerts
from chalicelib.usecases.alerts import controlling, sending
from tests import builders
from tests.faults import AwsCalls, Fault, recorded
from tests.usecases.alerts.alerting import (
    lose_jobs,
    news,
    run_minutes,
    start,
    subscribe_many,
    waiting_jobs,
)
from tests.world import World

BULK_SEND = "sesv2.SendBulkEmail"


class Refusing(AwsCalls):
    """Refuses the first calls of SES with an error."""

    def __init__(self, code: str, times: int) -> None:
        super().__init__()
        self.code, self.times = code, times

    def pass_through(self, name: str, call: Callable[[], Any]) -> Any:
        if name != BULK_SEND or not self.times:
            return super().pass_through(name, call)
        self.made.append(name)
        self.times -= 1
        raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, name)


def totals(world: World, alert_id: str) -> Counter[Outcome]:
    return +Counter(dict(alerts.get(world.services.petitions, alert_id).totals))


def test_a_call_that_is_refused_for_one_recipient_is_made_for_each(world: World) -> None:
    """The call of all is refused, and that of the first alone."""
    subscribe_many(world, 3)
    alert_id = start(world)

    with recorded(Refusing("BadRequestException", 2)) as calls:
        world.deliver_all()
    run_minutes(world, 2)

    assert calls.made.count(BULK_SEND) == 4
    assert totals(world, alert_id) == {Outcome.SENT: 2, Outcome.REJECTED: 1}
    [missed] = controlling.missed(world.services, alert_id)
    assert missed.reason == "BadRequestException"


def test_throttled_mails_go_back_for_seconds_and_are_sent_once(world: World) -> None:
    addresses = subscribe_many(world, 3)
    alert_id = start(world)
    lose_jobs(world)
    with recorded(AwsCalls(at=BULK_SEND, fault=Fault.THROTTLED)):
        sending.send_chunk(world.services, builders.chunk_job(alert_id))
    progress = controlling.show(world.services, alert_id)
    waiting = len(waiting_jobs(world))

    run_minutes(world, 2)

    assert (progress.outcomes.total(), progress.left, waiting) == (0, 3, 1)
    assert sorted(mail.to for mail in news(world)) == addresses


def test_while_ses_refuses_the_account_nothing_is_settled(world: World) -> None:
    addresses = subscribe_many(world, 3)
    alert_id = start(world)

    with recorded(Refusing("SendingPausedException", 1)):
        world.deliver_all()
    progress = controlling.show(world.services, alert_id)
    run_minutes(world, 4)

    assert (progress.outcomes.total(), progress.left) == (0, 3)
    assert "paused" in progress.stopped
    assert sorted(mail.to for mail in news(world)) == addresses
    assert alerts.get(world.services.petitions, alert_id).state is AlertState.COMPLETE


def test_who_is_suppressed_is_not_mailed(world: World) -> None:
    first, *others = subscribe_many(world, 3)
    alert_id = start(world)
    index = blind_indexes.person_index(world.services, "open-door", email_address.parse(first))
    suppressions.add(
        world.services.subscribers, index, SuppressionReason.HARD_BOUNCE, now=world.clock.now()
    )

    run_minutes(world, 2)

    assert sorted(mail.to for mail in news(world)) == others
    assert totals(world, alert_id) == {Outcome.SENT: 2, Outcome.SUPPRESSED: 1}


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.ANSWER_LOST])
def test_what_fails_before_the_call_of_ses_goes_back_at_once(world: World, fault: Fault) -> None:
    addresses = subscribe_many(world, 3)
    alert_id = start(world)
    lose_jobs(world)
    with recorded(AwsCalls(at="dynamodb.BatchGetItem", fault=fault)), pytest.raises(Exception):  # noqa: B017, PT011
        sending.send_chunk(world.services, builders.chunk_job(alert_id))

    sending.send_chunk(world.services, builders.chunk_job(alert_id))

    assert sorted(mail.to for mail in news(world)) == addresses


def test_a_full_chunk_takes_seven_calls(world: World) -> None:
    """Once its worker knows the alert: 1,000 recipients are eleven chunks."""
    subscribe_many(world, 200)
    alert_id = start(world)
    lose_jobs(world)
    sending.send_chunk(world.services, builders.chunk_job(alert_id, 1))

    with recorded(AwsCalls()) as calls:
        sending.send_chunk(world.services, builders.chunk_job(alert_id, 0))

    assert calls.made == [
        "dynamodb.UpdateItem",
        "dynamodb.UpdateItem",
        "dynamodb.BatchGetItem",
        "dynamodb.BatchGetItem",
        BULK_SEND,
        BULK_SEND,
        "dynamodb.UpdateItem",
    ]
    assert len(news(world)) == 198


def test_fan_out_fills_chunks_across_shards(world: World) -> None:
    subscribe_many(world, 200)

    with recorded(AwsCalls()) as calls:
        alert_id = start(world)

    assert alerts.get(world.services.petitions, alert_id).chunk_count == 3
    # One publishes the update, one starts the alert, one writes the group.
    assert calls.made.count("dynamodb.TransactWriteItems") == 3
    assert calls.made.count("sqs.SendMessageBatch") == 1


def test_a_chunk_that_is_larger_than_the_rate_allows_is_sent_in_parts(world: World) -> None:
    addresses = subscribe_many(world, 20)
    start(world)
    world.grant_mails(rate=1)

    run_minutes(world, 8)

    assert sorted(mail.to for mail in news(world)) == addresses


def test_the_last_mails_of_the_daily_quota_go_to_a_part_of_a_chunk(world: World) -> None:
    addresses = subscribe_many(world, 6)
    start(world)
    world.grant_mails(quota=5)

    world.deliver_all()

    assert len(world.mails()) == 4, "a fifth is kept for single mails"
    [rest] = waiting_jobs(world)
    assert '\\"count\\":2' in rest.body
    assert {mail.to for mail in world.mails()} < set(addresses)


def test_the_text_is_that_of_the_start(world: World) -> None:
    subscribe_many(world, 1)
    start(world)
    texts = builders.update().texts
    changed = {language: texts[language] for language in ("be",)}
    world.publish_update(builders.update(texts=changed))

    world.deliver_all()

    assert "The door moved" in news(world)[0].text
    assert alerts.get(world.services.petitions, world.alert_id()).state is AlertState.OPEN
