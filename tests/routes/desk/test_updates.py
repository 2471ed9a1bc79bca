"""Updates at the desk: from the first word to the last recipient."""

import html
import re
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.audience import SubscriberCount
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.switches import Switch
from chalicelib.domain.subscriber import Frequency
from chalicelib.store.alerts import alerts
from chalicelib.store.organisers import drafts, trail
from chalicelib.store.petitions import audiences, updates
from chalicelib.usecases.alerts import switching
from chalicelib.usecases.petitions import publishing
from ops.local.api_gateway import HttpResponse
from tests import builders
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.usecases.alerts.alerting import news, run_minutes, subscribe, subscribe_many
from tests.world import World

LIST: Final = "/desk/petitions/open-door/updates"
FIRST: Final = f"{LIST}/first-news"
TEXT: Final = {
    "published_on": "2026-03-08",
    "on_doubt": "ask",
    **{
        f"texts.{language}.{line}": words
        for language in ("en", "be", "ru")
        for line, words in (
            ("title", f"The door <moved> {language}"),
            ("summary", "A little."),
            ("body", "It **moved** a little, 1 < 2."),
        )
    },
}


def words_of(page: HttpResponse) -> str:
    return html.unescape(page.body.decode())


def acts_of(world: World) -> list[str]:
    return [line.act for line in trail.all_of(world.services.organisers, "open-door")]


def refused_acts_of(world: World) -> list[str]:
    lines = trail.all_of(world.services.organisers, "open-door")
    return [line.act for line in lines if line.refused]


def begin(client: DeskClient, title: str = "The door moved") -> str:
    """Begin an update; the path of its page."""
    proposed = re.search(
        r"The address will end in ([a-z0-9-]+)",
        words_of(client.post(LIST, {"title": title, "name": ""})),
    )
    assert proposed
    answer = client.post(LIST, {"title": title, "name": proposed[1]})
    assert answer.status == 303, words_of(answer)
    return answer.header("location").removesuffix("/text")


def write_and_publish(client: DeskClient, path: str) -> None:
    saved = client.post(f"{path}/text", {**TEXT, "base": "1"})
    assert saved.status == 303, words_of(saved)
    version = re.search(r'name="version" value="(\d+)"', words_of(client.get(path)))
    assert version, words_of(client.get(path))
    assert client.post(f"{path}/publish", {"version": version[1]}).status == 303


def test_an_update_goes_from_its_title_to_its_readers(world: World) -> None:
    subscribe(world, "reader@example.org")
    client = DeskClient.signed_in(world)
    path = begin(client)
    write_and_publish(client, path)
    sent = client.post(f"{path}/send")
    run_minutes(world, 2)
    progress = words_of(client.get(f"{path}/progress"))

    assert path == f"{LIST}/the-door-moved"
    assert (sent.status, sent.header("location")) == (303, f"{path}/progress")
    [mail] = news(world)
    assert "The door <moved> en" in mail.text
    assert "1 of 1" in progress
    assert acts_of(world) == [
        Act.BEGIN_UPDATE,
        Act.SAVE_DRAFT,
        Act.PUBLISH_UPDATE,
        Act.SEND_UPDATE,
    ]


def test_what_was_never_begun_is_not_saved(world: World) -> None:
    """Nobody would find it, and the end of the petition would leave it behind."""
    client = DeskClient.signed_in(world)
    answer = client.post(f"{LIST}/never-begun/text", {**TEXT, "base": "0"})

    assert answer.status == 403
    assert drafts.find(world.services.organisers, "open-door/never-begun") is None
    assert refused_acts_of(world) == [Act.SAVE_DRAFT]


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.THROTTLED])
def test_an_update_that_a_crash_left_half_begun_can_be_written_or_thrown_away(
    world: World, fault: Fault
) -> None:
    client = DeskClient.signed_in(world)
    with recorded(AwsCalls(at="dynamodb.TransactWriteItems", fault=fault)), suppress(Crash):
        client.post(LIST, {"title": "The door moved", "name": "moved"})

    page = words_of(client.get(f"{LIST}/moved"))
    saved = client.post(f"{LIST}/moved/text", {**TEXT, "base": "0"})
    thrown = client.post(f"{LIST}/moved/discard")

    assert f'href="{LIST}/moved/text"' in page
    assert f'action="{LIST}/moved/discard"' in page
    assert (saved.status, thrown.header("location")) == (303, LIST)


