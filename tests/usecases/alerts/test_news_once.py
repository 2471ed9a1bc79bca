"""Each subscriber gets each update once, at once or in a digest, however often they change that."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.subscriber import Confirmed, Frequency
from chalicelib.people import blind_indexes, links, sealed_records
from chalicelib.store import keys, subscribers
from chalicelib.store.alerts import digests
from chalicelib.usecases.alerts import controlling, fan_out, sending, starting
from chalicelib.wiring import Services
from ops.local.outbox import SentMail
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, intercepted, recorded
from tests.routes.markup import ParsedPage
from tests.usecases.alerts.alerting import lose_jobs
from tests.usecases.alerts.test_digests import (
    DIGEST_ID,
    IMMEDIATE,
    TO_MONDAY,
    WEEKLY,
    pass_minutes,
    pass_time,
    send,
    start,
    subscribe,
    titles_in,
)
from tests.world import World

FIRST, SECOND, THIRD = "The door moved", "It moved again", "The door stands open"
WEEK = timedelta(weeks=1)
EACH_TIME, ONCE_A_DAY, ONCE_A_WEEK = "each", "daily", "weekly"


@pytest.fixture
def readers(world: World) -> World:
    """An immediate and a weekly subscriber."""
    subscribe(world, IMMEDIATE, Frequency.EACH)
    subscribe(world, WEEKLY, Frequency.WEEKLY)
    return world


def choose(
    world: World, address: str, frequency: str, *, language: str = "en", slug: str = "open-door"
) -> int:
    """Send the form of the own page; the status of the answer."""
    link = links.self_service_link(world.services, slug, "en", email_address.parse(address))
    path = link.removeprefix(world.services.settings.public_url)
    fields = {"do": "change", "language": language, "frequency": frequency}
    return world.post(path, fields).status_code


def leave(world: World, address: str) -> None:
    assert subscribers.mark_unsubscribed(
        world.services.subscribers,
        "open-door",
        _index(world, address),
        now=world.clock.now(),
        link_lifetime=world.services.settings.link_lifetime,
    )


def come_back(world: World, address: str) -> None:
    """Subscribe again, by a new request."""
    world.clock.advance(seconds=1)
    confirmed = sealed_records.add_subscription(
        world.services,
        slug="open-door",
        language="en",
        address=email_address.parse(address),
        requested_at=world.clock.now(),
    )
    assert confirmed is not Confirmed.ENDED


def _index(world: World, address: str) -> str:
    return blind_indexes.subscriber_index(world.services, "open-door", email_address.parse(address))


def stored(world: World, address: str) -> dict[str, Any]:
    """The item of a subscriber."""
    return (
        world.services.subscribers.find(keys.subscriber("open-door", _index(world, address))) or {}
    )


def news_of(world: World, address: str) -> list[list[str]]:
    """The titles in each mail to an address."""
    return [titles_in(mail, FIRST, SECOND, THIRD) for mail in _alerts(world, address)]


def _alerts(world: World, address: str) -> list[SentMail]:
    return [mail for mail in world.mails(address) if "List-Unsubscribe" in mail.headers]


def test_news_that_came_at_once_does_not_come_again_in_the_digest(readers: World) -> None:
    send(readers, "first-news", title=FIRST)

    assert choose(readers, IMMEDIATE, ONCE_A_WEEK) == 200
    send(readers, "second-news", title=SECOND)
    pass_time(readers, TO_MONDAY)

    assert news_of(readers, IMMEDIATE) == [[FIRST], [SECOND]]
    assert news_of(readers, WEEKLY) == [[FIRST, SECOND]]


def test_news_that_waits_for_monday_still_comes_to_who_chose_each_time(readers: World) -> None:
    send(readers, "first-news", title=FIRST)

    assert choose(readers, WEEKLY, EACH_TIME) == 200
    send(readers, "second-news", title=SECOND)
    pass_time(readers, TO_MONDAY)

    assert news_of(readers, WEEKLY) == [[SECOND], [FIRST]]
    assert news_of(readers, IMMEDIATE) == [[FIRST], [SECOND]]


def test_a_digest_without_anything_new_is_not_sent(readers: World) -> None:
    send(readers, "first-news", title=FIRST)
    choose(readers, IMMEDIATE, ONCE_A_WEEK)

    pass_time(readers, TO_MONDAY)

    assert news_of(readers, IMMEDIATE) == [[FIRST]]
    assert readers.is_idle()


def test_who_changes_back_and_forth_gets_everything_once(readers: World) -> None:
    for frequency in (ONCE_A_WEEK, EACH_TIME) * 3:
        choose(readers, IMMEDIATE, frequency)
    send(readers, "first-news", title=FIRST)
    for frequency in (ONCE_A_WEEK, ONCE_A_WEEK, EACH_TIME, ONCE_A_WEEK):
        choose(readers, IMMEDIATE, frequency)
    send(readers, "second-news", title=SECOND)
    for frequency in (EACH_TIME, ONCE_A_WEEK, EACH_TIME, EACH_TIME):
        choose(readers, IMMEDIATE, frequency)
    send(readers, "third-news", title=THIRD)
    choose(readers, IMMEDIATE, ONCE_A_WEEK)

    pass_time(readers, TO_MONDAY)
    pass_time(readers, WEEK)

    assert news_of(readers, IMMEDIATE) == [[FIRST], [THIRD], [SECOND]]
    assert readers.is_idle()


def test_a_change_during_an_alert_leaves_its_news_on_its_way(readers: World) -> None:
    """Both before the fan-out has reached the subscriber and after it."""
    start(readers, "first-news", title=FIRST)
    choose(readers, IMMEDIATE, ONCE_A_WEEK)
    choose(readers, WEEKLY, EACH_TIME)
    fan_out.fan_out(readers.services, readers.alert_id())
    choose(readers, WEEKLY, ONCE_A_WEEK)
    readers.deliver_all()
    before_monday = [news_of(readers, address) for address in (IMMEDIATE, WEEKLY)]

    pass_time(readers, TO_MONDAY)

    assert before_monday == [[[FIRST]], []]
    assert news_of(readers, IMMEDIATE) == [[FIRST]]
    assert news_of(readers, WEEKLY) == [[FIRST]]


@pytest.mark.parametrize("fanned_out", [False, True])
def test_a_change_during_a_digest_leaves_its_news_on_its_way(
    readers: World, fanned_out: bool
) -> None:
    send(readers, "first-news", title=FIRST)
    readers.run_every_minute()
    readers.clock.moment += TO_MONDAY
    readers.run_every_minute()
    if fanned_out:
        fan_out.fan_out(readers.services, readers.alert_id(DIGEST_ID))

    choose(readers, IMMEDIATE, ONCE_A_WEEK)
    choose(readers, WEEKLY, EACH_TIME)
    readers.deliver_all()
    send(readers, "second-news", title=SECOND)
    pass_time(readers, WEEK)

    assert news_of(readers, IMMEDIATE) == [[FIRST], [SECOND]]
    assert news_of(readers, WEEKLY) == [[FIRST], [SECOND]]


def test_a_change_after_the_digest_neither_repeats_nor_loses_it(readers: World) -> None:
    send(readers, "first-news", title=FIRST)
    pass_time(readers, TO_MONDAY)

    choose(readers, IMMEDIATE, ONCE_A_WEEK)
    choose(readers, WEEKLY, EACH_TIME)
    send(readers, "second-news", title=SECOND)
    pass_time(readers, WEEK)

    assert news_of(readers, IMMEDIATE) == [[FIRST], [SECOND]]
    assert news_of(readers, WEEKLY) == [[FIRST], [SECOND]]


def test_weeks_without_a_schedule_lose_and_repeat_nothing(readers: World) -> None:
    for name, title in (("first-news", FIRST), ("second-news", SECOND), ("third-news", THIRD)):
        send(readers, name, title=title)
        frequency = ONCE_A_WEEK if name == "first-news" else EACH_TIME
        choose(readers, IMMEDIATE, frequency)
        readers.clock.advance(weeks=1)

    pass_minutes(readers, 5)

    assert news_of(readers, IMMEDIATE) == [[FIRST], [THIRD], [SECOND]]
    assert news_of(readers, WEEKLY) == [[FIRST, SECOND, THIRD]]


def test_a_change_holds_for_one_petition_only(readers: World) -> None:
    readers.publish(builders.petition(slug="shut-door"))
    subscribe(readers, IMMEDIATE, Frequency.EACH, slug="shut-door")
    for slug in ("open-door", "shut-door"):
        send(readers, "first-news", title=FIRST, slug=slug)

    choose(readers, IMMEDIATE, ONCE_A_WEEK, slug="shut-door")
    for slug in ("open-door", "shut-door"):
        send(readers, "second-news", title=SECOND, slug=slug)
    before_monday = len(_alerts(readers, IMMEDIATE))
    pass_time(readers, TO_MONDAY)

    assert before_monday == 3
    assert news_of(readers, IMMEDIATE)[3:] == [[SECOND]]


def test_another_language_changes_no_way(readers: World) -> None:
    send(readers, "first-news", title=FIRST)
    choose(readers, IMMEDIATE, ONCE_A_WEEK)
    choose(readers, WEEKLY, EACH_TIME)
    before = [stored(readers, address) for address in (IMMEDIATE, WEEKLY)]

    choose(readers, IMMEDIATE, ONCE_A_WEEK, language="ru")
    choose(readers, WEEKLY, EACH_TIME, language="ru")

    after = [stored(readers, address) for address in (IMMEDIATE, WEEKLY)]
    assert after == [{**item, "language": "ru"} for item in before]
    assert after[0]["ways"] == {"first-news": "each"}


def test_the_ways_that_are_kept_are_only_those_of_the_last_weeks(readers: World) -> None:
    """What is kept of a change goes with the next change, once the digest is through."""
    send(readers, "first-news", title=FIRST)
    choose(readers, IMMEDIATE, ONCE_A_WEEK)
    pass_time(readers, TO_MONDAY)
    send(readers, "second-news", title=SECOND)
    pass_time(readers, WEEK)

    choose(readers, IMMEDIATE, ONCE_A_WEEK)

    assert "ways" not in stored(readers, IMMEDIATE)


def test_a_new_subscriber_gets_no_older_news(readers: World) -> None:
    send(readers, "first-news", title=FIRST)
    late = "late@example.org"
    subscribe(readers, late, Frequency.WEEKLY)
    choose(readers, late, EACH_TIME)
    choose(readers, late, ONCE_A_WEEK)

    pass_time(readers, TO_MONDAY)

    assert news_of(readers, late) == []


def test_a_subscription_confirmed_during_an_alert_gets_its_news_at_most_once(
    readers: World,
) -> None:
    start(readers, "first-news", title=FIRST)
    late = "late@example.org"
    subscribe(readers, late, Frequency.EACH)
    choose(readers, late, ONCE_A_WEEK)
    readers.deliver_all()

    pass_time(readers, TO_MONDAY)

    assert news_of(readers, late) == [[FIRST]]


@pytest.mark.parametrize("afterwards", [EACH_TIME, ONCE_A_WEEK])
@pytest.mark.parametrize(("address", "before_leaving"), [(IMMEDIATE, [[FIRST]]), (WEEKLY, [])])
def test_who_leaves_and_comes_back_starts_anew(
    readers: World, address: str, before_leaving: list[list[str]], afterwards: str
) -> None:
    """Leaving ends what was due; nothing that was sent comes again."""
    send(readers, "first-news", title=FIRST)
    leave(readers, address)
    come_back(readers, address)
    choose(readers, address, afterwards)
    send(readers, "second-news", title=SECOND)

    pass_time(readers, TO_MONDAY)

    assert news_of(readers, address) == [*before_leaving, [SECOND]]


def test_who_comes_back_while_an_alert_runs_gets_its_news_once(readers: World) -> None:
    start(readers, "first-news", title=FIRST)
    lose_jobs(readers)
    readers.clock.moment += TO_MONDAY
    readers.run_every_minute()
    lose_jobs(readers)
    with suppress(AssertionError):
        fan_out.fan_out(readers.services, readers.alert_id(DIGEST_ID))
        sending.send_chunk(readers.services, builders.chunk_job(readers.alert_id(DIGEST_ID)))
    leave(readers, WEEKLY)
    come_back(readers, WEEKLY)

    readers.clock.advance(minutes=3)
    pass_minutes(readers, 5)

    assert news_of(readers, WEEKLY) == [[FIRST]]
    assert news_of(readers, IMMEDIATE) == [[FIRST]]
    assert readers.is_idle()


def test_leaving_deletes_the_names_too(readers: World) -> None:
    send(readers, "first-news", title=FIRST)
    choose(readers, IMMEDIATE, ONCE_A_WEEK)
    leave(readers, IMMEDIATE)

    assert stored(readers, IMMEDIATE).keys() == {
        *("pk", "sk", "state", "unsubscribed_at", "expires_at")
    }


def test_a_second_confirmation_keeps_frequency_and_ways(readers: World) -> None:
    send(readers, "first-news", title=FIRST)
    choose(readers, IMMEDIATE, ONCE_A_WEEK)
    before = stored(readers, IMMEDIATE)

    # The same mailbox in another spelling.
    readers.post("/en/open-door/subscribe", {"email": IMMEDIATE.upper()})
    readers.deliver_all()
    readers.post(readers.link(), {})
    readers.sign_and_confirm(email=IMMEDIATE, alerts="yes")
    pass_time(readers, TO_MONDAY)

    after = stored(readers, IMMEDIATE)
    assert [after[name] for name in ("frequency", "ways")] == ["weekly", {"first-news": "each"}]
    assert before["ways"] == {"first-news": "each"}
    assert news_of(readers, IMMEDIATE) == [[FIRST]]


@pytest.mark.parametrize(
    "damaged",
    ["first-news", 7, [b"x"], {b"first-news"}, {}, {"first-news": "never"}, {"first-news": {}}],
)
def test_damaged_ways_stop_nobody(readers: World, damaged: object) -> None:
    readers.services.subscribers.update(
        keys.subscriber("open-door", _index(readers, WEEKLY)),
        "SET ways = :damaged",
        values={":damaged": damaged},
    )

    send(readers, "first-news", title=FIRST)
    pass_time(readers, TO_MONDAY)
    repaired = choose(readers, WEEKLY, EACH_TIME)

    assert news_of(readers, IMMEDIATE) == [[FIRST]]
    assert news_of(readers, WEEKLY) == [[FIRST]]
    assert repaired == 200


@contextmanager
def during_the_change(world: World, action: Callable[[int], None]) -> Iterator[None]:
    """Run an action between the read and the write of each change; it gets the write's number."""
    numbers = itertools.count()
    running = False

    def run(**_: Any) -> None:
        nonlocal running
        if not running:
            running = True
            action(next(numbers))
            running = False

    client = world.services.subscribers.client
    with intercepted(client, "before-call.dynamodb.TransactWriteItems", run):
        yield


