"""Organisers pause, resume and cancel alerts, look at them, and mail who was missed again."""

from collections import Counter
from datetime import timedelta

import pytest

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.errors import NotFound
from chalicelib.store import keys
from chalicelib.store.alerts import alerts
from chalicelib.usecases.alerts import controlling, fan_out, retrying, sending, starting
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.usecases.alerts.alerting import (
    begin,
    lose_jobs,
    news,
    run_minutes,
    start,
    subscribe,
    subscribe_many,
)
from tests.world import World


def break_seal(world: World) -> str:
    """Damage the seal of the first subscriber; returns the index."""
    first = world.subscriptions()[0]
    world.services.subscribers.update(
        {"pk": first["pk"], "sk": first["sk"]},
        "SET sealed_address = :damaged",
        values={":damaged": b"\x01 damaged"},
    )
    return str(first["sk"])


def test_a_paused_alert_goes_on_where_it_was(world: World) -> None:
    world.grant_mails(rate=1)
    addresses = subscribe_many(world, 10)
    alert_id = start(world)
    lose_jobs(world)
    sending.send_chunk(world.services, builders.chunk_job(alert_id))
    assert controlling.pause(world.services, alert_id, "a wrong link")
    run_minutes(world, 3)
    while_paused = len(news(world))

    assert controlling.resume(world.services, alert_id)
    run_minutes(world, 3)

    assert while_paused == 4
    assert sorted(mail.to for mail in news(world)) == addresses
    assert alerts.get(world.services.petitions, alert_id).state is AlertState.COMPLETE


def test_a_chunk_that_is_claimed_as_its_alert_is_paused_goes_back(world: World) -> None:
    subscribe_many(world, 3)
    alert_id = start(world)
    lose_jobs(world)
    controlling.pause(world.services, alert_id)

    sending.send_chunk(world.services, builders.chunk_job(alert_id))
    progress = controlling.show(world.services, alert_id)

    assert (progress.left, progress.in_doubt, progress.outcomes.total()) == (3, 0, 0)
    assert news(world) == []


def test_a_cancelled_alert_settles_the_rest_as_cancelled(world: World) -> None:
    world.grant_mails(rate=1)
    subscribe_many(world, 10)
    alert_id = start(world)
    lose_jobs(world)
    sending.send_chunk(world.services, builders.chunk_job(alert_id))

    assert controlling.cancel(world.services, alert_id, "a wrong link")
    run_minutes(world, 4)

    alert = alerts.get(world.services.petitions, alert_id)
    assert (alert.state, alert.reason) == (AlertState.CANCELLED, "a wrong link")
    assert +Counter(dict(alert.totals)) == {Outcome.SENT: 4, Outcome.CANCELLED: 6}
    assert alerts.list_open(world.services.petitions) == []
    assert len(news(world)) == 4
    assert not controlling.resume(world.services, alert_id)
    assert retrying.again_missed(world.services, alert_id) == 0


def test_who_was_not_mailed_is_shown_as_cancelled_at_once(world: World) -> None:
    world.grant_mails(rate=1)
    subscribe_many(world, 10)
    alert_id = start(world)
    lose_jobs(world)
    sending.send_chunk(world.services, builders.chunk_job(alert_id))

    controlling.cancel(world.services, alert_id)
    progress = controlling.show(world.services, alert_id)
    missed = list(controlling.missed(world.services, alert_id))

    assert +progress.outcomes == {Outcome.SENT: 4, Outcome.CANCELLED: 6}
    assert progress.left == 0
    assert [each.outcome for each in missed] == [Outcome.CANCELLED] * 6


def test_what_is_being_mailed_as_its_alert_is_cancelled_stays_open(world: World) -> None:
    world.grant_mails(rate=1)
    subscribe_many(world, 10)
    alert_id = start(world)
    lose_jobs(world)
    with (
        pytest.raises(Crash),
        recorded(AwsCalls(at="sesv2.SendBulkEmail", fault=Fault.KILLED_AFTER)),
    ):
        sending.send_chunk(world.services, builders.chunk_job(alert_id))

    controlling.cancel(world.services, alert_id)
    progress = controlling.show(world.services, alert_id)

    assert (progress.outcomes[Outcome.CANCELLED], progress.left) == (6, 4)


def test_a_pause_without_a_reason_says_that_a_person_has_paused(world: World) -> None:
    alert_id = begin(world)

    controlling.pause(world.services, alert_id)

    assert alerts.get(world.services.petitions, alert_id).reason == "paused by a person"


def test_a_cancelled_chunk_in_doubt_is_doubtful_but_for_what_events_say(world: World) -> None:
    subscribe_many(world, 3)
    alert_id = start(world)
    lose_jobs(world)
    with (
        pytest.raises(Crash),
        recorded(AwsCalls(at="sesv2.SendBulkEmail", fault=Fault.KILLED_BEFORE)),
    ):
        sending.send_chunk(world.services, builders.chunk_job(alert_id))

    controlling.cancel(world.services, alert_id)
    run_minutes(world, 4)

    assert alerts.get(world.services.petitions, alert_id).totals[Outcome.DOUBTFUL] == 3
    assert alerts.list_open(world.services.petitions) == []


def test_each_command_says_whether_it_has_changed_anything(world: World) -> None:
    alert_id = begin(world)

    assert not controlling.resume(world.services, alert_id)
    assert controlling.pause(world.services, alert_id)
    assert not controlling.pause(world.services, alert_id)
    assert controlling.resume(world.services, alert_id)
    assert controlling.cancel(world.services, alert_id)
    assert not controlling.cancel(world.services, alert_id)
    for unknown in (controlling.show, controlling.skip_doubtful, retrying.again_missed):
        with pytest.raises(NotFound):
            unknown(world.services, "8c1f04d27be96a35")


