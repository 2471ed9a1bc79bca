"""Who asked for one mail a week gets one, on Monday, with all that was sent since the last."""

from datetime import timedelta

import pytest

from chalicelib.domain import email_address
from chalicelib.domain.subscriber import Frequency
from chalicelib.domain.update import UpdateText
from chalicelib.people import blind_indexes, sealed_records
from chalicelib.store import subscribers
from chalicelib.store.alerts import alerts
from chalicelib.usecases.alerts import fan_out, sending
from ops.local.outbox import SentMail
from tests import builders
from tests.faults import AwsCalls, Fault, recorded
from tests.world import World

WEEKLY = "weekly@example.org"
EACH = "each@example.org"
DIGEST_ID = "open-door/week-2026-03-09"
TO_MONDAY = timedelta(hours=21)
"""From the moment at which the world begins, a Sunday noon, to the next digest."""


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
    assert subscribers.save_preferences(
        world.services.subscribers, slug, index, language=language, frequency=frequency
    )


def begin(world: World, name: str, *, title: str = "", slug: str = "open-door") -> None:
    """Publish an update and begin to send it."""
    update = builders.update(slug=slug, name=name)
    if title:
        text = UpdateText(title=title, summary=f"{title}!", html=f"<p>{title}</p>", text=title)
        update = builders.update(slug=slug, name=name, texts={"en": text})
    world.publish_update(update)
    assert fan_out.start_alert(world.services, update.id)


def send(world: World, name: str, *, title: str = "", slug: str = "open-door") -> None:
    begin(world, name, title=title, slug=slug)
    world.deliver_all()


def pass_minutes(world: World, count: int = 1) -> None:
    for _ in range(count):
        world.run_every_minute()
        world.deliver_all()
        world.clock.advance(minutes=1)


def come(world: World, step: timedelta) -> None:
    """Let time pass; then the clock ticks for a while."""
    world.clock.moment += step
    pass_minutes(world, 3)


def told(mail: SentMail, *titles: str) -> list[str]:
    """Those of the titles that are in both parts of a mail."""
    text = " ".join(mail.text.split())
    return [title for title in titles if title in text and title in mail.html]


@pytest.fixture
def readers(world: World) -> World:
    """One who wants each, one who wants one mail a week."""
    subscribe(world, EACH, Frequency.EACH)
    subscribe(world, WEEKLY, Frequency.WEEKLY)
    return world


def test_a_week_of_two_updates_is_two_mails_to_one_and_one_mail_to_the_other(
    readers: World,
) -> None:
    send(readers, "first-news", title="The door moved")
    send(readers, "second-news", title="The door stands open")
    before_monday = len(readers.mails(WEEKLY))

    come(readers, TO_MONDAY)

    [digest] = readers.mails(WEEKLY)
    assert before_monday == 0
    assert len(readers.mails(EACH)) == 2
    assert told(digest, "The door moved", "The door stands open") == [
        "The door moved",
        "The door stands open",
    ]
    assert digest.text.index("The door moved") < digest.text.index("The door stands open")
    assert alerts.get(readers.services.petitions, DIGEST_ID).update_names == (
        "first-news",
        "second-news",
    )
    assert readers.is_idle()


def test_it_comes_on_monday_at_nine_and_not_a_minute_before(readers: World) -> None:
    send(readers, "first-news")

    come(readers, TO_MONDAY - timedelta(minutes=4))
    too_early = len(readers.mails(WEEKLY))
    pass_minutes(readers, 2)

    assert too_early == 0
    assert len(readers.mails(WEEKLY)) == 1


def test_a_week_without_news_is_a_week_without_mail(readers: World) -> None:
    readers.publish_update()
    for _ in range(3):
        come(readers, timedelta(weeks=1))

    assert readers.mails() == []
    assert not [
        item for item in readers.stored_items("petitions") if "week-" in f"{item['pk']}{item['sk']}"
    ]


def test_the_next_digest_holds_only_what_is_new(readers: World) -> None:
    send(readers, "first-news", title="The door moved")
    come(readers, TO_MONDAY)
    send(readers, "second-news", title="The door stands open")

    come(readers, timedelta(weeks=1))

    first, second = readers.mails(WEEKLY)
    assert told(first, "The door moved", "The door stands open") == ["The door moved"]
    assert told(second, "The door moved", "The door stands open") == ["The door stands open"]


