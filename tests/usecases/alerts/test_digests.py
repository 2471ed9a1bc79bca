"""Weekly subscribers get one digest on Monday, with all updates since the last.

`test_news_once.py` tests those who change how often they are mailed.
"""

from datetime import timedelta

import pytest

from chalicelib.domain.alerts.alert import Alert
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.petitions.update import UpdateText
from chalicelib.domain.subscriber import Frequency
from chalicelib.people import blind_indexes, sealed_records
from chalicelib.store import preferences
from chalicelib.store.alerts import alerts
from chalicelib.store.alerts import digests as digest_store
from chalicelib.store.integrity import tallies
from chalicelib.usecases.alerts import digests, fan_out, listing, sending, starting
from ops.local.outbox import SentMail
from tests import builders
from tests.faults import AwsCalls, Fault, recorded
from tests.world import World

WEEKLY = "weekly@example.org"
IMMEDIATE = "each@example.org"
DIGEST_ID = "open-door/week-2026-03-09"
TO_MONDAY = timedelta(hours=21)
"""The time from NOW, a Sunday noon, to the next digest."""


def subscribe(
    world: World,
    address: str,
    frequency: Frequency,
    *,
    language: str = "en",
    slug: str = "open-door",
) -> None:
    sealed_records.add_subscription(
        world.services,
        slug=slug,
        language=language,
        address=email_address.parse(address),
        requested_at=world.clock.now(),
    )
    switch(world, address, frequency, language=language, slug=slug)


def switch(
    world: World,
    address: str,
    frequency: Frequency,
    *,
    language: str = "en",
    slug: str = "open-door",
) -> None:
    index = blind_indexes.subscriber_index(world.services, slug, email_address.parse(address))
    assert preferences.save(
        world.services.subscribers,
        world.services.petitions,
        slug,
        index,
        language=language,
        frequency=frequency,
    )


def start(world: World, name: str, *, title: str = "", slug: str = "open-door") -> None:
    """Publish an update and start its alert."""
    update = builders.update(slug=slug, name=name)
    if title:
        text = UpdateText(title=title, summary=f"{title}!", html=f"<p>{title}</p>", text=title)
        update = builders.update(slug=slug, name=name, texts={"en": text})
    world.publish_update(update)
    assert starting.start_update(world.services, update.id)


def send(world: World, name: str, *, title: str = "", slug: str = "open-door") -> None:
    start(world, name, title=title, slug=slug)
    world.deliver_all()


def pass_minutes(world: World, count: int = 1) -> None:
    for _ in range(count):
        world.run_every_minute()
        world.deliver_all()
        world.clock.advance(minutes=1)


def pass_time(world: World, step: timedelta) -> None:
    """Move the clock, then run the schedule for some minutes."""
    world.clock.moment += step
    pass_minutes(world, 3)


def _alert(world: World) -> Alert:
    """The alert of the first digest."""
    return alerts.get(world.services.petitions, world.alert_id(DIGEST_ID))


def titles_in(mail: SentMail, *titles: str) -> list[str]:
    """The titles that are in both parts of a mail."""
    text = " ".join(mail.text.split())
    return [title for title in titles if title in text and title in mail.html]


@pytest.fixture
def two_subscribers(world: World) -> World:
    """An immediate and a weekly subscriber."""
    subscribe(world, IMMEDIATE, Frequency.EACH)
    subscribe(world, WEEKLY, Frequency.WEEKLY)
    return world


def test_two_updates_are_two_alerts_or_one_digest(
    two_subscribers: World,
) -> None:
    send(two_subscribers, "first-news", title="The door moved")
    send(two_subscribers, "second-news", title="The door stands open")
    before_monday = len(two_subscribers.mails(WEEKLY))

    pass_time(two_subscribers, TO_MONDAY)

    [digest] = two_subscribers.mails(WEEKLY)
    assert before_monday == 0
    assert len(two_subscribers.mails(IMMEDIATE)) == 2
    assert titles_in(digest, "The door moved", "The door stands open") == [
        "The door moved",
        "The door stands open",
    ]
    assert digest.text.index("The door moved") < digest.text.index("The door stands open")
    assert _alert(two_subscribers).update_names == (
        "first-news",
        "second-news",
    )
    assert two_subscribers.is_idle()