def test_a_title_in_other_letters_gets_a_name_by_its_day(world: World) -> None:
    client = DeskClient.signed_in(world)

    assert begin(client, "კარი გაიღო") == f"{LIST}/news-2026-03-08"
    assert begin(client, "კარი გაიღო") == f"{LIST}/news-2026-03-08-2"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Minister odpowiedział", "minister-odpowiedzial"),
        ("Дзверы зрушылі", "dzvery-zrushyli"),
    ],
)
def test_a_name_is_shown_before_it_stays_for_ever(world: World, title: str, name: str) -> None:
    client = DeskClient.signed_in(world)
    shown = client.post(LIST, {"title": title, "name": ""})

    assert f'value="{name}"' in words_of(shown)
    assert acts_of(world) == []
    assert begin(client, title) == f"{LIST}/{name}"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": "", "name": ""}, "Write a title."),
        ({"title": "News", "name": "First News"}, "does not fit an address"),
        ({"title": "News", "name": "week-2026-03-09"}, "The service calls a digest"),
        ({"title": "News", "name": "goal-50"}, "at a milestone"),
        ({"title": "News", "name": "first-news"}, "There is an update “first-news” already."),
    ],
)
def test_what_cannot_begin_is_said_at_the_field(
    world: World, fields: dict[str, str], said: str
) -> None:
    world.publish_update()
    answer = DeskClient.signed_in(world).post(LIST, fields)

    assert answer.status == 422
    assert said in words_of(answer)
    assert f'value="{fields["title"]}"' in words_of(answer)


def test_what_is_wrong_is_said_by_the_label_of_its_field(world: World) -> None:
    client = DeskClient.signed_in(world)
    path = begin(client)
    fields = {**TEXT, "base": "1", "texts.be.title": "", "texts.ru.body": "# A heading"}
    client.post(f"{path}/text", fields)
    page = words_of(client.get(f"{path}/text"))
    refused = client.post(f"{path}/publish", {"version": "2"})

    assert "“Title” is" in page
    assert "correct the text first" in words_of(refused)
    assert updates.list_of(world.services.petitions, "open-door") == []


def test_markup_is_text_everywhere(world: World) -> None:
    client = DeskClient.signed_in(world)
    path = begin(client, "<img src=x onerror=alert(1)>")
    write_and_publish(client, path)
    shown = [
        client.get(each).body.decode()
        for each in (LIST, path, f"{path}/text", f"{path}/send", f"{path}/preview/en")
    ]

    for page in shown:
        assert "<img" not in page
        assert "<script>alert" not in page


def test_a_version_that_nobody_has_looked_at_is_not_published(world: World) -> None:
    client = DeskClient.signed_in(world)
    path = begin(client)
    client.post(f"{path}/text", {**TEXT, "base": "1"})
    refused = client.post(f"{path}/publish", {"version": "1"})

    assert "another version was saved meanwhile" in words_of(refused)
    assert updates.list_of(world.services.petitions, "open-door") == []


def test_two_who_change_the_same_line_lose_nothing(world: World) -> None:
    hanna = DeskClient.signed_in(world)
    ihar = DeskClient.signed_in(world, name="Ihar", roles=[Role.EDITOR])
    path = begin(hanna)
    hanna.post(f"{path}/text", {**TEXT, "base": "1", "texts.en.summary": "Hanna’s"})
    conflict = ihar.post(f"{path}/text", {**TEXT, "base": "1", "texts.en.summary": "Ihar’s"})

    assert conflict.status == 409
    assert "Hanna’s" in words_of(conflict)
    assert "Ihar’s" in words_of(conflict)


