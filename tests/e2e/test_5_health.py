"""Every function has run as deployed, nothing was given up, no log names a person."""

import re
from typing import Any, Final

import pytest

from tests.e2e.demo import SIGNER, SIGNER_NAME, SLUG, SUBSCRIBER, UPDATE
from tests.e2e.drivers.command_line import CommandLine
from tests.e2e.drivers.deployed_stack import FUNCTIONS, DeployedStack
from tests.e2e.drivers.waiter import wait_until
from tests.e2e.engine.cloudfront_proxy import CloudFrontProxy
from tests.e2e.engine.mailbox import Mailbox

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("stack")]

FAILURE: Final = re.compile(r'"level":\s*"(ERROR|CRITICAL)"|Traceback|\[ERROR\]')
TOKEN: Final = re.compile(r"[^/]{41,}$")
"""No other part of our paths is as long."""


def test_an_alert_is_complete_with_the_next_minute(
    stack: DeployedStack, zaklik: CommandLine
) -> None:
    stack.invoke("EveryMinute", scheduled_event(stack, "EveryMinute"))

    assert "Complete." in zaklik("update", "status", f"{SLUG}/{UPDATE}")


def test_reconcile_finds_nothing_to_repair(stack: DeployedStack) -> None:
    stack.invoke("Reconcile", scheduled_event(stack, "Reconcile"))

    assert [line for line in stack.log_lines("Reconcile") if "repaired" in line] == []


def scheduled_event(stack: DeployedStack, function: str) -> dict[str, Any]:
    arn = stack.configuration(function)["FunctionArn"]
    return {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-03-08T03:20:00Z",
        "region": "eu-central-1",
        "resources": [arn.replace(":lambda:", ":events:")],
        "detail": {},
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_run_as_deployed(stack: DeployedStack, function: str) -> None:
    assert stack.run_count(function)


# Tally has failed whenever the engine's own mapping called it, see `engine/stream_relay.py`.
@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - {"Tally"}))
def test_no_function_has_failed(stack: DeployedStack, function: str) -> None:
    assert [line for line in stack.log_lines(function) if FAILURE.search(line)] == []


def test_no_queue_holds_a_message_and_none_was_given_up(stack: DeployedStack) -> None:
    wait_until("empty queues", lambda: not any(stack.message_counts().values()))


def test_no_log_names_a_person_an_address_or_a_link(
    stack: DeployedStack, proxy: CloudFrontProxy, signer: Mailbox, subscriber: Mailbox
) -> None:
    tokens = [
        {match[0] for link in mailbox.links() if (match := TOKEN.search(link))}
        for mailbox in (signer, subscriber)
    ]
    assert all(tokens)

    personal = {SIGNER_NAME, SIGNER, SUBSCRIBER, proxy.url}.union(*tokens)
    lines = stack.log_lines()
    assert lines
    assert [line for line in lines if any(text in line for text in personal)] == []