def test_the_digest_is_sent_on_monday_at_nine(two_subscribers: World) -> None:
    send(two_subscribers, "first-news")

    pass_time(two_subscribers, TO_MONDAY - timedelta(minutes=4))
    too_early = len(two_subscribers.mails(WEEKLY))
    pass_minutes(two_subscribers, 2)

    assert too_early == 0
    assert len(two_subscribers.mails(WEEKLY)) == 1


def test_a_week_without_updates_has_no_digest(two_subscribers: World) -> None:
    two_subscribers.publish_update()
    for _ in range(3):
        pass_time(two_subscribers, timedelta(weeks=1))

    assert two_subscribers.mails() == []
    assert not [
        item
        for item in two_subscribers.stored_items("petitions")
        if "week-" in f"{item['pk']}{item['sk']}"
    ]


def test_the_next_digest_holds_only_new_updates(two_subscribers: World) -> None:
    send(two_subscribers, "first-news", title="The door moved")
    pass_time(two_subscribers, TO_MONDAY)
    send(two_subscribers, "second-news", title="The door stands open")

    pass_time(two_subscribers, timedelta(weeks=1))

    first, second = two_subscribers.mails(WEEKLY)
    assert titles_in(first, "The door moved", "The door stands open") == ["The door moved"]
    assert titles_in(second, "The door moved", "The door stands open") == ["The door stands open"]


def test_an_update_during_a_digest_belongs_to_the_next(two_subscribers: World) -> None:
    send(two_subscribers, "first-news", title="The door moved")
    two_subscribers.clock.moment += TO_MONDAY
    two_subscribers.run_every_minute()
    fan_out.fan_out(two_subscribers.services, two_subscribers.alert_id(DIGEST_ID))

    send(two_subscribers, "second-news", title="The door stands open")
    pass_time(two_subscribers, timedelta(weeks=1))

    first, second = two_subscribers.mails(WEEKLY)
    assert titles_in(first, "The door moved", "The door stands open") == ["The door moved"]
    assert titles_in(second, "The door moved", "The door stands open") == ["The door stands open"]


def test_an_alert_that_is_written_after_the_digest_waits_another_week(
    two_subscribers: World,
) -> None:
    """It starts a second before nine and is written after the digest."""
    send(two_subscribers, "first-news", title="The door moved")
    pass_time(two_subscribers, TO_MONDAY)
    noon = two_subscribers.clock.now()
    two_subscribers.clock.moment = builders.NOW + TO_MONDAY - timedelta(seconds=1)
    send(two_subscribers, "second-news", title="The door stands open")
    two_subscribers.clock.moment = noon

    calls = AwsCalls()
    with recorded(calls):
        pass_minutes(two_subscribers, 3)
    this_week = len(two_subscribers.mails(WEEKLY))
    pass_time(two_subscribers, timedelta(weeks=1))

    # The second alert is settled and completed; no digest is tried.
    assert calls.made.count("dynamodb.TransactWriteItems") == 2
    assert this_week == 1
    assert titles_in(two_subscribers.mails(WEEKLY)[1], "The door stands open") == [
        "The door stands open"
    ]


def test_weeks_without_a_schedule_end_in_one_digest(two_subscribers: World) -> None:
    """Updates are begun by an organiser's command and go on by queues: no tick is needed.

    Who wants fewer mails is not repaid with three at once.
    """
    titles = ["The door moved", "It moved again", "The door stands open"]
    for number, title in enumerate(titles):
        send(two_subscribers, f"news-{number}", title=title)
        two_subscribers.clock.advance(weeks=1)

    pass_minutes(two_subscribers, 5)

    [digest] = two_subscribers.mails(WEEKLY)
    assert titles_in(digest, *titles) == titles
    items = two_subscribers.stored_items("petitions")
    names = {item["name"] for item in items if item.get("kind") == "digest"}
    assert names == {"day-2026-03-29", "week-2026-03-23"}


