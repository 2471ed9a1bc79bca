"""plan and apply on moto's CloudFormation, whole and cut off at every step."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.deploy import apply, change_sets, resources
from ops.deploy import stack as stacks
from ops.deploy.account import Account
from ops.deploy.apply import Deployment
from ops.deploy.artifacts import Artifacts
from ops.deploy.change_sets import Effect, ResourceChange
from ops.deploy.stack import CloudFormationStack
from ops.errors import CannotContinue
from tests.ops.deploy.conftest import STACK, Killed, agree, cut_after, without


@pytest.fixture
def asked(account: Account) -> list[str]:
    """The address in every change set that is asked for.

    moto sees no change in parameters and gives no outputs; which address comes second is seen in
    `test_parameters.py`, and in the rehearsal.
    """
    found: list[str] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        values = {item["ParameterKey"]: item["ParameterValue"] for item in params["Parameters"]}
        found.append(values["PublicUrl"])

    account.cloudformation.meta.events.register(
        "provide-client-params.cloudformation.CreateChangeSet", note
    )
    return found


def test_without_an_address_of_its_own_there_is_a_second_update(
    deployment: Deployment, asked: list[str]
) -> None:
    apply.apply(deployment, agree)

    assert len(asked) == 2


def test_an_address_of_its_own_needs_no_second_update(
    deployment: Deployment, asked: list[str]
) -> None:
    own = replace(
        deployment, settings=replace(deployment.settings, public_url="https://c.example.org")
    )

    stack = apply.apply(own, agree)

    assert asked == ["https://c.example.org"]
    assert apply.next_steps(own, stack) == ["Address: https://c.example.org"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (Artifacts, "create_bucket"),
        (Artifacts, "upload"),
        # Not between making a change set and executing it: moto cannot make a second one then.
        (change_sets, "execute"),
        (apply, "update_stack"),
    ],
)
def test_killed_anywhere_it_goes_on(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, place: Any, name: str
) -> None:
    with monkeypatch.context() as patched:
        cut_after(patched, place, name)
        with pytest.raises(Killed):
            apply.apply(deployment, agree)

    stack = apply.apply(deployment, agree)

    assert stack.status == "CREATE_COMPLETE"
    assert all(
        resources.table_exists(deployment.account, table) for table in resources.table_names(STACK)
    )


def test_a_refused_change_set_changes_nothing(deployment: Deployment) -> None:
    apply.apply(deployment, agree)
    asked: list[ResourceChange] = []

    def refuse(changes: Sequence[ResourceChange]) -> None:
        asked.extend(changes)
        raise CannotContinue("no")

    with pytest.raises(CannotContinue, match="no"):
        apply.apply(without(deployment, "PetitionsTable"), refuse)

    assert [change.effect for change in asked if change.needs_approval] == [Effect.REMOVED]
    assert resources.table_exists(deployment.account, "zk-petitions")


def test_a_plan_leaves_nothing(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    apply.plan(deployment)

    assert "made: 1 queue (SQS), 5 tables (DynamoDB)" in capsys.readouterr().out
    assert stacks.find(deployment.account, STACK) is None


def test_the_dns_records_to_set_are_listed_after_a_deployment(deployment: Deployment) -> None:
    deployed = CloudFormationStack(
        name="zk",
        id="id",
        status="CREATE_COMPLETE",
        status_reason="",
        parameters={
            "PublicUrl": "https://call.example.org",
            "DomainName": "call.example.org",
            "MailDomain": "example.org",
        },
        outputs={"DistributionDomain": "d111.cloudfront.example"},
    )
    ses = boto3.client("sesv2", region_name="eu-central-1")
    deployment.account.__dict__["ses"] = ses

    with Stubber(ses) as stubber:
        stubber.add_response(
            "get_email_identity",
            {"DkimAttributes": {"Tokens": ["one", "two"]}},
            {"EmailIdentity": "example.org"},
        )
        lines = apply.next_steps(deployment, deployed)

    assert lines == [
        "Address: https://call.example.org",
        "Set in DNS: call.example.org CNAME d111.cloudfront.example",
        "Set in DNS: one._domainkey.example.org CNAME one.dkim.amazonses.com",
        "Set in DNS: two._domainkey.example.org CNAME two.dkim.amazonses.com",
    ]
