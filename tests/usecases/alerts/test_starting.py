"""An alert says what its update said when it started, and no more than a mail can hold."""

from dataclasses import replace

import pytest

from chalicelib.domain.alerts.content import AlertTooLarge
from chalicelib.domain.petitions.update import Update
from chalicelib.store.alerts import alerts
from chalicelib.usecases.alerts import fan_out, sending, starting
from tests import builders
from tests.usecases.alerts.alerting import lose_jobs, subscribe, subscribe_many
from tests.world import World

UPDATE_ID = "open-door/first-news"


def titled(title: str, *, name: str = "first-news") -> Update:
    """An update with this title in all languages."""
    update = builders.update(name=name)
    texts = {language: replace(text, title=title) for language, text in update.texts.items()}
    return replace(update, texts=texts)


def update_of(length: int, *, language: str = "be") -> Update:
    """An update whose text in one language has so many characters."""
    update = builders.update()
    long = replace(update.texts[language], html=f"<p>{'x' * length}</p>", text="x")
    return replace(update, texts={**update.texts, language: long})


def test_who_is_mailed_late_gets_the_text_that_the_others_got(world: World) -> None:
    world.grant_mails(rate=2)
    subscribe_many(world, 12)
    world.publish_update(titled("The door moved"))
    alert_id = starting.start_update(world.services, UPDATE_ID)
    assert alert_id
    fan_out.fan_out(world.services, alert_id)
    lose_jobs(world)
    sending.send_chunk(world.services, builders.chunk_job(alert_id))
    first = world.mails()

    world.publish_update(titled("The door fell"))
    world.restart()
    for number in range(1, 12):
        sending.send_chunk(world.services, builders.chunk_job(alert_id, number=number))

    assert 0 < len(first) < 12
    assert len([mail for mail in world.mails() if "The door moved" in mail.text]) == 12
    assert not [mail for mail in world.mails() if "The door fell" in mail.text]


@pytest.mark.parametrize(("length", "share"), [(120_000, "third"), (250_000, "half or more")])
def test_a_text_that_mail_programs_would_cut_starts_no_alert(
    world: World, length: int, share: str
) -> None:
    subscribe(world, "hanna@example.org")
    update = update_of(length)
    world.publish_update(update)

    with pytest.raises(AlertTooLarge, match=f"The mail in be has .* by a {share}"):
        starting.start_update(world.services, UPDATE_ID)

    assert not alerts.find_id(world.services.petitions, "open-door", update.name)
    assert not alerts.list_open(world.services.petitions)
    assert not world.mails()


def test_a_text_just_below_the_limit_is_mailed(world: World) -> None:
    subscribe(world, "hanna@example.org")
    world.publish_update(update_of(90_000, language="en"))

    assert starting.start_update(world.services, UPDATE_ID)
    world.deliver_all()

    assert len(world.mails("hanna@example.org")) == 1


def test_a_scheduled_text_that_is_too_long_holds_up_no_other_update(world: World) -> None:
    subscribe(world, "hanna@example.org")
    now = world.clock.now()
    world.publish_update(replace(update_of(120_000), send_at=now))
    world.publish_update(replace(titled("It moved again", name="second-news"), send_at=now))

    with pytest.raises(Exception, match="AlertTooLarge"):
        world.run_every_minute()
    world.deliver_all()

    assert "It moved again" in world.mails("hanna@example.org")[0].text
    assert len(world.mails()) == 1
    lose_jobs(world)