def test_two_concurrent_ticks_make_one_digest(two_subscribers: World) -> None:
    send(two_subscribers, "first-news")
    two_subscribers.clock.moment += TO_MONDAY
    [waiting] = digest_store.list_pending(two_subscribers.services.petitions)

    services = two_subscribers.services
    added = [digests.start(services, waiting, Frequency.WEEKLY) for _ in range(2)]
    pass_minutes(two_subscribers, 5)

    assert [bool(alert_id) for alert_id in added] == [True, False]
    assert len(two_subscribers.mails(WEEKLY)) == 1


def test_a_digest_includes_an_update_that_was_added_meanwhile(two_subscribers: World) -> None:
    send(two_subscribers, "first-news", title="The door moved")
    two_subscribers.clock.moment += TO_MONDAY
    [waiting] = digest_store.list_pending(two_subscribers.services.petitions)
    send(two_subscribers, "second-news", title="The door stands open")

    added = digests.start(two_subscribers.services, waiting, Frequency.WEEKLY)
    pass_minutes(two_subscribers)

    [digest] = two_subscribers.mails(WEEKLY)
    assert not added
    assert len(titles_in(digest, "The door moved", "The door stands open")) == 2


def test_an_unsubscribed_address_gets_no_digest(two_subscribers: World) -> None:
    send(two_subscribers, "first-news")
    pass_time(two_subscribers, TO_MONDAY)
    [first] = two_subscribers.mails(WEEKLY)
    send(two_subscribers, "second-news")
    two_subscribers.clock.moment += timedelta(weeks=1)
    two_subscribers.run_every_minute()
    fan_out.fan_out(two_subscribers.services, two_subscribers.alert_id("open-door/week-2026-03-16"))

    link = first.headers["List-Unsubscribe"].strip("<>").removeprefix("https://zaklik.example")
    two_subscribers.post(link, {})
    pass_minutes(two_subscribers, 3)

    assert len(two_subscribers.mails(WEEKLY)) == 1
    assert two_subscribers.is_idle()


def test_the_digest_is_in_the_language_of_its_subscriber(world: World) -> None:
    for language in ("en", "be", "ru"):
        subscribe(world, f"{language}@example.org", Frequency.WEEKLY, language=language)
    send(world, "first-news")

    pass_time(world, TO_MONDAY)

    mails = {mail.to.partition("@")[0]: mail for mail in world.mails()}
    subjects = {language: mail.subject for language, mail in mails.items()}
    assert len(set(subjects.values())) == 3
    in_belarusian = ("Дзверы зрушылі", "Адчыніце дзверы", "/be/open-door/updates/first-news")
    assert titles_in(mails["be"], *in_belarusian) == list(in_belarusian)
    # The update has no Russian text: its title comes in its first language, all else in Russian.
    assert "The door moved" in mails["ru"].text
    assert "/en/open-door/updates/first-news" in mails["ru"].text
    assert "Откройте дверь" in mails["ru"].text
    assert '<html lang="ru">' in mails["ru"].html
    assert '<h2 lang="en"' in mails["ru"].html


def test_each_petition_has_its_own_digest(world: World) -> None:
    world.publish(builders.petition(slug="shut-door"))
    for slug in ("open-door", "shut-door"):
        subscribe(world, WEEKLY, Frequency.WEEKLY, slug=slug)
        send(world, "first-news", title=f"News of {slug}", slug=slug)

    pass_time(world, TO_MONDAY)

    titles = ("News of open-door", "News of shut-door")
    assert sorted(titles_in(mail, *titles) for mail in world.mails()) == [
        [title] for title in titles
    ]