def test_what_is_sent_while_a_digest_is_under_way_belongs_to_the_next(readers: World) -> None:
    send(readers, "first-news", title="The door moved")
    readers.clock.moment += TO_MONDAY
    readers.run_every_minute()
    fan_out.fan_out(readers.services, DIGEST_ID)

    send(readers, "second-news", title="The door stands open")
    come(readers, timedelta(weeks=1))

    first, second = readers.mails(WEEKLY)
    assert told(first, "The door moved", "The door stands open") == ["The door moved"]
    assert told(second, "The door moved", "The door stands open") == ["The door stands open"]


def test_an_alert_that_was_noted_too_late_waits_another_week(readers: World) -> None:
    """It began a second before nine, and the digest was made before it was written down."""
    send(readers, "first-news", title="The door moved")
    come(readers, TO_MONDAY)
    noon = readers.clock.now()
    readers.clock.moment = builders.NOW + TO_MONDAY - timedelta(seconds=1)
    send(readers, "second-news", title="The door stands open")
    readers.clock.moment = noon

    calls = AwsCalls()
    with recorded(calls):
        pass_minutes(readers, 3)
    this_week = len(readers.mails(WEEKLY))
    come(readers, timedelta(weeks=1))

    assert "dynamodb.TransactWriteItems" not in calls.made
    assert this_week == 1
    assert told(readers.mails(WEEKLY)[1], "The door stands open") == ["The door stands open"]


def test_weeks_without_a_clock_end_in_one_digest_with_everything(readers: World) -> None:
    """Updates are begun by an organiser's command and go on by queues: no tick is needed.

    Who wants fewer mails is not repaid with three at once.
    """
    titles = ["The door moved", "It moved again", "The door stands open"]
    for number, title in enumerate(titles):
        send(readers, f"news-{number}", title=title)
        readers.clock.advance(weeks=1)

    pass_minutes(readers, 5)

    [digest] = readers.mails(WEEKLY)
    assert told(digest, *titles) == titles
    [item] = [item for item in readers.stored_items("petitions") if item.get("update_names")]
    assert item["pk"] == "alert#open-door/week-2026-03-23"


def test_two_ticks_at_once_make_one_digest(readers: World) -> None:
    send(readers, "first-news")
    readers.clock.moment += TO_MONDAY
    [waiting] = alerts.list_pending_digests(readers.services.petitions)

    made = [
        alerts.add_digest(readers.services.petitions, waiting, now=readers.clock.now())
        for _ in range(2)
    ]
    pass_minutes(readers, 5)

    assert made == [True, False]
    assert len(readers.mails(WEEKLY)) == 1


def test_a_digest_takes_what_has_come_since_it_was_looked_for(readers: World) -> None:
    send(readers, "first-news", title="The door moved")
    readers.clock.moment += TO_MONDAY
    [waiting] = alerts.list_pending_digests(readers.services.petitions)
    send(readers, "second-news", title="The door stands open")

    made = alerts.add_digest(readers.services.petitions, waiting, now=readers.clock.now())
    pass_minutes(readers)

    [digest] = readers.mails(WEEKLY)
    assert not made
    assert len(told(digest, "The door moved", "The door stands open")) == 2


def test_who_wants_fewer_mails_from_now_on_is_not_sent_the_alert_under_way(
    readers: World,
) -> None:
    begin(readers, "first-news")
    fan_out.fan_out(readers.services, "open-door/first-news")

    switch(readers, EACH, Frequency.WEEKLY)
    readers.deliver_all()
    at_once = len(readers.mails(EACH))
    come(readers, TO_MONDAY)

    assert at_once == 0
    assert len(readers.mails(EACH)) == 1


def test_who_wants_each_from_now_on_is_not_sent_the_digest_under_way(readers: World) -> None:
    send(readers, "first-news")
    readers.clock.moment += TO_MONDAY
    readers.run_every_minute()
    fan_out.fan_out(readers.services, DIGEST_ID)

    switch(readers, WEEKLY, Frequency.EACH)
    readers.deliver_all()
    send(readers, "second-news", title="The door stands open")

    [alert] = readers.mails(WEEKLY)
    assert told(alert, "The door stands open") == ["The door stands open"]