@pytest.mark.parametrize(
    ("address", "frequency", "news"),
    [
        (IMMEDIATE, ONCE_A_WEEK, [[FIRST], [SECOND]]),
        (WEEKLY, EACH_TIME, [[SECOND], [FIRST]]),
    ],
)
def test_an_alert_that_starts_during_a_change_goes_one_way(
    readers: World, address: str, frequency: str, news: list[list[str]]
) -> None:
    def send_once(number: int) -> None:
        if number == 0:
            send(readers, "first-news", title=FIRST)

    with during_the_change(readers, send_once):
        assert choose(readers, address, frequency) == 200
    send(readers, "second-news", title=SECOND)
    pass_time(readers, TO_MONDAY)

    assert news_of(readers, address) == news


def test_a_digest_that_starts_during_a_change_goes_one_way(readers: World) -> None:
    send(readers, "first-news", title=FIRST)
    readers.clock.moment += TO_MONDAY

    def start_digest(number: int) -> None:
        if number == 0:
            pass_minutes(readers)

    with during_the_change(readers, start_digest):
        choose(readers, IMMEDIATE, ONCE_A_WEEK)
    with during_the_change(readers, start_digest):
        choose(readers, WEEKLY, EACH_TIME)
    pass_minutes(readers, 3)

    assert news_of(readers, IMMEDIATE) == [[FIRST]]
    assert news_of(readers, WEEKLY) == [[FIRST]]


