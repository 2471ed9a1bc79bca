"""`zaklik deploy` as the operator types it, and what it has made."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.e2e.demo import DOMAIN
from tests.e2e.drivers.command_line import CommandLine
from tests.e2e.drivers.deployed_stack import FUNCTIONS, DeployedStack
from tests.e2e.engine.ministack import Ministack

pytestmark = pytest.mark.e2e


def test_the_engine_refuses_a_user_without_a_policy(
    engine: Ministack, root: Callable[[str], Any], client: Callable[[str], Any]
) -> None:
    root("iam").create_user(UserName="stranger")
    key = root("iam").create_access_key(UserName="stranger")["AccessKey"]
    stranger = boto3.client(
        "dynamodb",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        endpoint_url=engine.url,
        verify=str(engine.certificate),
    )

    with pytest.raises(ClientError, match="AccessDenied"):
        stranger.list_tables()
    assert client("dynamodb").list_tables()["TableNames"] == []


def test_apply_refuses_a_sender_that_ses_does_not_know(zaklik: CommandLine) -> None:
    output = zaklik("deploy", "apply", "--yes", exit_status=1)

    assert f"SES does not know {DOMAIN}" in output
    assert "Nothing has changed" in output


def test_check_finds_nothing_in_the_way(zaklik: CommandLine) -> None:
    assert "builds" in zaklik("deploy", "check", "--without-mail")


def test_plan_shows_what_would_be_made_and_leaves_no_stack(
    zaklik: CommandLine, client: Callable[[str], Any]
) -> None:
    assert f"{len(FUNCTIONS)} functions" in zaklik("deploy", "plan", "--without-mail")

    stacks = client("cloudformation").list_stacks(
        StackStatusFilter=["REVIEW_IN_PROGRESS", "CREATE_COMPLETE"]
    )
    assert stacks["StackSummaries"] == []


def test_apply_makes_the_sender_known_to_ses(stack: DeployedStack) -> None:
    identities = stack.client("sesv2").list_email_identities()["EmailIdentities"]

    assert [identity["IdentityName"] for identity in identities] == [DOMAIN]


@pytest.mark.usefixtures("stack")
def test_a_second_apply_has_nothing_to_change(zaklik: CommandLine) -> None:
    assert "Nothing to change" in zaklik("deploy", "apply")


def test_every_function_has_a_role_and_a_log_group_of_its_own(stack: DeployedStack) -> None:
    roles = {stack.configuration(function)["Role"] for function in FUNCTIONS}
    groups = {stack.log_group(function) for function in FUNCTIONS}

    assert len(roles) == len(groups) == len(FUNCTIONS)
    assert groups <= set(stack.log_groups())


def test_the_mappings_of_queues_limit_their_concurrency(stack: DeployedStack) -> None:
    mappings = stack.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    limits = [
        mapping["ScalingConfig"]["MaximumConcurrency"]
        for mapping in mappings
        if mapping.get("ScalingConfig")
    ]

    assert limits
    assert all(type(limit) is int for limit in limits)