def test_publishing_a_change_keeps_the_time_to_send(world: World) -> None:
    client = DeskClient.signed_in(world)
    path = begin(client)
    write_and_publish(client, path)
    scheduled = client.post(
        f"{path}/schedule", {"day": "2026-03-10", "time": "09:00", "zone": "Europe/Minsk"}
    )
    client.post(f"{path}/text", {**TEXT, "base": "2", "texts.en.summary": "Much."})
    client.post(f"{path}/publish", {"version": "3"})
    [stored] = updates.list_of(world.services.petitions, "open-door")

    assert scheduled.status == 303
    assert stored.sending_shown == "2026-03-10 09:00 Europe/Minsk"
    assert stored.texts["en"].summary == "Much."
    assert "goes out by itself at 2026-03-10 09:00 Europe/Minsk" in words_of(
        client.get(f"{path}/send")
    )


def test_a_change_and_a_new_time_at_once_lose_neither(world: World) -> None:
    world.publish_update(builders.update(send_at=world.clock.now() + timedelta(days=1)))
    client = DeskClient.signed_in(world)
    amended = replace(builders.update().texts["en"], summary="Much.")
    changed = builders.update(texts={**builders.update().texts, "en": amended})
    with recorded(AwsCalls()) as calls:
        real = calls.pass_through

        def meanwhile(name: str, call: object) -> object:
            if name == "dynamodb.TransactWriteItems" and calls.made.count(name) == 0:
                calls.made.append(name)
                publishing.publish_update(world.services, changed, keep_time=True)
            return real(name, call)  # type: ignore[arg-type]

        calls.pass_through = meanwhile  # type: ignore[method-assign]
        client.post(
            f"{FIRST}/schedule", {"day": "2026-03-11", "time": "10:00", "zone": "Europe/Minsk"}
        )
    [stored] = updates.list_of(world.services.petitions, "open-door")

    assert stored.sending_shown == "2026-03-11 10:00 Europe/Minsk"
    assert stored.texts["en"].summary == "Much."


