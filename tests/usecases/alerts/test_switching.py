"""What is switched off stops within seconds, and nothing that waits is lost."""

import json
from contextlib import suppress
from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.errors import NotFound, Unavailable
from chalicelib.domain.petitions.switches import BadNotice, Switch
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import petitions
from chalicelib.usecases.alerts import controlling, starting, switching
from chalicelib.usecases.alerts.controlling import AlertsSwitchedOff
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.world import World

NOTICES = {
    "en": "The office is closed until Monday.",
    "be": "Офіс зачынены да панядзелка.",
    "ru": "Офис закрыт до понедельника.",
}


def text_of(page: HTTPResponse) -> str:
    return page.body.decode()


def switch_off(world: World, which: Switch) -> None:
    switching.switch(world.services, "open-door", which, on=False)


def switch_on(world: World, which: Switch) -> None:
    switching.switch(world.services, "open-door", which, on=True)


def state_of_alert(world: World) -> AlertState:
    return alerts.get(world.services.petitions, world.alert_id()).state


def test_a_form_that_comes_while_signing_is_off_comes_back_with_what_was_typed(
    world: World,
) -> None:
    switch_off(world, Switch.SIGNING)

    page = world.sign(name="Hanna B.")

    assert page.status_code == 403
    assert "Signing is paused for the moment" in text_of(page)
    assert "Hanna B." in text_of(page)
    assert page.headers["Retry-After"] == "600"
    world.deliver_all()
    assert world.mails() == []


@pytest.mark.parametrize("language", ["en", "be"])
def test_the_page_says_that_signing_is_paused_before_anything_is_typed(
    world: World, language: str
) -> None:
    open_page = text_of(world.get(f"/{language}/open-door"))

    switch_off(world, Switch.SIGNING)

    paused = text_of(world.get(f"/{language}/open-door"))
    sentence = {"en": "Signing is paused", "be": "Збор подпісаў прыпынены"}[language]
    assert f'<h2 id="state-heading">{sentence}</h2>' in paused
    assert sentence not in open_page
    assert 'href="#sign"' in open_page
    assert 'href="#sign"' not in paused
    assert "<form" not in paused


def test_a_link_that_was_mailed_before_works_while_signing_is_off(world: World) -> None:
    world.sign()
    world.deliver_all()

    switch_off(world, Switch.SIGNING)
    world.post(world.link(), {})
    world.deliver_all()

    assert world.count() == 1


def test_a_second_mail_is_refused_while_signing_is_off(world: World) -> None:
    page = world.sign()
    world.deliver_all()
    pending = text_of(page).partition('name="pending" value="')[2].partition('"')[0]

    switch_off(world, Switch.SIGNING)
    again = world.post("/en/open-door/again", {"pending": pending})

    assert again.status_code == 403
    assert "Signing is paused for the moment" in text_of(again)
    assert pending in text_of(again)


def test_a_mail_waits_while_mails_are_off_and_comes_afterwards(world: World) -> None:
    switch_off(world, Switch.MAILS)
    world.sign()
    world.deliver_all()
    waiting = list(world.mails())

    switch_on(world, Switch.MAILS)
    world.clock.advance(minutes=10)
    world.make_messages_visible()
    world.deliver_all()
    world.post(world.link(), {})
    world.deliver_all()

    assert waiting == []
    assert world.count() == 1


def test_the_count_is_shown_nowhere_while_it_is_off(world: World) -> None:
    world.raise_tally(PL=5000)
    world.set_figures()
    shown = text_of(world.get("/en/open-door"))

    switch_off(world, Switch.COUNT)

    page = text_of(world.get("/en/open-door"))
    assert "people have signed" in shown
    assert "people have signed" not in page
    assert "Be among the first" not in page
    assert json.loads(text_of(world.get("/api/petitions/open-door/count")))["count"] == 0
    assert "people have signed" not in text_of(world.get("/embed/open-door/en"))