def test_alert_after_alert_during_a_change_leaves_it_undone_and_says_so(readers: World) -> None:
    before = stored(readers, IMMEDIATE)

    with during_the_change(readers, lambda number: send(readers, f"news-{number}")):
        link = links.self_service_link(
            readers.services, "open-door", "en", email_address.parse(IMMEDIATE)
        ).removeprefix(readers.services.settings.public_url)
        answer = readers.post(link, {"do": "change", "language": "be", "frequency": "weekly"})

    page = ParsedPage(answer.body.decode())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert [e["value"] for e in page.all("input") if "checked" in e.attributes] == ["weekly"]
    assert [e["value"] for e in page.all("option") if "selected" in e.attributes] == ["be"]
    assert "Please try again in a minute. Nothing has been left half done." in page.text
    assert stored(readers, IMMEDIATE) == before


def test_who_leaves_during_a_change_stays_away(readers: World) -> None:
    with during_the_change(readers, lambda _: leave(readers, IMMEDIATE)):
        status = choose(readers, IMMEDIATE, ONCE_A_WEEK)

    assert status == 410
    assert stored(readers, IMMEDIATE)["state"] == "unsubscribed"


@pytest.mark.parametrize("fault", list(Fault))
def test_a_change_that_fails_can_be_sent_again(readers: World, fault: Fault) -> None:
    send(readers, "first-news", title=FIRST)

    with recorded(AwsCalls(at="dynamodb.TransactWriteItems", fault=fault)), suppress(Crash):
        choose(readers, IMMEDIATE, ONCE_A_WEEK)
    again = choose(readers, IMMEDIATE, ONCE_A_WEEK)
    pass_time(readers, TO_MONDAY)

    assert again == 200
    assert news_of(readers, IMMEDIATE) == [[FIRST]]
    assert stored(readers, IMMEDIATE)["frequency"] == "weekly"