@pytest.mark.parametrize(
    ("day", "time", "zone", "said"),
    [
        ("2026-03-01", "09:00", "Europe/Minsk", "This lies in the past"),
        ("2026-03-29", "02:30", "Europe/Berlin", "leave out 2026-03-29 02:30"),
        ("2026-10-25", "02:30", "Europe/Berlin", "twice"),
        ("2026-03-10", "09:00", "Minsk", "There is no time zone “Minsk”."),
        ("", "", "", "is no day, time and time zone"),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused_and_kept_on_the_page(
    world: World, day: str, time: str, zone: str, said: str
) -> None:
    world.publish_update()
    client = DeskClient.signed_in(world)
    answer = client.post(f"{FIRST}/schedule", {"day": day, "time": time, "zone": zone})

    assert answer.status == 422
    assert said in words_of(answer)
    assert f'value="{zone}"' in words_of(answer)
    assert updates.get(world.services.petitions, "open-door", "first-news").send_at is None


def test_a_time_zone_that_is_none_is_said_at_its_field(world: World) -> None:
    world.publish_update()
    typed = {"day": "2026-03-10", "time": "09:00", "zone": "Minsk"}
    answer = DeskClient.signed_in(world).post(f"{FIRST}/schedule", typed)

    assert 'id="zone-error"' in words_of(answer)
    assert 'id="day-error"' not in words_of(answer)


def test_the_end_of_a_scheduled_update_lies_behind_its_time(world: World) -> None:
    at = world.clock.now() + timedelta(days=2)
    world.publish_update(builders.update(send_at=at))
    count = SubscriberCount(choices=Counter({("en", Frequency.EACH): 3}))
    audiences.save(world.services.petitions, "open-door", count, now=world.clock.now())

    page = words_of(DeskClient.signed_in(world).get(f"{FIRST}/send"))

    assert f"At this pace through at</span><strong>{at:%Y-%m-%d %H:%M}" in page


def test_a_time_is_taken_back(world: World) -> None:
    world.publish_update(builders.update(send_at=world.clock.now() + timedelta(days=1)))
    client = DeskClient.signed_in(world)
    client.post(f"{FIRST}/unschedule")

    assert updates.get(world.services.petitions, "open-door", "first-news").send_at is None
    assert updates.list_scheduled(world.services.petitions) == []


def test_a_time_that_comes_too_late_is_refused_in_the_trail(world: World) -> None:
    world.publish_update()
    client = DeskClient.signed_in(world)
    client.post(f"{FIRST}/send")
    set_late = client.post(
        f"{FIRST}/schedule", {"day": "2026-03-09", "time": "09:00", "zone": "UTC"}
    )
    taken_back = client.post(f"{FIRST}/unschedule")

    assert {set_late.header("location"), taken_back.header("location")} == {f"{FIRST}/progress"}
    assert refused_acts_of(world) == [Act.SCHEDULE_UPDATE, Act.UNSCHEDULE_UPDATE]


def test_a_second_click_sends_nothing_more(world: World) -> None:
    subscribe(world, "reader@example.org")
    world.publish_update()
    client = DeskClient.signed_in(world)
    places = [client.post(f"{FIRST}/send").header("location") for _ in range(2)]
    run_minutes(world, 2)

    assert places == [f"{FIRST}/progress"] * 2
    assert len(news(world)) == 1


def test_a_start_that_is_throttled_sends_nothing_and_can_be_sent_again(world: World) -> None:
    subscribe(world, "reader@example.org")
    world.publish_update()
    client = DeskClient.signed_in(world)
    with recorded(AwsCalls(at="dynamodb.TransactWriteItems")):
        failed = client.post(f"{FIRST}/send")
    again = client.post(f"{FIRST}/send")
    run_minutes(world, 2)

    assert (failed.status, again.status) == (503, 303)
    assert 'action="/desk/petitions/open-door/updates/first-news/send"' in words_of(failed)
    assert len(news(world)) == 1


def test_a_test_reaches_the_organiser_s_own_address_and_nobody_else(world: World) -> None:
    subscribe(world, "reader@example.org")
    world.publish_update()
    answer = DeskClient.signed_in(world).post(f"{FIRST}/test")
    run_minutes(world, 1)

    assert "Subscribers get nothing." in words_of(answer)
    assert "hanna@example.org" not in words_of(answer)
    assert [mail.to for mail in world.mails()] == ["hanna@example.org"] * 2
    assert all(mail.subject.startswith("[") for mail in world.mails())


def test_two_organisers_decide_where_the_petition_says_so(world: World) -> None:
    world.publish(builders.petition(approvals=frozenset({"sending"})))
    subscribe(world, "reader@example.org")
    world.publish_update()
    hanna = DeskClient.signed_in(world)
    ihar = DeskClient.signed_in(world, name="Ihar", roles=[Role.SENDER])
    unapproved = hanna.post(f"{FIRST}/send")
    hanna.post(f"{FIRST}/ask")
    digest = re.search(r'name="digest" value="(\w+)"', words_of(ihar.get(f"{FIRST}/send")))
    assert digest
    own = hanna.post(f"{FIRST}/approve", {"digest": digest[1]})
    approved = ihar.post(f"{FIRST}/approve", {"digest": digest[1]})
    run_minutes(world, 2)

    assert "no second organiser has approved" in words_of(unapproved)
    assert "you have asked yourself" in words_of(own)
    assert (unapproved.status, own.status) == (409, 403)
    assert refused_acts_of(world) == [Act.SEND_UPDATE, Act.APPROVE_SENDING]
    assert approved.header("location") == f"{FIRST}/progress"
    assert len(news(world)) == 1


def test_what_changed_since_it_was_seen_is_not_approved(world: World) -> None:
    world.publish(builders.petition(approvals=frozenset({"sending"})))
    world.publish_update()
    hanna = DeskClient.signed_in(world)
    ihar = DeskClient.signed_in(world, name="Ihar", roles=[Role.SENDER])
    hanna.post(f"{FIRST}/ask")
    digest = re.search(r'name="digest" value="(\w+)"', words_of(ihar.get(f"{FIRST}/send")))
    assert digest
    text = replace(builders.update().texts["en"], title="The door fell")
    world.publish_update(builders.update(texts={**builders.update().texts, "en": text}))
    refused = ihar.post(f"{FIRST}/approve", {"digest": digest[1]})

    assert "the update has changed since you looked" in words_of(refused)
    assert "asked for anew" in words_of(refused)
    assert refused_acts_of(world) == [Act.APPROVE_SENDING]
    assert alerts.find_id(world.services.petitions, "open-door", "first-news") is None


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.KILLED_BEFORE])
def test_an_update_that_had_half_begun_begins_again(world: World, fault: Fault) -> None:
    client = DeskClient.signed_in(world)
    begun = {"title": "The door moved", "name": "door-news"}
    # The trail is written first, by a put; then come the entry and, in a transaction, the draft.
    failing = AwsCalls(at="dynamodb.TransactWriteItems", fault=fault)

    with recorded(failing), suppress(Crash):
        client.post(LIST, begun)
    again = client.post(LIST, begun)
    third = client.post(LIST, begun)

    assert again.header("location") == f"{LIST}/door-news/text"
    assert third.status == 422


