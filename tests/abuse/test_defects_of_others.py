"""What has gone wrong on other petition and mail services, and what people complain of there.

Each test names a fault that was seen elsewhere, and shows it not to be one of ours. Those that are
an attack by somebody stand with their attacker, in the modules beside this one.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.routes.events import queues, streams
from chalicelib.usecases.alerts import fan_out
from chalicelib.usecases.signatures import signing
from tests import builders
from tests.abuse.people import CODE, PENDING, sends, signs, subscribes
from tests.faults import Calls, Fault, watched
from tests.routes.requests import SLUG, get, post
from tests.world import Crash, World, sqs_event, stream_event

ADDRESS = "hanna@example.org"
CAP = 6


# Signing.


def test_twenty_posts_at_once_are_six_mails_and_one_signature(busy: World) -> None:
    """Elsewhere they are twenty rows and twenty mails."""

    def ask(_: int) -> None:
        signing.request_signature(
            busy.services,
            slug=SLUG,
            language="en",
            fields=builders.sign_form(email=ADDRESS),
            network="198.51.100.0/24",
        )

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(ask, range(20)))
    busy.settle(rounds=200)
    for mail in busy.mails():
        busy.post(busy.link(mail), {})
    busy.settle()

    assert len(busy.mails(ADDRESS)) == CAP
    assert len(busy.signatures()) == 1
    assert busy.count() == 1


def test_mail_that_is_down_is_no_error_for_who_signs_and_nothing_is_half_made(
    world: World,
) -> None:
    """Elsewhere mail is sent inside the request: it fails, and a row stays that nobody confirms."""
    with watched(Calls(at="sesv2.SendEmail", fault=Fault.THROTTLED)):
        response = signs(ADDRESS)
        world.settle()
    assert response.status == 200
    assert world.mails() == []
    assert world.signatures() == []

    world.release_messages()
    world.settle()
    assert len(world.mails(ADDRESS)) == 1


def test_what_the_mail_service_says_of_its_quota_is_not_shown_to_a_visitor(world: World) -> None:
    """Elsewhere its error text stands on the page."""
    with watched(Calls(at="sqs.SendMessage", fault=Fault.THROTTLED)):
        response = signs(ADDRESS)

    assert response.status == 503
    for word in ("Throttl", "Rate exceeded", "quota", "SendMessage", "Exception"):
        assert word not in response.text
    assert f'value="{ADDRESS}"' in response.text


# Confirming.


def test_every_link_that_starts_something_expires(world: World) -> None:
    """Elsewhere links of years ago still confirm."""
    signs(ADDRESS)
    sends("subscribe", email=ADDRESS)
    world.settle()
    links = [world.link(mail) for mail in world.mails()]
    world.sign_and_confirm(email="has.signed@example.org")
    links.append(world.ask_for_own_page("has.signed@example.org"))
    world.clock.advance(days=7, seconds=1)

    assert [post(link, {"do": "delete"}).status for link in links] == [410, 410, 410]
    assert [item["state"] for item in world.signatures()] == ["confirmed"]
    assert world.subscriptions() == []


def test_no_token_lies_in_any_table(world: World) -> None:
    """Elsewhere they lie there as they were mailed, and a reader of the table confirms at will."""
    page = signs(ADDRESS, alerts="yes").text
    world.settle()
    post(world.link())
    world.ask_for_own_page(ADDRESS)
    pending = PENDING.search(page)
    assert pending
    tokens = {pending[1], *(world.link(mail).rpartition("/")[2] for mail in world.mails())}

    stored = repr([world.everything(name) for name in ("signatures", "subscribers", "petitions")])
    assert len(tokens) == 3
    assert not any(token in stored or token[:40] in stored for token in tokens)


def test_what_is_mailed_cannot_be_counted_up_to_the_next_persons(world: World) -> None:
    """Elsewhere a running number and a reference that anybody can ask for are the opt-in."""
    for number in range(2):
        signs(f"same{number}@example.org")
    world.settle()
    one, other = (world.link(mail).rpartition("/")[2] for mail in world.mails())

    assert len(one) == len(other)
    assert sum(a == b for a, b in zip(one, other, strict=True)) < len(one) / 4


def test_a_code_works_for_its_own_page_and_for_no_other(world: World) -> None:
    pages = [signs(ADDRESS).text, signs(ADDRESS).text]
    world.settle()
    code = CODE.search(world.mails()[0].text)
    pendings = [found[1] for page in pages if (found := PENDING.search(page))]
    assert code

    assert sends("code", pending=pendings[1], code=code[1]).status == 422
    assert sends("code", pending=pendings[0], code=code[1]).status == 200


# Withdrawing.


def test_what_did_i_sign_and_how_do_i_get_off_it_has_an_answer_at_any_time(world: World) -> None:
    """People ask for it everywhere, and are told to write to somebody."""
    world.sign_and_confirm(email=ADDRESS, alerts="yes")
    world.publish(builders.petition(closes_on=builders.NOW.date()))
    world.clock.advance(days=30)

    own = world.ask_for_own_page(ADDRESS)
    assert "Open the door" in get(own).text
    assert post(own, {"do": "delete"}).status == 200
    world.settle()
    assert world.count() == 0


def test_a_link_from_before_a_withdrawal_brings_nothing_back(world: World) -> None:
    """By link, by code, asked for again or renewed: what was ended stays ended."""
    page = signs(ADDRESS, alerts="yes").text
    world.settle()
    link, code, pending = (
        world.link(),
        CODE.search(world.mails()[-1].text),
        PENDING.search(page),
    )
    assert code
    assert pending
    post(link)
    world.settle()
    world.withdraw(ADDRESS)

    assert post(link).status == 410
    assert sends("code", pending=pending[1], code=code[1]).status == 410
    world.settle()
    assert world.count() == 0
    assert world.unsealed() == []
    assert {item["state"] for item in world.subscriptions()} == {"unsubscribed"}


def test_who_withdrew_can_sign_again(world: World) -> None:
    world.sign_and_confirm(email=ADDRESS)
    world.withdraw(ADDRESS)
    world.clock.advance(minutes=1)

    world.sign_and_confirm(email=ADDRESS)

    assert [item["state"] for item in world.signatures()] == ["confirmed"]
    assert world.count() == 1


# Mailing.


def test_a_call_whose_answer_is_lost_is_not_made_again_by_the_client(world: World) -> None:
    """Elsewhere the client library sends a timed-out request twice more: three mails."""
    calls = Calls(at="sesv2.SendEmail", fault=Fault.ANSWER_LOST)
    signs(ADDRESS)
    with watched(calls):
        world.settle()

    assert len(world.mails(ADDRESS)) == 1
    assert calls.made.count("sesv2.SendEmail") == 1


def test_a_worker_that_is_killed_loses_no_mail(world: World) -> None:
    """Elsewhere the queue stops for good, or people are skipped, when a worker is stopped."""
    signs(ADDRESS)
    with watched(Calls(at="sesv2.SendEmail", fault=Fault.KILLED_BEFORE)), pytest.raises(Crash):
        world.settle()
    assert world.mails() == []

    world.clock.advance(minutes=3)
    world.release_messages()
    world.settle()
    assert len(world.mails(ADDRESS)) == 1


def test_a_message_that_is_delivered_twice_is_mailed_once(world: World) -> None:
    signs(ADDRESS)
    [message] = world.sqs.receive_message(QueueUrl=world.services.settings.mail_queue_url)[
        "Messages"
    ]
    for _ in range(3):
        world.invoke(queues.send_mail, sqs_event("zaklik-mail", message["Body"]))

    assert len(world.mails(ADDRESS)) == 1


def test_an_alert_that_is_held_up_does_not_hold_up_who_signs(world: World) -> None:
    """Elsewhere one campaign that is throttled blocks all others, and every confirmation."""
    subscribes(world, "reader@example.org")
    fan_out.start_alert(world.services, world.publish_update().id)
    calls = Calls(at="sesv2.SendBulkEmail", fault=Fault.THROTTLED)
    with watched(calls):
        signs(ADDRESS)
        world.settle()

    assert "sesv2.SendBulkEmail" in calls.made
    assert len(world.mails(ADDRESS)) == 1


# Counting.


def test_signing_waits_for_no_counter(world: World) -> None:
    """Elsewhere a counter in the request took the service down three times."""
    signs(ADDRESS)
    world.settle()
    with watched(Calls()) as calls:
        world.services.cache.seconds = 1000
        post(world.link())

    writes = [name for name in calls.made if name not in ("dynamodb.GetItem", "dynamodb.Query")]
    assert writes == ["dynamodb.PutItem"]
    assert world.count() == 0
    world.settle()
    assert world.count() == 1


def test_a_batch_that_comes_again_after_a_crash_counts_once(world: World) -> None:
    for number in range(3):
        signs(f"s{number}@example.org")
    world.settle()
    for mail in world.mails():
        post(world.link(mail))
    batch = stream_event(world.stream_records())
    lost = Calls(at="dynamodb.UpdateItem", fault=Fault.KILLED_AFTER)
    with watched(lost), pytest.raises(Crash):
        world.invoke(streams.tally, batch)

    world.invoke(streams.tally, batch)

    assert world.count() == 3