def test_a_change_is_one_read_and_one_transaction(readers: World) -> None:
    # This process has read its secrets.
    choose(readers, IMMEDIATE, EACH_TIME)

    with recorded(AwsCalls()) as calls:
        choose(readers, IMMEDIATE, ONCE_A_WEEK)

    change = [name for name in calls.made if name != "dynamodb.GetItem"]
    # The last call reads what the page then shows.
    assert change == [
        *("dynamodb.BatchGetItem", "dynamodb.TransactWriteItems", "dynamodb.BatchGetItem")
    ]


@pytest.mark.parametrize("stop", [controlling.pause, controlling.cancel])
def test_a_digest_leaves_out_an_update_that_was_stopped_and_waits_for_none(
    readers: World, stop: Callable[[Services, str], bool]
) -> None:
    start(readers, "first-news", title=FIRST)
    assert stop(readers.services, readers.alert_id())
    send(readers, "second-news", title=SECOND)

    pass_time(readers, TO_MONDAY)

    assert news_of(readers, IMMEDIATE) == [[SECOND]]
    assert news_of(readers, WEEKLY) == [[SECOND]]


def test_of_a_cancelled_update_no_digest_is_made_and_none_is_tried_again(readers: World) -> None:
    start(readers, "first-news", title=FIRST)
    assert controlling.cancel(readers.services, readers.alert_id())

    pass_time(readers, TO_MONDAY)
    pending = digests.get(readers.services.petitions, "open-door")
    pass_time(readers, WEEK)

    assert not pending.underway
    assert news_of(readers, WEEKLY) == []


