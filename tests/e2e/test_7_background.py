"""What runs without a request: the rule of every minute, and the stream behind the tally.

Last before the end, since most of the rule's minute has passed by now.
"""

from typing import Final

import pytest

from tests.e2e.drivers.deployed_stack import DeployedStack
from tests.e2e.drivers.waiter import wait_until
from tests.e2e.engine.stream_relay import StreamRelay

pytestmark = pytest.mark.e2e

INVOKED: Final = 1
"""Runs of EveryMinute in `test_5_health.py`."""


def test_every_minute_runs_by_its_own_rule(stack: DeployedStack) -> None:
    wait_until(
        "a run of EveryMinute by its rule",
        lambda: stack.run_count("EveryMinute") > INVOKED,
        seconds=90,
    )


def test_tally_has_taken_every_record_of_the_stream(stream_relay: StreamRelay) -> None:
    assert stream_relay.stop()
