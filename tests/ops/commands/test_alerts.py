"""Alerts are listed, paused, resumed, cancelled; who was missed is named, and mailed again."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.domain.alerts import content
from chalicelib.domain.alerts.alert import AlertKind, NewAlert
from chalicelib.domain.petitions.update import OnDoubt
from chalicelib.store.alerts import alerts
from chalicelib.usecases.alerts import controlling, fan_out, starting
from ops.local import ses as simulated_ses
from tests import builders
from tests.ops.pseudo_terminal import refused, zaklik
from tests.world import World

UPDATE_ID = "open-door/first-news"
ANNA, BORIS, VERA = "anna@example.org", "boris@example.org", "vera@example.org"


@pytest.fixture
def subscribed(operator: World) -> World:
    """A service with a published update and three subscribers."""
    operator.clock.moment = datetime.now(UTC)
    operator.publish_update()
    for address in (ANNA, BORIS, VERA):
        operator.sign_and_confirm(email=address, alerts="yes")
    return operator


@pytest.fixture
def started(subscribed: World) -> World:
    """The same, with an alert that has started and mailed nobody yet."""
    starting.start_update(subscribed.services, UPDATE_ID)
    return subscribed


@contextmanager
def refusing(address: str) -> Iterator[None]:
    """SES refuses mail to an address, as one recipient of a bulk call."""
    real = simulated_ses.SimulatedSes.send_bulk

    def send_bulk(self: simulated_ses.SimulatedSes, request: dict[str, object]) -> object:
        results = list(real(self, request))
        for place, entry in enumerate(request["BulkEmailEntries"]):  # type: ignore[var-annotated, arg-type]
            if address in entry["Destination"]["ToAddresses"]:
                results[place] = {"Status": "FAILED"}
        return results

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulated_ses.SimulatedSes, "send_bulk", send_bulk)
        yield


def finish(world: World) -> None:
    """Send all that is due; recovery counts it in one minute, and completes it in the next."""
    world.deliver_all()
    world.run_every_minute()
    world.run_every_minute()


def test_alerts_are_listed_with_what_they_send(started: World) -> None:
    finish(started)

    of_one, of_all = zaklik("alert", "list", "open-door"), zaklik("alert", "list")

    line = f"{started.alert_id()}  20"
    assert of_one.stdout == of_all.stdout
    assert of_one.stdout.startswith(line)
    assert f"complete   {UPDATE_ID}, 3 recipients" in of_one.stdout


def test_an_alert_is_shown_by_its_own_id_and_by_that_of_its_update(started: World) -> None:
    finish(started)

    by_update = zaklik("alert", "show", UPDATE_ID)
    by_id = zaklik("alert", "show", started.alert_id().upper())

    assert by_update.stdout == by_id.stdout
    assert "         3  sent" in by_id.stdout
    assert "Complete." in by_id.stdout


def test_a_paused_alert_mails_nobody_until_it_is_resumed(started: World) -> None:
    mails = len(started.mails())

    paused = zaklik("alert", "pause", UPDATE_ID, "--reason", "A wrong link")
    started.deliver_all()
    shown = zaklik("alert", "show", UPDATE_ID)
    between = len(started.mails())
    resumed = zaklik("alert", "resume", UPDATE_ID)
    finish(started)

    assert paused.exit_code == resumed.exit_code == 0
    assert "cannot be called back" in paused.stdout
    assert "Digests that have not started leave it out" in paused.stdout
    assert "Paused: A wrong link." in shown.stdout
    assert f"zaklik alert resume {started.alert_id()}" in shown.stdout
    assert between == mails
    assert len(started.mails()) == mails + 3


def test_a_cancelled_alert_mails_nobody_and_cannot_be_sent_again(started: World) -> None:
    mails = len(started.mails())

    not_yet = zaklik("alert", "cancel", UPDATE_ID, typed="n\n")
    state = controlling.show(started.services, started.alert_id()).alert.state
    cancelled = zaklik("alert", "cancel", UPDATE_ID, "--reason", "A wrong link", typed="y\n")
    finish(started)
    again = zaklik("update", "send", UPDATE_ID, "--yes")
    finish(started)

    assert (not_yet.exit_code, state) == (130, "open")
    assert "0 mails cannot be called back." in cancelled.stdout
    assert "Cancelled." in cancelled.stdout
    assert "Cancel it for good?" in cancelled.stderr
    assert "Digests that have not started would leave it out." in cancelled.stdout
    assert "was cancelled at 20" in again.stderr
    assert "when 0 recipients had got it. It cannot be sent again." in again.stderr
    assert "publish it under another name" in again.stderr
    assert "A wrong link" in zaklik("alert", "show", UPDATE_ID).stdout
    assert len(started.mails()) == mails


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("pause",), "Only an open alert can be paused."),
        (("resume",), "Only a paused alert can go on."),
        (("cancel", "--yes"), "It cannot be cancelled."),
    ],
)
def test_what_has_ended_is_refused_with_its_state(
    started: World, words: tuple[str, ...], rule: str
) -> None:
    finish(started)
    command, *options = words

    message = refused(zaklik("alert", command, UPDATE_ID, *options))

    assert rule in message
    assert "This one is complete since 20" in message


def test_what_ends_while_somebody_thinks_is_not_cancelled(
    started: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.commands.alerts.click.confirm", lambda *_, **__: finish(started))

    result = zaklik("alert", "cancel", UPDATE_ID)

    assert result.exit_code == 1
    assert "It has just ended. This one is complete" in result.stderr


def test_who_was_missed_is_named_by_blind_index_and_mailed_again(
    started: World, tmp_path: Path
) -> None:
    with refusing(BORIS):
        finish(started)
    mails = len(started.mails(to=BORIS))
    path = tmp_path / "missed.csv"

    shown = zaklik("alert", "show", UPDATE_ID)
    who = zaklik("alert", "who", UPDATE_ID, "--csv", path)
    others = zaklik("alert", "who", UPDATE_ID, "--outcome", "skipped")
    again = zaklik("alert", "again", UPDATE_ID, "--missed", typed="y\n")
    finish(started)
    nobody = zaklik("alert", "again", UPDATE_ID, "--missed")

    assert "         1  rejected" in shown.stdout
    assert "zaklik alert again" in shown.stdout
    assert "rejected FAILED" in who.stdout
    [heading, row] = path.read_text("utf-8").splitlines()
    index, *rest = row.split(",")
    assert (heading, rest) == ("index,outcome,reason", ["rejected", "FAILED"])
    assert index in {item["sk"] for item in started.subscriptions()}
    assert index in who.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Nobody, as far as it is kept." in others.stdout
    assert "1 recipient refused by the mail service; 0 in doubt" in again.stdout
    assert "1 recipient to be mailed again." in again.stdout
    assert len(started.mails(to=BORIS)) == mails + 1
    assert "nobody was refused or is in doubt." in nobody.stdout
    assert all("@" not in result.output for result in (shown, who, again))


def test_a_file_is_never_replaced(started: World, tmp_path: Path) -> None:
    path = tmp_path / "missed.csv"
    path.write_text("mine")

    assert "is there already" in refused(zaklik("alert", "who", UPDATE_ID, "--csv", path))
    assert path.read_text() == "mine"


def test_one_person_is_answered_without_a_list(started: World) -> None:
    with refusing(BORIS):
        finish(started)

    answers = {
        address: zaklik("alert", "who", UPDATE_ID, "--address", typed=f"{address}\n").stdout
        for address in (ANNA, BORIS, "nobody@example.org")
    }

    assert answers[ANNA] == "sent: handed to the mail service\n"
    assert answers[BORIS] == "rejected: refused by the mail service (FAILED)\n"
    assert "is not among its recipients" in answers["nobody@example.org"]
    mistyped = zaklik("alert", "who", UPDATE_ID, "--address", typed="boris\n")
    assert mistyped.exit_code == 1


def test_an_organiser_decides_that_nobody_is_mailed_twice(started: World) -> None:
    not_yet = zaklik("alert", "skip", UPDATE_ID, "--doubtful", typed="n\n")
    before = alerts.get(started.services.petitions, started.alert_id()).on_doubt
    decided = zaklik("alert", "skip", UPDATE_ID, "--doubtful", typed="y\n")
    after = alerts.get(started.services.petitions, started.alert_id()).on_doubt

    assert (not_yet.exit_code, decided.exit_code) == (130, 0)
    assert (before, after) == (OnDoubt.ASK, OnDoubt.SKIP)
    assert "Nobody is in doubt now. The decision holds for whoever comes" in decided.stdout
    assert "Who is in doubt for an hour is left out." in decided.stdout


def test_where_nobody_can_come_in_doubt_there_is_nothing_to_decide(started: World) -> None:
    finish(started)

    message = refused(zaklik("alert", "skip", UPDATE_ID, "--doubtful", "--yes"))

    assert "Nobody is in doubt now. This one is complete since 20" in message


def test_who_has_left_is_never_mailed_again_and_the_command_says_so(subscribed: World) -> None:
    own_page = subscribed.ask_for_own_page(BORIS)
    starting.start_update(subscribed.services, UPDATE_ID)
    fan_out.fan_out(subscribed.services, subscribed.alert_id())
    subscribed.post(own_page, {"do": "withdraw", "news": "stop"})
    finish(subscribed)

    again = zaklik("alert", "again", UPDATE_ID, "--missed")

    assert "1 recipient not mailed: they had left" in again.stdout


def test_what_is_scheduled_is_listed_in_its_zone(subscribed: World) -> None:
    at = datetime(2099, 4, 1, 6, tzinfo=UTC)
    subscribed.publish_update(
        builders.update(name="late-news", send_at=at, send_zone="Europe/Minsk")
    )

    listed = zaklik("alert", "list")

    assert "scheduled  2099-04-01 09:00 Europe/Minsk  open-door/late-news" in listed.stdout


def test_a_pause_by_a_person_is_shown_as_one(started: World) -> None:
    zaklik("alert", "pause", UPDATE_ID)

    assert "Paused by a person." in zaklik("alert", "show", UPDATE_ID).stdout


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("show", "open-door"), 2, "neither the ID of an alert, as 8c1f04d27be96a35 is, nor of"),
        (("show", "8c1f04d27be96a35"), 1, "There is no alert 8c1f04d27be96a35."),
        (("show", "open-door/nothing"), 1, "There is no update open-door/nothing."),
        (("list", "no-door"), 1, "Is it published"),
        (("again", UPDATE_ID), 2, "--missed"),
        (("who", UPDATE_ID, "--outcome", "sent"), 2, "'sent' is not one of"),
    ],
)
def test_a_mistype_is_answered_with_what_was_meant(
    subscribed: World, words: tuple[str, ...], code: int, reason: str
) -> None:
    result = zaklik("alert", *words)

    assert result.exit_code == code
    assert reason in " ".join(result.stderr.split())


def test_who_mistypes_in_a_hurry_learns_what_is_being_sent(started: World) -> None:
    message = refused(zaklik("alert", "cancel", "open-door/frist-news", "--yes"))

    assert "There is no update open-door/frist-news." in message
    assert f"Not complete now: {UPDATE_ID} (open)." in message


def test_an_update_that_waits_for_its_time_says_how_to_take_that_back(subscribed: World) -> None:
    at = datetime(2099, 4, 1, 6, tzinfo=UTC)
    subscribed.publish_update(
        builders.update(name="late-news", send_at=at, send_zone="Europe/Minsk")
    )

    message = refused(zaklik("alert", "cancel", "open-door/late-news", "--yes"))

    assert "it is to go out at 2099-04-01 09:00 Europe/Minsk" in message
    assert "delete the line send_at" in message


def test_while_alerts_are_off_nothing_is_let_go_on(subscribed: World) -> None:
    zaklik("switch", "off", "alerts", "open-door")
    mails = len(subscribed.mails())

    sent = zaklik("update", "send", UPDATE_ID, "--yes")
    message = refused(zaklik("alert", "resume", UPDATE_ID))
    finish(subscribed)
    between = len(subscribed.mails())
    switched = zaklik("switch", "on", "alerts", "open-door")
    finish(subscribed)

    assert f"{UPDATE_ID} waits: alerts of this petition are switched off." in sent.stdout
    assert "on its way" not in sent.stdout
    assert "Alerts of “open-door” are switched off, so nothing goes on." in message
    assert "zaklik switch on alerts open-door" in " ".join(message.split())
    assert "1 alert goes on." in switched.stdout
    assert (between, len(subscribed.mails())) == (mails, mails + 3)


def test_a_pause_names_the_digest_that_carries_the_same_text(subscribed: World) -> None:
    digest = NewAlert(
        slug="open-door",
        name="day-2026-03-09",
        kind=AlertKind.DIGEST,
        update_names=("first-news",),
        content=content.frozen(builders.petition(), [builders.update()], whole=False),
        on_doubt=OnDoubt.ASK,
    )
    starting.start(subscribed.services, digest, [])
    starting.start_update(subscribed.services, UPDATE_ID)
    [digest_id] = [
        each.alert_id
        for each in controlling.list_alerts(subscribed.services)
        if each.kind is AlertKind.DIGEST
    ]

    paused = " ".join(zaklik("alert", "pause", UPDATE_ID).stdout.split())
    cancelled = " ".join(zaklik("alert", "cancel", UPDATE_ID, "--yes").stdout.split())

    assert "holds the update, and goes on: open-door/day-2026-03-09." in paused
    assert f"zaklik alert pause {digest_id}" in paused
    assert "goes on until you cancel it, too: open-door/day-2026-03-09" in cancelled


def test_an_alert_that_ended_before_it_had_gathered_everybody_says_so(started: World) -> None:
    zaklik("alert", "pause", UPDATE_ID)

    shown = zaklik("alert", "show", UPDATE_ID).stdout
    missed = zaklik("alert", "who", UPDATE_ID).stdout

    assert "still to come, of those gathered so far" in shown
    assert "Its recipients have not all been gathered" in missed


def test_before_anything_is_sent_the_list_says_so(operator: World) -> None:
    operator.publish(builders.petition(slug="window"))

    assert "Nothing has been sent." in zaklik("alert", "list").stdout
