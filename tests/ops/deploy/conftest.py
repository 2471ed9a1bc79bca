"""An account on moto, settings, and a small template that keeps the contract of the large one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ops.deploy import artifacts, stacks
from ops.deploy.account import Account
from ops.deploy.applying import Target
from ops.deploy.limits import DEFAULTS
from ops.deploy.packing import Package
from ops.deploy.settings import DeploySettings

STACK = "zk"
SENDER_DOMAIN = "example.org"


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
                  "CertificateArn", "OriginSecret", "OriginDigests", "AlarmAddress")  # fmt: skip
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {name: {"Type": "String", "Default": ""} for name in parameters},
        "Resources": {
            "SignaturesTable": table("signatures"),
            "SubscribersTable": table("subscribers"),
            "PetitionsTable": table("petitions"),
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
        architecture="arm64",
        limits=DEFAULTS,
    )


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An empty account whose CloudFormation is not waited for."""
    monkeypatch.setattr(stacks, "SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr(stacks, "SECONDS_TO_BEGIN", 0.0)
    # moto takes a Deny without its condition: it would refuse everything from then on.
    monkeypatch.setattr(artifacts, "_only_tls", lambda bucket: {"Statement": []})
    with mock_aws():
        yield Account(region="eu-central-1")


@pytest.fixture
def target(account: Account, settings: DeploySettings) -> Target:
    """What is to be deployed; SES knows the sender's domain."""
    boto3.client("sesv2").create_email_identity(EmailIdentity=SENDER_DOMAIN)
    return Target(
        account=account,
        settings=settings,
        package=Package(content=b"zip", template=small_template()),
        origin_secret="s" * 43,
        mails_per_second=14,
    )


def without(target: Target, *resources: str) -> Target:
    """The same sources, some resources less."""
    template = small_template()
    for resource in resources:
        del template["Resources"][resource]
    return replace(target, package=replace(target.package, template=template))