def test_many_immediate_subscribers_do_not_delay_a_digest(world: World) -> None:
    """Fan-out moves its cursor past pages without recipients."""
    for number in range(60):
        subscribe(world, f"reader{number}@example.org", Frequency.EACH)
    subscribe(world, WEEKLY, Frequency.WEEKLY)
    send(world, "first-news")
    world.restart()
    world.clock.moment += TO_MONDAY
    world.run_every_minute()
    world.grant_mails(rate=0.25)

    calls = AwsCalls()
    with recorded(calls):
        fan_out.fan_out(world.services, world.alert_id(DIGEST_ID))
    world.deliver_all()

    moves = calls.made.count("dynamodb.TransactWriteItems")
    assert calls.made.count("dynamodb.Query") / moves <= 20
    assert _alert(world).chunk_count == 1
    assert len(world.mails(WEEKLY)) == 1


def test_a_job_reads_a_bounded_number_of_pages_and_the_next_continues(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every weekly subscriber gets one digest, however rare they are."""
    monkeypatch.setattr(fan_out, "_PAGES_PER_JOB", 10)
    for number in range(40):
        subscribe(world, f"reader{number}@example.org", Frequency.EACH)
    weekly = [f"weekly{number}@example.org" for number in range(6)]
    for address in weekly:
        subscribe(world, address, Frequency.WEEKLY)
    send(world, "first-news")
    at_once = len(world.mails())
    world.restart()
    world.clock.moment += TO_MONDAY
    world.run_every_minute()
    world.grant_mails(rate=0.25)

    with recorded(AwsCalls()) as calls:
        fan_out.fan_out(world.services, world.alert_id(DIGEST_ID))
    half_way = _alert(world)
    # SES takes one mail in four seconds.
    for _ in weekly:
        world.deliver_all()
        world.clock.advance(minutes=1)
        world.make_messages_visible()

    assert calls.made.count("dynamodb.Query") == 10
    assert half_way.cursor is not None
    assert half_way.chunk_count < len(weekly)
    assert _alert(world).chunk_count == len(weekly)
    assert sorted(mail.to for mail in world.mails()[at_once:]) == sorted(weekly)


def test_a_doubtful_digest_is_not_sent_again_to_delivered_recipients(
    two_subscribers: World,
) -> None:
    send(two_subscribers, "first-news")
    two_subscribers.clock.moment += TO_MONDAY
    two_subscribers.run_every_minute()
    fan_out.fan_out(two_subscribers.services, two_subscribers.alert_id(DIGEST_ID))
    with recorded(AwsCalls(at="sesv2.SendBulkEmail", fault=Fault.ANSWER_LOST)):
        sending.send_chunk(
            two_subscribers.services,
            builders.chunk_job(two_subscribers.alert_id(DIGEST_ID)),
        )

    for _ in range(10):
        two_subscribers.clock.advance(minutes=3)
        two_subscribers.run_every_minute()
        two_subscribers.make_messages_visible()
        two_subscribers.deliver_all()

    assert len(two_subscribers.mails(WEEKLY)) == 1
    assert two_subscribers.is_idle()


def test_the_petitions_table_reveals_no_subscriber(two_subscribers: World) -> None:
    send(two_subscribers, "first-news")
    pass_time(two_subscribers, TO_MONDAY)

    petitions_table = repr(two_subscribers.stored_items("petitions"))
    assert "weekly@" not in petitions_table
    assert "each@" not in petitions_table


def test_no_digest_is_to_come_once_the_subscribers_are_destroyed(world: World) -> None:
    start(world, "first-news")
    before = listing.planned_digests(world.services, "open-door")
    closed = builders.petition(version=2, closes_on=builders.NOW.date() - timedelta(days=1))
    world.publish(closed)
    still = listing.planned_digests(world.services, "open-door")
    tallies.freeze(world.services.petitions, "open-door", now=world.clock.now())

    assert [each.names for each in before] == [("first-news",), ("first-news",)]
    assert still == before
    assert listing.planned_digests(world.services, "open-door") == ()