def test_an_open_alert_pauses_while_alerts_are_off_and_goes_on_afterwards(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    world.publish_update()
    starting.start_update(world.services, "open-door/first-news")

    switch_off(world, Switch.ALERTS)
    world.deliver_all()
    paused, mailed = state_of_alert(world), len(world.mails())
    switch_on(world, Switch.ALERTS)
    world.deliver_all()

    assert paused is AlertState.PAUSED
    assert len(world.mails()) == mailed + 1


def test_an_alert_that_starts_while_alerts_are_off_is_paused(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    world.publish_update()
    mailed = len(world.mails())
    switch_off(world, Switch.ALERTS)

    starting.start_update(world.services, "open-door/first-news")
    world.deliver_all()

    assert state_of_alert(world) is AlertState.PAUSED
    assert len(world.mails()) == mailed


def test_an_alert_whose_start_died_before_its_pause_is_paused_by_the_clock(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    world.publish_update()
    switch_off(world, Switch.ALERTS)
    killed = AwsCalls(at="dynamodb.TransactWriteItems", fault=Fault.KILLED_AFTER)
    with recorded(killed), suppress(Crash):
        starting.start_update(world.services, "open-door/first-news")

    world.run_every_minute()

    assert state_of_alert(world) is AlertState.PAUSED


def test_a_pause_by_a_person_outlasts_the_switch(world: World) -> None:
    world.publish_update()
    starting.start_update(world.services, "open-door/first-news")
    controlling.pause(world.services, world.alert_id())

    switch_off(world, Switch.ALERTS)
    switch_on(world, Switch.ALERTS)

    assert state_of_alert(world) is AlertState.PAUSED


def test_nobody_lets_an_alert_go_on_while_alerts_are_off(world: World) -> None:
    world.sign_and_confirm(alerts="yes")
    world.publish_update()
    starting.start_update(world.services, "open-door/first-news")
    controlling.pause(world.services, world.alert_id(), "a wrong name")
    mailed = len(world.mails())
    switch_off(world, Switch.ALERTS)

    with pytest.raises(AlertsSwitchedOff):
        controlling.resume(world.services, world.alert_id())
    world.deliver_all()
    still = alerts.get(world.services.petitions, world.alert_id())
    switch_on(world, Switch.ALERTS)
    resumed = controlling.resume(world.services, world.alert_id())
    world.deliver_all()

    assert (still.state, still.reason) == (AlertState.PAUSED, "a wrong name")
    assert resumed
    assert len(world.mails()) == mailed + 1


def test_a_switch_that_is_thrown_while_an_alert_is_let_go_on_wins(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sign_and_confirm(alerts="yes")
    world.publish_update()
    starting.start_update(world.services, "open-door/first-news")
    controlling.pause(world.services, world.alert_id())
    mailed, mark = len(world.mails()), alerts.mark

    def mark_late(*arguments: Any, **options: Any) -> bool:
        monkeypatch.setattr(alerts, "mark", mark)
        switch_off(world, Switch.ALERTS)
        return mark(*arguments, **options)

    monkeypatch.setattr(alerts, "mark", mark_late)
    with pytest.raises(AlertsSwitchedOff):
        controlling.resume(world.services, world.alert_id())
    world.deliver_all()
    paused = state_of_alert(world)
    switch_on(world, Switch.ALERTS)
    world.deliver_all()

    assert paused is AlertState.PAUSED
    assert len(world.mails()) == mailed + 1


def test_switches_outlast_a_new_version(world: World) -> None:
    switch_off(world, Switch.COUNT)
    switching.set_notice(world.services, "open-door", NOTICES)

    world.publish(builders.petition(goals=(7,)))

    current = petitions.get(world.services.petitions, "open-door")
    assert current.version == 2
    assert not current.switches.is_on(Switch.COUNT)
    assert current.switches.notice == NOTICES


@pytest.mark.parametrize(("language", "text"), NOTICES.items())
def test_a_notice_is_shown_in_the_language_of_the_page(
    world: World, language: str, text: str
) -> None:
    without = text_of(world.get(f"/{language}/open-door"))

    switching.set_notice(world.services, "open-door", NOTICES)

    assert text in text_of(world.get(f"/{language}/open-door"))
    switching.set_notice(world.services, "open-door", {})
    assert text_of(world.get(f"/{language}/open-door")) == without


def test_readers_of_a_language_without_the_notice_get_it_in_the_first(world: World) -> None:
    switching.set_notice(
        world.services, "open-door", {"en": NOTICES["en"], "be": NOTICES["be"], "ru": ""}
    )

    page = world.get("/ru/open-door").body.decode()

    assert f'lang="en"><b>{NOTICES["en"]}' in page


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"be": NOTICES["be"]}, "here at least"),
        ({**NOTICES, "en": "x" * 301}, "300"),
        ({"fr": "Bonjour"}, "no text in this language"),
        ({**NOTICES, "en": "a\u0007"}, "cannot be shown"),
    ],
)
def test_a_notice_that_cannot_be_shown_is_refused(
    world: World, typed: dict[str, str], why: str
) -> None:
    with pytest.raises(BadNotice, match=why):
        switching.set_notice(world.services, "open-door", typed)


def test_a_petition_that_does_not_exist_has_no_switches(world: World) -> None:
    with pytest.raises(NotFound):
        switching.switch(world.services, "no-door", Switch.SIGNING, on=False)

    assert "no-door" not in switching.show(world.services)


def test_a_switch_whose_answer_was_lost_can_be_thrown_again(world: World) -> None:
    lost = AwsCalls(at="dynamodb.UpdateItem", fault=Fault.ANSWER_LOST)
    with recorded(lost), pytest.raises(Unavailable):
        switch_off(world, Switch.SIGNING)

    switch_off(world, Switch.SIGNING)
    switch_on(world, Switch.SIGNING)

    assert world.sign().status_code == 200