def test_the_list_says_for_whom_an_update_waits(world: World) -> None:
    world.publish(builders.petition(approvals=frozenset({"sending"})))
    world.publish_update(builders.update(send_at=world.clock.now() + timedelta(days=2)))
    hanna = DeskClient.signed_in(world)
    alone = words_of(hanna.get(LIST))
    hanna.post(f"{FIRST}/ask")
    nobody = words_of(hanna.get(LIST))
    ihar = DeskClient.signed_in(world, name="Ihar", roles=[Role.SENDER])
    viewer = DeskClient.signed_in(world, name="Vera", roles=[Role.VIEWER])
    asked, for_ihar, for_vera = (words_of(each.get(LIST)) for each in (hanna, ihar, viewer))
    text = replace(builders.update().texts["en"], title="The door fell")
    world.publish_update(builders.update(texts={**builders.update().texts, "en": text}))
    changed = words_of(hanna.get(LIST))

    assert "nobody has asked for one yet" in alone
    assert "You asked, and nobody else here may mail updates" in nobody
    assert "You asked. It waits for Ihar." in asked
    assert "Hanna asked. It waits for you." in for_ihar
    assert "Hanna asked. It waits for Ihar." in for_vera
    assert "It has changed since you asked: ask again." in changed


def test_an_update_that_waits_for_nobody_says_nothing(world: World) -> None:
    world.publish(builders.petition(approvals=frozenset({"sending"})))
    world.publish_update(builders.update(send_at=world.clock.now() + timedelta(days=2)))
    hanna = DeskClient.signed_in(world)
    ihar = DeskClient.signed_in(world, name="Ihar", roles=[Role.SENDER])
    hanna.post(f"{FIRST}/ask")
    digest = re.search(r'name="digest" value="(\w+)"', words_of(ihar.get(f"{FIRST}/send")))
    assert digest
    ihar.post(f"{FIRST}/approve", {"digest": digest[1]})

    assert "Waits for approval" not in words_of(hanna.get(LIST))
    assert "Scheduled" in words_of(hanna.get(LIST))


def test_an_alert_is_paused_with_a_reason_resumed_and_cancelled(world: World) -> None:
    world.publish_update()
    client = DeskClient.signed_in(world)
    client.post(f"{FIRST}/send")
    client.post(f"{FIRST}/pause", {"reason": "a wrong <link>"})
    paused = words_of(client.get(f"{FIRST}/progress"))
    again = client.post(f"{FIRST}/pause", {"reason": ""})
    client.post(f"{FIRST}/resume")
    client.post(f"{FIRST}/cancel")
    alert = alerts.find(world.services.petitions, "open-door", "first-news")

    assert "Reason: a wrong <link>." in paused
    assert "Only an open alert can be paused." in words_of(again)
    assert refused_acts_of(world) == [Act.PAUSE_ALERT]
    assert alert
    assert alert.state is AlertState.CANCELLED
    assert "a wrong" not in str([*trail.all_of(world.services.organisers, "open-door")])


def test_an_update_that_nobody_has_written_yet_shows_no_errors(world: World) -> None:
    client = DeskClient.signed_in(world)
    form = f"{begin(client)}/text"

    before = words_of(client.get(form))
    client.post(form, {"base": "1", "texts.en.title": "The door"})

    assert "Before it can be published" not in before
    assert "Before it can be published" in words_of(client.get(form))