def test_who_has_left_meanwhile_gets_none(readers: World) -> None:
    send(readers, "first-news")
    come(readers, TO_MONDAY)
    [first] = readers.mails(WEEKLY)
    send(readers, "second-news")
    readers.clock.moment += timedelta(weeks=1)
    readers.run_every_minute()
    fan_out.fan_out(readers.services, "open-door/week-2026-03-16")

    link = first.headers["List-Unsubscribe"].strip("<>").removeprefix("https://zaklik.example")
    readers.post(link, {})
    pass_minutes(readers, 3)

    assert len(readers.mails(WEEKLY)) == 1
    assert readers.is_idle()


def test_everybody_reads_the_digest_in_their_language(world: World) -> None:
    for language in ("en", "be", "ru"):
        subscribe(world, f"{language}@example.org", Frequency.WEEKLY, language=language)
    send(world, "first-news")

    come(world, TO_MONDAY)

    mails = {mail.to.partition("@")[0]: mail for mail in world.mails()}
    subjects = {language: mail.subject for language, mail in mails.items()}
    assert len(set(subjects.values())) == 3
    in_belarusian = ("Дзверы зрушылі", "Адчыніце дзверы", "/be/open-door/updates/first-news")
    assert told(mails["be"], *in_belarusian) == list(in_belarusian)
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

    come(world, TO_MONDAY)

    titles = ("News of open-door", "News of shut-door")
    assert sorted(told(mail, *titles) for mail in world.mails()) == [[title] for title in titles]


def test_many_who_want_each_do_not_hold_up_the_one_who_wants_a_digest(world: World) -> None:
    """Fan-out moves its cursor even where it finds nobody, so no worker reads for ever."""
    for number in range(60):
        subscribe(world, f"reader{number}@example.org", Frequency.EACH)
    subscribe(world, WEEKLY, Frequency.WEEKLY)
    send(world, "first-news")
    world.environment["ZAKLIK_CHUNK_SIZE"] = "1"
    world.restart()
    world.clock.moment += TO_MONDAY
    world.run_every_minute()

    calls = AwsCalls()
    with recorded(calls):
        fan_out.fan_out(world.services, DIGEST_ID)
    world.deliver_all()

    moves = calls.made.count("dynamodb.TransactWriteItems")
    assert calls.made.count("dynamodb.Query") / moves <= 20
    assert alerts.get(world.services.petitions, DIGEST_ID).chunk_count == 1
    assert len(world.mails(WEEKLY)) == 1


def test_a_worker_reads_only_so_much_and_the_next_goes_on_where_it_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few of very many want a digest: nobody is left out, nobody gets two."""
    monkeypatch.setattr(fan_out, "_PAGES_PER_JOB", 30)
    send(world, "first-news")
    for number in range(40):
        subscribe(world, f"reader{number}@example.org", Frequency.EACH)
    weekly = [f"weekly{number}@example.org" for number in range(6)]
    for address in weekly:
        subscribe(world, address, Frequency.WEEKLY)
    world.environment["ZAKLIK_CHUNK_SIZE"] = "1"
    world.restart()
    world.clock.moment += TO_MONDAY
    world.run_every_minute()

    with recorded(AwsCalls()) as calls:
        fan_out.fan_out(world.services, DIGEST_ID)
    half_way = alerts.get(world.services.petitions, DIGEST_ID)
    world.deliver_all()

    assert calls.made.count("dynamodb.Query") == 30
    assert half_way.cursor is not None
    assert half_way.chunk_count < len(weekly)
    assert alerts.get(world.services.petitions, DIGEST_ID).chunk_count == len(weekly)
    assert sorted(mail.to for mail in world.mails()) == sorted(weekly)


def test_a_digest_in_doubt_is_not_sent_again_to_whom_ses_has_seen(readers: World) -> None:
    send(readers, "first-news")
    readers.clock.moment += TO_MONDAY
    readers.run_every_minute()
    fan_out.fan_out(readers.services, DIGEST_ID)
    with recorded(AwsCalls(at="sesv2.SendBulkEmail", fault=Fault.ANSWER_LOST)):
        sending.send_chunk(readers.services, DIGEST_ID, 0)

    for _ in range(10):
        readers.clock.advance(minutes=3)
        readers.run_every_minute()
        readers.make_messages_visible()
        readers.deliver_all()

    assert len(readers.mails(WEEKLY)) == 1
    assert readers.is_idle()


def test_nothing_on_the_desk_tells_who_reads_it(readers: World) -> None:
    send(readers, "first-news")
    come(readers, TO_MONDAY)

    petitions_table = repr(readers.stored_items("petitions"))
    assert "weekly@" not in petitions_table
    assert "each@" not in petitions_table