def test_a_paused_update_comes_by_the_digest_after_it_goes_on(readers: World) -> None:
    start(readers, "first-news", title=FIRST)
    alert_id = readers.alert_id()
    assert controlling.pause(readers.services, alert_id)
    pass_time(readers, TO_MONDAY)
    send(readers, "second-news", title=SECOND)
    pass_time(readers, WEEK)

    choose(readers, WEEKLY, EACH_TIME)
    choose(readers, IMMEDIATE, ONCE_A_DAY)
    assert controlling.resume(readers.services, alert_id)
    pass_time(readers, WEEK)

    assert news_of(readers, IMMEDIATE) == [[SECOND], [FIRST]]
    assert news_of(readers, WEEKLY) == [[SECOND], [FIRST]]


def test_news_that_is_amended_moved_or_sent_again_comes_once(readers: World) -> None:
    soon = readers.clock.now() + timedelta(hours=1)
    readers.publish_update(builders.update(send_at=soon))
    readers.publish_update(builders.update(send_at=soon + timedelta(hours=1)))
    readers.clock.advance(hours=2)
    pass_minutes(readers)
    later = readers.clock.now() + timedelta(hours=1)
    readers.publish_update(builders.update(send_at=later, published_on=date(2026, 3, 2)))
    readers.clock.advance(hours=2)
    pass_minutes(readers)

    again = starting.start_update(readers.services, "open-door/first-news")
    pass_time(readers, TO_MONDAY)
    readers.publish_update(builders.update(send_at=readers.clock.now() + timedelta(days=1)))
    pass_time(readers, WEEK)

    assert again is None
    assert news_of(readers, IMMEDIATE) == [[FIRST]]
    assert news_of(readers, WEEKLY) == [[FIRST]]