def test_a_sending_that_has_reached_everybody_says_what_it_waits_for(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    world.publish_update()
    client = DeskClient.signed_in(world)
    client.post(f"{FIRST}/send")

    before = words_of(client.get(f"{FIRST}/progress"))
    world.deliver_all()
    after = words_of(client.get(f"{FIRST}/progress"))

    assert "Everybody has been dealt with." not in before
    assert "Everybody has been dealt with." in after


def test_nothing_is_let_go_on_while_news_by_mail_is_switched_off(world: World) -> None:
    world.publish_update()
    switching.switch(world.services, "open-door", Switch.ALERTS, on=False)
    client = DeskClient.signed_in(world)
    client.post(f"{FIRST}/send")

    refused = client.post(f"{FIRST}/resume")

    assert refused.status == 409
    assert "Alerts are switched off: Settings, Switches." in words_of(refused)
    alert = alerts.find(world.services.petitions, "open-door", "first-news")
    assert alert
    assert alert.state is AlertState.PAUSED


def test_a_pause_needs_no_touch_and_what_mails_needs_one(world: World) -> None:
    world.publish_update()
    DeskClient.signed_in(world).post(f"{FIRST}/send")
    client = DeskClient.signed_in(world, touched=False)
    statuses = {
        act: client.post(f"{FIRST}/{act}").status
        for act in (
            *("pause", "test", "send", "schedule", "ask", "approve"),
            *("resume", "cancel", "again"),
        )
    }

    assert statuses.pop("pause") == 303
    assert set(statuses.values()) == {403}


def test_who_may_look_sees_no_button(world: World) -> None:
    world.publish_update()
    client = DeskClient.signed_in(world, roles=[Role.VIEWER])
    pages = [words_of(client.get(path)) for path in (LIST, FIRST, f"{FIRST}/send")]

    for page in pages:
        assert "<main" in page
        assert "<form" not in page.partition("<main")[2]


def test_who_was_refused_is_counted_by_the_reason_and_shown_without_an_index(
    world: World,
) -> None:
    subscribe_many(world, 3)
    world.publish_update()
    [broken, *_] = world.subscriptions()
    world.services.subscribers.put(
        {"pk": broken["pk"], "sk": broken["sk"]}, {**broken, "sealed_address": b"\0" * 1500}
    )
    client = DeskClient.signed_in(world)
    client.post(f"{FIRST}/send")
    run_minutes(world, 2)
    page = words_of(client.get(f"{FIRST}/progress"))

    assert "the address could not be opened" in page
    assert "1 can be mailed again" in page
    assert broken["sk"] not in page
    assert "@example.org" not in page


@pytest.mark.parametrize("name", ["no-news", "Foo", "week-2026-03-09"])
def test_an_update_that_does_not_exist_is_no_page_that_the_cdn_keeps(
    world: World, name: str
) -> None:
    client = DeskClient.signed_in(world)
    statuses = {
        client.get(f"{LIST}/{name}{part}").status
        for part in ("", "/send", "/progress", "/preview/en", "/text/preview/en")
    }

    assert 404 not in statuses
    assert 500 not in statuses


@pytest.mark.parametrize("recipients", [20, 1_000_000])
def test_pages_cost_the_same_with_few_recipients_and_with_a_million(
    world: World, recipients: int
) -> None:
    world.publish_update()
    client = DeskClient.signed_in(world)
    client.post(f"{FIRST}/send")
    alert_id = world.alert_id()
    world.services.petitions.update(
        {"pk": f"alert#{alert_id}", "sk": "header"},
        "SET #state = :complete, recipient_count = :n, total_sent = :n",
        names={"#state": "state"},
        values={":complete": "complete", ":n": recipients},
    )
    made = []
    for path in (LIST, f"{FIRST}/progress"):
        with recorded(AwsCalls()) as calls:
            assert f"{recipients:,}".replace(",", "") in re.sub(
                r"[,\s\xa0\u202f]", "", words_of(client.get(path))
            )
        made.append(len(calls.made))

    assert made == [10, 11]


def test_who_would_get_it_is_told_from_the_night_s_count(world: World) -> None:
    subscribe_many(world, 3)
    subscribe(world, "vera@example.org", frequency=Frequency.WEEKLY)
    world.publish_update(builders.update(texts={"be": builders.update().texts["be"]}))
    client = DeskClient.signed_in(world)
    before = words_of(client.get(f"{FIRST}/send"))
    count = SubscriberCount(
        choices=Counter({("en", Frequency.EACH): 3, ("en", Frequency.WEEKLY): 1})
    )
    audiences.save(world.services.petitions, "open-door", count, now=world.clock.now())
    with recorded(AwsCalls()) as calls:
        after = words_of(client.get(f"{FIRST}/send"))

    assert "for the first time tonight" in before
    assert "<span>Get it at once</span><strong>3</strong>" in after
    assert "<span>Get it in a digest</span><strong>1</strong>" in after
    assert "no text in the language of some subscribers (others: 4)" in after
    assert "They get it in Беларуская" in after
    assert not [name for name in calls.made if name == "dynamodb.Query"]


def test_before_the_first_night_those_are_told_who_took_the_news_as_they_signed(
    world: World,
) -> None:
    world.publish_update()
    world.sign_and_confirm(alerts="yes")
    world.sign_and_confirm(email="nina@example.org")

    page = words_of(DeskClient.signed_in(world).get(f"{FIRST}/send"))

    assert "<span>About</span><strong>1</strong>" in page


def test_an_older_version_of_an_update_is_looked_at_and_brought_back(world: World) -> None:
    client = DeskClient.signed_in(world, roles=[Role.SENDER])
    begin(client, "First news")
    client.post(f"{FIRST}/text", {**TEXT, "base": "1"})

    listed = words_of(client.get(f"{FIRST}/text/versions"))
    older = words_of(client.get(f"{FIRST}/text/versions/1"))
    answer = client.post(f"{FIRST}/text/versions/1/restore", {})

    assert f"{FIRST}/text/versions/2" in listed
    assert "Bring this version back" in older
    assert answer.header("location") == f"{FIRST}/text"
    assert "The door <moved> en" not in words_of(client.get(f"{FIRST}/text"))
    assert Act.RESTORE_DRAFT in acts_of(world)


def test_an_update_in_the_first_language_alone_goes_to_readers_of_all(world: World) -> None:
    subscribe(world, "reader@example.org")
    client = DeskClient.signed_in(world)
    path = begin(client)
    english = {name: words for name, words in TEXT.items() if ".be." not in name}
    english = {name: words for name, words in english.items() if ".ru." not in name}
    client.post(f"{path}/text", {**english, "base": "1"})
    form = words_of(client.get(f"{path}/text"))
    client.post(f"{path}/publish", {"version": "2"})
    client.post(f"{path}/send")
    run_minutes(world, 2)

    assert "Not written: Беларуская, Русский. Readers of these get English." in form
    assert "Before it can be published" not in form
    [mail] = news(world)
    assert "The door <moved> en" in mail.text


def test_what_is_wrong_names_its_language(world: World) -> None:
    client = DeskClient.signed_in(world)
    path = begin(client)
    client.post(f"{path}/text", {"base": "1", "texts.be.title": "Дзверы"})
    page = words_of(client.get(f"{path}/text"))

    assert ">Беларуская: “Summary” is missing.</a>" in page
    assert "English" in page
    assert "“en”" not in page
    assert "“be”" not in page


def test_a_draft_is_thrown_away_with_its_versions(world: World) -> None:
    client = DeskClient.signed_in(world)
    path = begin(client)
    thrown = client.post(f"{path}/discard")
    again = client.post(f"{path}/discard")

    assert (thrown.status, thrown.header("location")) == (303, LIST)
    assert again.status == 303
    assert "The door moved" not in words_of(client.get(LIST))
    assert drafts.find(world.services.organisers, "open-door/the-door-moved") is None
    assert Act.DISCARD_UPDATE in acts_of(world)


def test_a_published_update_is_not_thrown_away(world: World) -> None:
    client = DeskClient.signed_in(world)
    path = begin(client)
    write_and_publish(client, path)
    refused = client.post(f"{path}/discard")

    assert "the update is published" in words_of(refused)
    assert "/discard" not in words_of(client.get(path))
    assert drafts.find(world.services.organisers, "open-door/the-door-moved")
