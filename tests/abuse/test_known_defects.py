"""Known defects of other petition and mail services.

Each docstring names the defect; attacks are in the modules of their attackers.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.routes.events import queues, streams
from chalicelib.usecases.alerts import starting
from chalicelib.usecases.signatures import signing
from tests import builders
from tests.abuse.scenarios import CODE, PENDING, post_form, post_sign_form, subscribe
from tests.event_delivery import sqs_event, stream_event
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.routes.requests import SLUG, get, post
from tests.world import TABLES, World

ADDRESS = "hanna@example.org"
DAILY_MAILS = 3


# Signing.


def test_twenty_posts_at_once_are_three_mails_and_one_signature(threaded_world: World) -> None:
    """Elsewhere: twenty rows and twenty mails."""

    def send_form(_: int) -> None:
        signing.request_signature(
            threaded_world.services,
            slug=SLUG,
            language="en",
            fields=builders.sign_form(email=ADDRESS),
            network="198.51.100.0/24",
        )

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(send_form, range(20)))
    threaded_world.deliver_all(rounds=200)
    for mail in threaded_world.mails():
        threaded_world.post(threaded_world.link(mail), {})
    threaded_world.deliver_all()

    assert len(threaded_world.mails(ADDRESS)) == DAILY_MAILS
    assert len(threaded_world.signatures()) == 1
    assert threaded_world.count() == 1


def test_a_failing_mail_service_does_not_fail_the_form(
    world: World,
) -> None:
    """Elsewhere: mail is sent inside the request, which fails and leaves an unconfirmed row."""
    with recorded(AwsCalls(at="sesv2.SendEmail", fault=Fault.THROTTLED)):
        response = post_sign_form(ADDRESS)
        world.deliver_all()
    assert response.status == 200
    assert world.mails() == []
    assert world.signatures() == []

    world.make_messages_visible()
    world.deliver_all()
    assert len(world.mails(ADDRESS)) == 1


def test_an_error_of_the_mail_service_is_not_shown(world: World) -> None:
    """Elsewhere: the error text is on the page."""
    with recorded(AwsCalls(at="sqs.SendMessage", fault=Fault.THROTTLED)):
        response = post_sign_form(ADDRESS)

    assert response.status == 503
    for word in ("Throttl", "Rate exceeded", "quota", "SendMessage", "Exception"):
        assert word not in response.text
    assert f'value="{ADDRESS}"' in response.text


# Confirming.


def test_every_link_but_unsubscribing_and_blocking_expires(world: World) -> None:
    """Elsewhere: links still confirm after years."""
    post_sign_form(ADDRESS)
    post_form("subscribe", email=ADDRESS)
    world.deliver_all()
    links = [world.link(mail) for mail in world.mails()]
    world.sign_and_confirm(email="has.signed@example.org")
    links.append(world.ask_for_own_page("has.signed@example.org"))
    world.clock.advance(days=7, seconds=1)

    assert [post(link, {"do": "delete"}).status for link in links] == [410, 410, 410]
    assert [item["state"] for item in world.signatures()] == ["confirmed"]
    assert world.subscriptions() == []


def test_no_table_stores_a_token(world: World) -> None:
    """Elsewhere: they are stored as mailed, so a reader of the table can confirm."""
    page = post_sign_form(ADDRESS, alerts="yes").text
    world.deliver_all()
    post(world.link())
    world.ask_for_own_page(ADDRESS)
    pending = PENDING.search(page)
    assert pending
    tokens = {pending[1], *(world.link(mail).rpartition("/")[2] for mail in world.mails())}

    stored = repr([world.stored_items(name) for name in TABLES])
    assert len(tokens) == 4
    assert not any(token in stored or token[:40] in stored for token in tokens)


def test_tokens_are_not_sequential(world: World) -> None:
    """Elsewhere: a running number and a public reference are the opt-in."""
    for number in range(2):
        post_sign_form(f"same{number}@example.org")
    world.deliver_all()
    one, other = (world.link(mail).rpartition("/")[2] for mail in world.mails())

    assert len(one) == len(other)
    assert sum(a == b for a, b in zip(one, other, strict=True)) < len(one) / 4


def test_a_code_works_only_with_its_own_pending_token(world: World) -> None:
    pages = [post_sign_form(ADDRESS).text, post_sign_form(ADDRESS).text]
    world.deliver_all()
    code = CODE.search(world.mails()[0].text)
    pendings = [match[1] for page in pages if (match := PENDING.search(page))]
    assert code

    assert post_form("code", pending=pendings[1], code=code[1]).status == 422
    assert post_form("code", pending=pendings[0], code=code[1]).status == 200


# Withdrawing.


def test_a_signer_can_read_and_delete_their_data_after_the_petition_closed(world: World) -> None:
    """Elsewhere: people have to write to an organisation."""
    world.sign_and_confirm(email=ADDRESS, alerts="yes")
    world.publish(builders.petition(closes_on=builders.NOW.date()))
    world.clock.advance(days=30)

    own = world.ask_for_own_page(ADDRESS)
    assert "Open the door" in get(own).text
    assert post(own, {"do": "delete"}).status == 200
    world.deliver_all()
    assert world.count() == 0


def test_a_link_from_before_a_withdrawal_restores_nothing(world: World) -> None:
    """Neither the old link nor the old code restores signature or subscription."""
    page = post_sign_form(ADDRESS, alerts="yes").text
    world.deliver_all()
    link, code, pending = (
        world.link(),
        CODE.search(world.mails()[-1].text),
        PENDING.search(page),
    )
    assert code
    assert pending
    post(link)
    world.deliver_all()
    world.withdraw(ADDRESS)

    assert post(link).status == 410
    assert post_form("code", pending=pending[1], code=code[1]).status == 410
    world.deliver_all()
    assert world.count() == 0
    assert world.unsealed() == []
    assert {item["state"] for item in world.subscriptions()} == {"unsubscribed"}


def test_a_signer_can_sign_again_after_withdrawing(world: World) -> None:
    world.sign_and_confirm(email=ADDRESS)
    world.withdraw(ADDRESS)
    world.clock.advance(minutes=1)

    world.sign_and_confirm(email=ADDRESS)

    assert [item["state"] for item in world.signatures()] == ["confirmed"]
    assert world.count() == 1


# Mailing.


def test_the_aws_client_does_not_retry_after_a_timeout(world: World) -> None:
    """Elsewhere: the client library retries twice, which sends three mails."""
    calls = AwsCalls(at="sesv2.SendEmail", fault=Fault.ANSWER_LOST)
    post_sign_form(ADDRESS)
    with recorded(calls):
        world.deliver_all()

    assert len(world.mails(ADDRESS)) == 1
    assert calls.made.count("sesv2.SendEmail") == 1


def test_a_killed_worker_loses_no_mail(world: World) -> None:
    """Elsewhere: the queue stops, or recipients are skipped."""
    post_sign_form(ADDRESS)
    with recorded(AwsCalls(at="sesv2.SendEmail", fault=Fault.KILLED_BEFORE)), pytest.raises(Crash):
        world.deliver_all()
    assert world.mails() == []

    world.clock.advance(minutes=3)
    world.make_messages_visible()
    world.deliver_all()
    assert len(world.mails(ADDRESS)) == 1


def test_a_message_delivered_three_times_is_mailed_once(world: World) -> None:
    post_sign_form(ADDRESS)
    [message] = world.sqs.receive_message(QueueUrl=world.services.settings.mail_queue_url)[
        "Messages"
    ]
    for _ in range(3):
        world.invoke(queues.send_mail, sqs_event("zaklik-mail", message["Body"]))

    assert len(world.mails(ADDRESS)) == 1


def test_a_throttled_alert_does_not_delay_confirmations(world: World) -> None:
    """Elsewhere: one throttled campaign delays all others and every confirmation."""
    subscribe(world, "reader@example.org")
    starting.start_update(world.services, world.publish_update().id)
    calls = AwsCalls(at="sesv2.SendBulkEmail", fault=Fault.THROTTLED)
    with recorded(calls):
        post_sign_form(ADDRESS)
        world.deliver_all()

    assert "sesv2.SendBulkEmail" in calls.made
    assert len(world.mails(ADDRESS)) == 1


# Counting.


READS = ("dynamodb.GetItem", "dynamodb.BatchGetItem", "dynamodb.Query", "ssm.GetParameters")


def confirm_twenty(world: World) -> list[str]:
    """Confirm twenty signatures in one process; its calls of AWS but reads.

    Mailboxes of a rare domain are counted, up to thirty: whatever happens to that count, they
    confirm (tests/protection/test_domain_signals.py).
    """
    for number in range(20):
        post_sign_form(f"somebody{number}@gmail.com")
    world.deliver_all()
    world.services.cache.seconds = 1000
    with recorded(AwsCalls()) as calls:
        pages = [post(world.link(mail)) for mail in world.mails()]
    assert {page.status for page in pages} == {200}
    return [name for name in calls.made if name not in READS]


def test_confirming_writes_no_count_of_signatures(world: World) -> None:
    """Elsewhere: a counter in the request took the service down three times."""
    confirm_twenty(world)

    assert world.count() == 0
    world.deliver_all()
    assert world.count() == 20


def test_twenty_confirmations_at_once_are_one_write_of_figures(world: World) -> None:
    """The figures of mail providers and languages are counted in the process meanwhile."""
    assert Counter(confirm_twenty(world)) == {"dynamodb.PutItem": 20, "dynamodb.UpdateItem": 1}


def test_figures_that_cannot_be_written_cost_a_minute_of_confirmations_one_attempt(
    world: World,
) -> None:
    calls = AwsCalls(at="dynamodb.UpdateItem", fault=Fault.THROTTLED)
    for number in range(3):
        post_sign_form(f"somebody{number}@gmail.com")
    world.deliver_all()
    with recorded(calls):
        for mail in world.mails():
            assert post(world.link(mail)).status == 200
            world.clock.advance(seconds=20)

    assert calls.made.count("dynamodb.UpdateItem") == 1
    assert len(world.signatures()) == 3


def test_a_batch_retried_after_a_crash_counts_once(world: World) -> None:
    for number in range(3):
        post_sign_form(f"s{number}@example.org")
    world.deliver_all()
    for mail in world.mails():
        post(world.link(mail))
    batch = stream_event(world.stream_records())
    calls = AwsCalls(at="dynamodb.UpdateItem", fault=Fault.KILLED_AFTER)
    with recorded(calls), pytest.raises(Crash):
        world.invoke(streams.tally, batch)

    world.invoke(streams.tally, batch)

    assert world.count() == 3
