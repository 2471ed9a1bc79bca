"""What an organiser reads of an alert that waits, stands still, or is in doubt."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.alerts.alert import AlertState
from chalicelib.domain.alerts.chunk import Outcome
from chalicelib.domain.alerts.pilot import PILOT_RECIPIENTS
from chalicelib.usecases.alerts import controlling, starting
from chalicelib.usecases.alerts.controlling import Progress
from ops.commands import alert_progress
from tests import builders
from tests.world import World


@pytest.fixture
def half_way(world: World) -> Progress:
    """An alert of 2,000 recipients, half of whom were mailed."""
    update = world.publish_update()
    alert_id = starting.start_update(world.services, update.id)
    assert alert_id
    progress = controlling.show(world.services, alert_id)
    alert = replace(progress.alert, cursor=None, recipient_count=2_000, pilot_checked=True)
    return replace(
        progress,
        alert=alert,
        outcomes=Counter({Outcome.SENT: 990, Outcome.REJECTED: 10}),
        left=1_000,
        expected_end=builders.NOW + timedelta(minutes=5),
        per_second=12.5,
    )


def shown(progress: Progress, capsys: pytest.CaptureFixture[str]) -> str:
    """What is printed of it."""
    alert_progress.show(progress, builders.NOW)
    return capsys.readouterr().out


def test_half_way_it_says_how_many_and_until_when(
    half_way: Progress, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(half_way, capsys)

    assert "50 %" in text
    assert "       990  sent" in text
    assert "     1,000  open       still to come" in text
    assert "At SES's rate it is through at 2026-03-08 12:05 UTC." in text
    assert f"alert who {half_way.alert.alert_id}" in text
    assert alert_progress._remark(half_way, builders.NOW) == "12.5 a second, about 5 minutes left"


def test_what_stands_still_says_why(half_way: Progress, capsys: pytest.CaptureFixture[str]) -> None:
    stopped = replace(half_way, stopped="SES has paused the account")

    assert "Sending stands still: SES has paused the account. It goes on by itself." in shown(
        stopped, capsys
    )
    assert "stands still" in alert_progress._remark(stopped, builders.NOW)


def test_without_room_in_the_quota_nobody_knows_the_end(
    half_way: Progress, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(replace(half_way, expected_end=None), capsys)

    assert "SES's daily quota leaves no room" in text


def test_who_waits_for_the_first_thousand_is_told(
    half_way: Progress, capsys: pytest.CaptureFixture[str]
) -> None:
    alert = replace(
        half_way.alert, cursor="3#", pilot_checked=False, recipient_count=PILOT_RECIPIENTS
    )
    waiting = replace(half_way, alert=alert)

    assert "The first 1,000 are sent first." in shown(waiting, capsys)
    assert "waits for the first mails" in alert_progress._remark(waiting, builders.NOW)


def test_who_is_in_doubt_is_shown_with_the_two_ways_out(
    half_way: Progress, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(replace(half_way, in_doubt=99), capsys)

    assert "Of 99 recipients it is not known yet whether they were mailed." in text
    assert "--missed" in text
    assert "--doubtful" in text


def test_a_reason_cannot_steer_the_terminal(
    half_way: Progress, capsys: pytest.CaptureFixture[str]
) -> None:
    alert = replace(half_way.alert, state=AlertState.CANCELLED, reason="A\x1b[2Jslip")

    text = shown(replace(half_way, alert=alert), capsys)

    assert "A\N{REPLACEMENT CHARACTER}[2Jslip" in text
