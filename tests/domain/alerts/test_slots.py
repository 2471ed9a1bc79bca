"""Slots: never more than SES's rate and a burst; single mails first; within the daily quota."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alerts import slots
from chalicelib.domain.alerts.pacing import (
    BULK_SHARE,
    Lane,
    NotNow,
    Pace,
    SendingStopped,
    Stop,
    days_needed,
    expected_end,
)
from tests.builders import NOW
from tests.pacing import given_slot

RATE = 14.0
FREE = Pace(revision=1, rate=RATE, quota=None)
MEGA = 1_000_000


@dataclass
class SlotTaker:
    """Asks for slots as time passes, and notes when each mail goes."""

    pace: Pace = FREE
    now: datetime = NOW
    sent: list[tuple[datetime, Lane, int]] = field(default_factory=list)

    def ask(self, lane: Lane, count: int) -> datetime | None:
        """Take a slot and send; its beginning, None without one."""
        try:
            self.pace, starts_at = given_slot(self.pace, lane, count, self.now)
        except NotNow:
            return None
        if lane.is_bulk:
            self.sent += [(at, lane, size) for at, size in slots.calls(self.pace, starts_at, count)]
        else:
            self.sent.append((starts_at, lane, count))
        return starts_at

    def most_within(self, period: timedelta, *lanes: Lane) -> int:
        """The most mails of these lanes in any period of this length."""
        sent = sorted((at, count) for at, lane, count in self.sent if lane in lanes)
        return max(
            (sum(n for at, n in sent if start <= at < start + period) for start, _ in sent),
            default=0,
        )


requests = st.lists(
    st.tuples(st.sampled_from(list(Lane)), st.floats(0, 3, allow_nan=False), st.integers(1, 99)),
    max_size=60,
)


@given(requests, st.sampled_from([1.0, 2.5, 14.0, 90.0]))
def test_no_lane_gets_more_than_its_rate_and_a_burst(
    asked: list[tuple[Lane, float, int]], rate: float
) -> None:
    sender = SlotTaker(pace=replace(FREE, rate=rate))
    for lane, pause, count in asked:
        sender.now += timedelta(seconds=pause)
        most = slots.chunk_size(sender.pace, sender.now)
        sender.ask(lane, min(count, most) if lane.is_bulk else 1)

    for seconds in (1, 5, 20):
        period = timedelta(seconds=seconds)
        singles = sender.most_within(period, Lane.SINGLE, Lane.ORGANISER)
        bulk = sender.most_within(period, Lane.ALERT, Lane.DIGEST)
        per_call = slots.mails_per_call(sender.pace, sender.now)
        assert singles <= rate * seconds + rate + 1
        assert bulk <= rate * BULK_SHARE * seconds + per_call + 1


@given(requests)
def test_a_single_mail_never_waits_for_bulk(asked: list[tuple[Lane, float, int]]) -> None:
    with_bulk, alone = SlotTaker(), SlotTaker()
    for lane, pause, count in asked:
        for sender in (with_bulk, alone):
            sender.now += timedelta(seconds=pause)
        if lane.is_bulk:
            with_bulk.ask(lane, min(count, slots.chunk_size(FREE, NOW)))
        else:
            assert with_bulk.ask(lane, 1) == alone.ask(lane, 1)


@given(requests)
def test_the_lanes_are_served_in_their_order(asked: list[tuple[Lane, float, int]]) -> None:
    """Whoever gets a slot would also get it in a more urgent lane of its kind."""
    sender = SlotTaker()
    for lane, pause, _ in asked:
        sender.now += timedelta(seconds=pause)
        kind = [other for other in Lane if other.is_bulk == lane.is_bulk]
        served = [SlotTaker(pace=sender.pace, now=sender.now).ask(other, 1) for other in kind]
        assert served == sorted(served, key=lambda start: start is None)
        sender.ask(lane, 40 if lane.is_bulk else 1)


def test_bulk_yields_to_single_mails_and_then_gets_four_fifths_of_the_rate() -> None:
    busy, quiet = SlotTaker(), SlotTaker()
    for _ in range(600):
        busy.now += timedelta(seconds=0.1)
        quiet.now += timedelta(seconds=0.1)
        busy.ask(Lane.SINGLE, 1)
        for sender in (busy, quiet):
            sender.ask(Lane.ALERT, slots.chunk_size(FREE, NOW))

    def share(sender: SlotTaker) -> float:
        return sum(n for _, lane, n in sender.sent if lane is Lane.ALERT) / (60 * RATE)

    # Ten single mails a second leave four sevenths of the time less to bulk.
    assert share(quiet) == pytest.approx(0.8, abs=0.15)
    assert share(busy) == pytest.approx(0.8 * (1 - 10 / RATE), abs=0.15)


def test_throttling_slows_down_bulk_and_no_single_mail() -> None:
    slow = replace(FREE, reduced_to=1.4, reduced_at=NOW)

    assert slots.slot(slow, Lane.ALERT, 14, NOW).all_cost == timedelta(seconds=12.5)
    assert slots.slot(slow, Lane.SINGLE, 14, NOW).single_cost == timedelta(seconds=1)


def test_a_digest_goes_only_while_no_alert_waits() -> None:
    sender = SlotTaker()
    assert sender.ask(Lane.ALERT, 56)
    assert sender.ask(Lane.DIGEST, 56) is None
    assert sender.ask(Lane.ALERT, 56)

    sender.now += timedelta(seconds=9)

    assert sender.ask(Lane.DIGEST, 56)


@pytest.mark.parametrize(
    ("rate", "per_call", "chunk"),
    [(0.2, 1, 1), (1, 1, 4), (14, 11, 56), (62.5, 50, 99), (500, 50, 99)],
)
def test_calls_and_chunks_are_as_large_as_the_rate_allows(
    rate: float, per_call: int, chunk: int
) -> None:
    pace = replace(FREE, rate=rate)

    assert slots.mails_per_call(pace, NOW) == per_call
    assert slots.chunk_size(pace, NOW) == chunk


def test_the_calls_of_a_slot_are_even_and_follow_each_other_at_the_rate_of_bulk() -> None:
    calls = slots.calls(FREE, NOW, 56)

    assert [size for _, size in calls] == [10, 10, 9, 9, 9, 9]
    assert calls[0][0] == NOW
    assert (calls[-1][0] - NOW).total_seconds() == pytest.approx(47 / (RATE * 0.8))


def test_a_stop_is_tried_once_after_its_wait() -> None:
    stop = Stop(reason="x", since=NOW, trials=0, retry_at=NOW + timedelta(minutes=1))
    stopped = replace(FREE, stop=stop)

    with pytest.raises(SendingStopped) as raised:
        slots.slot(stopped, Lane.SINGLE, 1, NOW)
    trial = slots.slot(stopped, Lane.SINGLE, 1, stop.retry_at).trial

    assert raised.value.retry_after_seconds == 60
    assert trial
    assert trial.retry_at == stop.retry_at + timedelta(minutes=2)
    waits = []
    for _ in range(6):
        next_trial = trial.next_trial(trial.retry_at)
        waits.append((next_trial.retry_at - trial.retry_at).total_seconds() / 60)
        trial = next_trial
    assert waits == [4, 8, 15, 15, 15, 15]


def test_the_daily_quota_stops_bulk_and_keeps_a_fifth_for_single_mails() -> None:
    sender = SlotTaker(pace=replace(FREE, quota=200, sent=157))

    assert sender.ask(Lane.ALERT, 3)
    sender.now += timedelta(minutes=1)

    with pytest.raises(SendingStopped, match="seconds"):
        slots.slot(sender.pace, Lane.ALERT, 1, sender.now)
    assert sender.ask(Lane.SINGLE, 1)


def test_the_last_mails_of_a_day_are_a_small_slot() -> None:
    pace = replace(FREE, quota=200, sent=150)

    assert slots.slot_size(FREE, NOW) == slots.chunk_size(FREE, NOW) > 10
    assert slots.slot_size(pace, NOW) == pace.bulk_left == 10
    assert slots.slot_size(replace(pace, sent=200), NOW) == 1


def test_what_single_mails_have_used_of_their_share_is_not_kept_twice() -> None:
    pace = replace(FREE, quota=200, sent=30, singles=30)

    assert pace.bulk_left == 200 - 30 - (40 - 30)


def test_busy_days_keep_more_for_single_mails() -> None:
    assert replace(FREE, quota=200, singles_by_day=(3, 120, 7)).bulk_left == 80
    assert replace(FREE, quota=200, singles_by_day=(900,)).bulk_left == 0


def test_five_hundred_recipients_by_two_hundred_a_day_take_four_days() -> None:
    pace = replace(FREE, rate=1.0, quota=200)

    assert days_needed(pace, 500) == 4
    end = expected_end(pace, 500, NOW)
    assert end
    # 160 a day, and the last 20 at 0.8 a second.
    assert end - NOW == timedelta(days=3, seconds=20 / 0.8)
    assert days_needed(pace, 160) == 1


def test_a_quota_that_is_used_up_is_free_again_a_day_later() -> None:
    pace = replace(FREE, quota=200, sent=200)

    assert days_needed(pace, 160) == 1
    assert expected_end(pace, 160, NOW) == NOW + timedelta(days=1, seconds=160 / (RATE * 0.8))


def test_without_room_for_bulk_an_alert_never_ends() -> None:
    pace = replace(FREE, quota=200, singles_by_day=(200,))

    assert days_needed(pace, 1) is None
    assert expected_end(pace, 1, NOW) is None


def test_a_million_without_a_daily_quota_ends_by_the_rate() -> None:
    assert days_needed(FREE, MEGA) == 1
    end = expected_end(FREE, MEGA, NOW)
    assert end
    assert (end - NOW).total_seconds() == pytest.approx(MEGA / (RATE * 0.8))
