"""An account on moto, settings, and a small template that keeps the contract of the large one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from ops.deploy import account as accounts
from ops.deploy import artifacts, stack
from ops.deploy.account import Account
from ops.deploy.apply import Deployment
from ops.deploy.artifacts import Package
from ops.deploy.change_sets import ResourceChange
from ops.deploy.limits import DEFAULT_LIMITS
from ops.deploy.settings import DeploySettings

STACK = "zk"
SENDER_DOMAIN = "example.org"
ARN = "arn:aws:cloudformation:eu-central-1:123456789012"
IDS: dict[str, Any] = {"ChangeSetId": f"{ARN}:changeSet/c", "StackId": f"{ARN}:stack/zk/1"}


def table(name: str) -> dict[str, Any]:
    """A table as the large template has it."""
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "RetainExceptOnCreate",
        "Properties": {
            "TableName": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        },
    }


def small_template() -> dict[str, Any]:
    """Parameters, tables and outputs; no functions, which moto cannot expand."""
    parameters = ("PublicUrl", "Sender", "SenderAddress", "MailDomain", "DomainName",
                  "CertificateArn", "OriginSecret", "OriginDigests", "AlarmAddress",
                  "UnsubscribeMailbox")  # fmt: skip
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {name: {"Type": "String", "Default": ""} for name in parameters},
        "Resources": {
            "SignaturesTable": table("signatures"),
            "SubscribersTable": table("subscribers"),
            "PetitionsTable": table("petitions"),
            "LimitsTable": table("limits"),
            "OrganisersTable": table("organisers"),
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"QueueName": "q", "Tags": [
                    {"Key": "url", "Value": {"Ref": "PublicUrl"}}
                ]},
            },
        },
        "Outputs": {
            "DistributionDomain": {"Value": "d111.cloudfront.example"},
            "APIHandlerName": {"Value": "web"},
        },
    }  # fmt: skip


class Killed(BaseException):
    """The process is gone at this point."""


def agree(changes: Sequence[ResourceChange]) -> None:
    """Approve every change."""


def cut_after(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> None:
    """Kill the process just after `place.name` has done its work."""
    done: Callable[..., Any] = getattr(place, name)

    def cut(*args: Any, **named: Any) -> Any:
        done(*args, **named)
        raise Killed

    monkeypatch.setattr(place, name, cut)


@pytest.fixture
def settings() -> DeploySettings:
    """The least that an operator writes."""
    return DeploySettings(
        file=Path("deploy.toml"),
        stack=STACK,
        region="eu-central-1",
        sender="Desk <desk@example.org>",
        domain="",
        certificate="",
        public_url="",
        alarms_to="",
        unsubscribe_mailbox="",
        architecture="arm64",
        ses_suppression_list="off",
        limits=DEFAULT_LIMITS,
    )


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An empty account whose CloudFormation is not waited for."""
    monkeypatch.setattr(accounts, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(stack, "SECONDS_TO_BEGIN", 0.0)
    # moto takes a Deny without its condition: it would refuse everything from then on.
    monkeypatch.setattr(artifacts, "_only_tls", lambda bucket: {"Statement": []})
    with mock_aws():
        yield Account(region="eu-central-1")


@pytest.fixture
def deployment(account: Account, settings: DeploySettings) -> Deployment:
    """What is to be deployed; SES knows the sender's domain."""
    boto3.client("sesv2").create_email_identity(EmailIdentity=SENDER_DOMAIN)
    return Deployment(
        account=account,
        settings=settings,
        package=Package(content=b"zip", template=small_template()),
        origin_secret="s" * 43,
        mails_per_second=14,
    )


def without(deployment: Deployment, *resources: str) -> Deployment:
    """The same sources, some resources less."""
    template = small_template()
    for resource in resources:
        del template["Resources"][resource]
    return replace(deployment, package=replace(deployment.package, template=template))


@pytest.fixture
def stubbed() -> tuple[Account, Stubber]:
    """An account whose CloudFormation gives the answers that a test adds."""
    account = Account(region="eu-central-1")
    client = boto3.client("cloudformation", region_name="eu-central-1")
    account.__dict__["cloudformation"] = client
    stubber = Stubber(client)
    stubber.activate()
    return account, stubber
