"""Before an update is sent, the command says who gets it; then it shows how far the sending is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.trail import Act
from chalicelib.store.organisers import trail
from chalicelib.usecases.alerts import starting
from ops.commands import alert_progress
from tests import builders
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World

UPDATE_ID = "open-door/first-news"


@pytest.fixture
def subscribed(operator: World) -> World:
    """Two who get each update, in English and in Belarusian, and one who gets a digest."""
    operator.clock.moment = datetime.now(UTC)
    for name in ("anna", "boris", "vera"):
        operator.sign_and_confirm(email=f"{name}@example.org", alerts="yes")
    for name, language, frequency in (("boris", "be", "each"), ("vera", "en", "weekly")):
        own_page = operator.ask_for_own_page(f"{name}@example.org")
        operator.post(own_page, {"do": "change", "language": language, "frequency": frequency})
    operator.deliver_all()
    return operator


def test_the_plan_says_who_gets_it_and_nothing_is_sent_at_a_no(subscribed: World) -> None:
    subscribed.publish_update()
    mails = len(subscribed.mails())

    result = zaklik("update", "send", UPDATE_ID, typed="n\n")
    subscribed.deliver_all()

    assert result.exit_code == 130
    assert "3 subscribers to news by mail, exactly." in result.stdout
    assert "         2  get it at once" in result.stdout
    assert "         1  get it in a digest" in result.stdout
    assert "bytes has the largest mail, in " in result.stdout
    assert "At SES's rate it is through at 20" in result.stdout
    assert "Send it now? Mail cannot be called back." in result.stderr
    assert len(subscribed.mails()) == mails
    assert "has not been sent" in zaklik("update", "status", UPDATE_ID).stdout


def test_the_plan_warns_of_languages_without_a_text(subscribed: World) -> None:
    text = builders.update().texts["en"]
    subscribed.publish_update(builders.update(texts={"en": text}))

    result = zaklik("update", "send", UPDATE_ID, "--yes")

    assert (
        "It has no text in the language of 1 subscriber (be 1), who get it in “en”."
        in result.stdout
    )
    assert "on its way" in result.stdout


def test_a_mail_that_would_be_cut_is_refused_before_anybody_is_asked(subscribed: World) -> None:
    text = replace(builders.update().texts["en"], html="<p>word</p>" * 9_000)
    subscribed.publish_update(builders.update(texts={"en": text}))

    message = refused(zaklik("update", "send", UPDATE_ID))

    assert "Shorten its text" in message
    assert subscribed.is_idle()


def test_the_sending_is_shown_until_nobody_is_left(
    subscribed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed.publish_update()
    waits: list[float] = []

    def deliver(seconds: float) -> None:
        waits.append(seconds)
        subscribed.deliver_all()

    monkeypatch.setattr(alert_progress, "sleep", deliver)

    result = zaklik("update", "send", UPDATE_ID, "--yes", "--watch")

    assert result.exit_code == 0, result.output
    assert waits
    assert "         2  sent" in result.stdout
    assert "Everybody has an outcome." in result.stdout


def test_the_sending_goes_on_when_the_showing_is_stopped(
    subscribed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed.publish_update()
    mails = len(subscribed.mails())

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(alert_progress, "sleep", interrupted)

    result = zaklik("update", "send", UPDATE_ID, "--yes", "--watch")
    subscribed.deliver_all()

    assert result.exit_code == 130
    assert "The sending goes on without this window." in result.stdout
    assert f"zaklik alert pause {subscribed.alert_id()}" in result.stdout
    assert len(subscribed.mails()) == mails + 2


def test_what_was_sent_meanwhile_is_not_sent_twice(
    subscribed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed.publish_update()
    monkeypatch.setattr(
        "ops.commands.update_sending.click.confirm",
        lambda *_, **__: starting.start_update(subscribed.services, UPDATE_ID),
    )

    result = zaklik("update", "send", UPDATE_ID)

    assert result.exit_code == 0
    assert "has been sent before. Nothing is sent twice." in result.stdout


def test_what_nobody_has_approved_is_sent_only_by_an_operator_who_says_so(
    subscribed: World,
) -> None:
    subscribed.publish(builders.petition(approvals=frozenset({"sending"})))
    subscribed.publish_update()

    message = refused(zaklik("update", "send", UPDATE_ID, "--yes"))
    result = zaklik("update", "send", UPDATE_ID, "--yes", "--without-approval")

    assert "nobody has approved the update as it is now" in message
    assert "on its way" in result.stdout
    lines = trail.all_of(subscribed.services.organisers, "open-door")
    assert [(line.actor, line.act, line.detail) for line in lines] == [
        (OPERATOR, Act.SEND_UPDATE, "first-news, without approval")
    ]