def test_the_alerts_of_a_petition_or_of_all_are_listed_newest_first(world: World) -> None:
    first = begin(world)
    world.publish(builders.petition(slug="shut-door"))
    world.clock.advance(minutes=1)
    second = begin(world, slug="shut-door")

    assert [it.alert_id for it in controlling.list_alerts(world.services)] == [second, first]
    assert [it.alert_id for it in controlling.list_alerts(world.services, "open-door")] == [first]


def test_what_is_scheduled_is_listed_soonest_first_until_it_is_sent_or_moved(world: World) -> None:
    now = world.clock.now()
    for days, name in ((3, "third"), (1, "first"), (2, "second"), (4, "taken-back")):
        world.publish_update(builders.update(name=name, send_at=now + timedelta(days=days)))
    world.publish_update(builders.update(name="taken-back", send_at=None))
    world.publish(builders.petition(slug="shut-door"))
    soon = now + timedelta(hours=1)
    world.publish_update(builders.update(slug="shut-door", name="soon", send_at=soon))
    starting.start_update(world.services, "open-door/second")

    def names(slug: str | None = None) -> list[str]:
        return [it.name for it in controlling.list_scheduled(world.services, slug)]

    assert names() == ["soon", "first", "third"]
    assert names("open-door") == ["first", "third"]


def test_progress_counts_closed_and_open_groups_and_who_is_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "MAX_GROUP_CHUNKS", 1)
    world.grant_mails(rate=1)
    subscribe_many(world, 10)
    alert_id = start(world)
    lose_jobs(world)
    for number in (0, 1):
        sending.send_chunk(world.services, builders.chunk_job(alert_id, number))
        if not number:
            world.run_every_minute()
            lose_jobs(world)

    progress = controlling.show(world.services, alert_id)

    assert progress.alert.totals[Outcome.SENT] == 4
    assert (progress.outcomes[Outcome.SENT], progress.left) == (8, 2)
    assert progress.per_second
    assert progress.expected_end
    assert progress.expected_end > world.clock.now()
    assert progress.stopped == ""


def test_progress_says_why_all_sending_is_stopped(world: World) -> None:
    alert_id = begin(world)
    world.grant_mails(quota=0)

    progress = controlling.show(world.services, alert_id)

    assert "daily quota" in progress.stopped


def test_who_was_missed_is_told_with_the_reason_and_mailed_again_once(world: World) -> None:
    addresses = subscribe_many(world, 3)
    before = world.subscriptions()
    index = break_seal(world)
    alert_id = start(world)
    run_minutes(world, 2)
    found = controlling.missed(world.services, alert_id)
    missed = [(it.index, it.outcome, it.reason) for it in found]
    for item in before:
        world.services.subscribers.put({"pk": item["pk"], "sk": item["sk"]}, item)

    counts = [retrying.again_missed(world.services, alert_id) for _ in range(2)]
    run_minutes(world, 2)

    assert missed == [(index, Outcome.REJECTED, "SEAL")]
    assert counts == [1, 0]
    assert sorted(mail.to for mail in news(world)) == addresses
    alert = alerts.get(world.services.petitions, alert_id)
    assert (alert.state, alert.totals[Outcome.SENT]) == (AlertState.COMPLETE, 3)
    assert list(controlling.missed(world.services, alert_id)) == []


def miss_many(world: World) -> tuple[str, list[str]]:
    """An alert in chunks of few that has missed all its 130 recipients, and their addresses."""
    world.grant_mails(rate=1)
    addresses = subscribe_many(world, 130)
    alert_id = start(world)
    lose_jobs(world)
    table = world.services.petitions
    for number in range(alerts.get(table, alert_id).chunk_count):
        rejected = {":settled": "settled", ":all": {0, 1, 2, 3}, ":one": 1}
        size = (table.find(keys.chunk(alert_id, number)) or {})["size"]
        rejected[":all"] = set(range(size))
        table.update(
            keys.chunk(alert_id, number),
            "SET #state = :settled, rejected = :all ADD attempt :one",
            names={"#state": "state"},
            values=rejected,
        )
    world.run_every_minute()
    world.grant_mails()
    return alert_id, addresses


def test_many_who_were_missed_move_in_several_groups(world: World) -> None:
    alert_id, addresses = miss_many(world)

    count = retrying.again_missed(world.services, alert_id)
    run_minutes(world, 3)

    assert count == 130
    assert sorted(mail.to for mail in news(world)) == addresses
    totals = alerts.get(world.services.petitions, alert_id).totals
    assert +Counter(dict(totals)) == {Outcome.SENT: 130}


def test_many_are_mailed_again_page_by_page_each_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "_CHUNKS_PER_PAGE", 5)
    alert_id, addresses = miss_many(world)

    for _ in range(2):
        retrying.ask_again_missed(world.services, alert_id)
    run_minutes(world, 3)

    assert sorted(mail.to for mail in news(world)) == addresses
    totals = alerts.get(world.services.petitions, alert_id).totals
    assert +Counter(dict(totals)) == {Outcome.SENT: 130}


def test_a_mailing_that_is_paused_reaches_no_new_subscriber_of_another_petition(
    world: World,
) -> None:
    """An alert that is paused holds up no other."""
    subscribe(world, "hanna@example.org")
    controlling.pause(world.services, start(world))
    lose_jobs(world)
    other = start(world, name="second-news")

    run_minutes(world, 3)

    assert len(news(world)) == 1
    assert alerts.get(world.services.petitions, other).state is AlertState.COMPLETE
