"""Pending digests: each update that was sent is in one digest a day and in one a week."""

from datetime import timedelta

import pytest

from chalicelib.domain.alerts.alert import AlertKind, AlertState
from chalicelib.domain.alerts.digest import DIGESTS, PendingDigests, Sending, Waiting
from chalicelib.domain.subscriber import Frequency, NewsChoice
from chalicelib.store import keys
from chalicelib.store.alerts import alerts, digests
from chalicelib.store.dynamodb.table import Table
from tests import builders
from tests.builders import NOW

SLUG = "open-door"
NAMES = {Frequency.DAILY: "day-2026-03-09", Frequency.WEEKLY: "week-2026-03-09"}


def start(table: Table, name: str, *, minutes: int = 0) -> str:
    """Start the alert of an update."""
    now = NOW + timedelta(minutes=minutes)
    waiting = digests.waiting_for_digests(SLUG, name, since=now)
    new = builders.new_alert(name=name, update_names=(name,))
    alert_id = alerts.open_alert(table, new, [waiting], now=now)
    assert alert_id
    return alert_id


def start_digest(table: Table, pending: PendingDigests, frequency: Frequency) -> str | None:
    name = NAMES[frequency]
    names = pending.updates_for(frequency).names
    new = builders.new_alert(name=name, kind=AlertKind.DIGEST, update_names=names)
    emptying = digests.emptying(pending, frequency, name, started=names, held=())
    return alerts.open_alert(table, new, [emptying], now=NOW + timedelta(days=1))


def end(table: Table, alert_id: str, state: AlertState) -> None:
    table.update(
        keys.alert(alert_id),
        "SET #state = :state",
        names={"#state": "state"},
        values={":state": state},
    )


def test_an_update_waits_for_both_digests_from_its_alert_on(petitions_table: Table) -> None:
    start(petitions_table, "first-news")
    start(petitions_table, "second-news", minutes=1)

    pending = digests.get(petitions_table, SLUG)

    for frequency in DIGESTS:
        waiting = Waiting(names=("first-news", "second-news"), since=NOW)
        assert pending.updates_for(frequency) == waiting
    assert digests.list_pending(petitions_table) == [pending]


@pytest.mark.parametrize("frequency", DIGESTS)
def test_a_digest_is_an_alert_to_its_subscribers_and_sent_once(
    petitions_table: Table, frequency: Frequency
) -> None:
    for name in ("first-news", "second-news"):
        start(petitions_table, name)
    pending = digests.get(petitions_table, SLUG)

    alert_id = start_digest(petitions_table, pending, frequency)
    again = start_digest(petitions_table, pending, frequency)

    assert again is None
    alert = alerts.get(petitions_table, alert_id or "")
    assert alert.update_names == ("first-news", "second-news")
    for each in Frequency:
        reached = alert.updates_for(NewsChoice(frequency=each))
        assert reached == (alert.update_names if each is frequency else ())
    after = digests.get(petitions_table, SLUG)
    assert after.updates_for(frequency) == Waiting()
    [other] = {*DIGESTS} - {frequency}
    assert after.updates_for(other) == pending.updates_for(other)


def test_a_digest_that_was_read_before_an_alert_started_does_not_start(
    petitions_table: Table,
) -> None:
    start(petitions_table, "first-news")
    pending = digests.get(petitions_table, SLUG)
    start(petitions_table, "second-news")

    assert start_digest(petitions_table, pending, Frequency.DAILY) is None
    waiting = digests.get(petitions_table, SLUG).updates_for(Frequency.DAILY)
    assert waiting.names == ("first-news", "second-news")


def test_an_update_is_underway_until_its_alert_and_both_digests_have_ended(
    petitions_table: Table,
) -> None:
    ids = [start(petitions_table, "first-news")]
    for frequency in DIGESTS:
        assert digests.get(petitions_table, SLUG).underway == {"first-news"}
        ids.append(
            start_digest(petitions_table, digests.get(petitions_table, SLUG), frequency) or ""
        )
    pending = digests.get(petitions_table, SLUG)
    assert pending.sendings == {
        Sending(update_name="first-news", name=name) for name in ("first-news", *NAMES.values())
    }

    states = (AlertState.COMPLETE, AlertState.CANCELLED, AlertState.COMPLETE)
    for alert_id, state in zip(ids, states, strict=True):
        assert digests.without_ended(petitions_table, pending).underway == {"first-news"}
        end(petitions_table, alert_id, state)
    assert digests.without_ended(petitions_table, pending).underway == set()


def test_a_paused_alert_keeps_its_update_underway(petitions_table: Table) -> None:
    end(petitions_table, start(petitions_table, "first-news"), AlertState.PAUSED)
    for frequency in DIGESTS:
        pending = digests.get(petitions_table, SLUG)
        end(
            petitions_table,
            start_digest(petitions_table, pending, frequency) or "",
            AlertState.COMPLETE,
        )

    left = digests.without_ended(petitions_table, digests.get(petitions_table, SLUG))

    assert left.sendings == {Sending(update_name="first-news", name="first-news")}
    assert left.underway == {"first-news"}


def test_an_alert_whose_header_is_lost_keeps_nothing_underway(petitions_table: Table) -> None:
    petitions_table.delete(keys.alert(start(petitions_table, "first-news")))

    pending = digests.get(petitions_table, SLUG)

    assert digests.without_ended(petitions_table, pending).sendings == frozenset()


def test_a_petition_that_has_sent_nothing_has_no_pending_digest(petitions_table: Table) -> None:
    assert digests.get(petitions_table, SLUG) == PendingDigests(slug=SLUG)
    assert digests.list_pending(petitions_table) == []
