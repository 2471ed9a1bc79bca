"""Package and template on their way to CloudFormation."""

import json
from typing import Any

import pytest

from ops.deploy import artifacts
from ops.deploy.account import Account
from ops.errors import CannotContinue


def test_functions_and_nothing_else_point_to_the_package() -> None:
    built: dict[str, Any] = {
        "Resources": {
            "F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./x.zip"}},
            "Q": {"Type": "AWS::SQS::Queue"},
        }
    }

    pointed = json.loads(artifacts.template_for(built, "bucket", "abc.zip"))

    assert pointed["Resources"]["F"]["Properties"]["CodeUri"] == "s3://bucket/abc.zip"
    assert pointed["Resources"]["Q"] == {"Type": "AWS::SQS::Queue"}
    assert built["Resources"]["F"]["Properties"]["CodeUri"] == "./x.zip"


def test_a_template_that_is_too_large_is_refused() -> None:
    with pytest.raises(CannotContinue, match="more than"):
        artifacts.template_for({"Resources": {}, "Metadata": "x" * 1_000_000}, "bucket", "key")


def test_artifacts_are_private_and_named_by_content(account: Account) -> None:
    bucket = artifacts.artifacts_of(account, "zk")
    bucket.create_bucket()
    bucket.create_bucket()

    first, second = bucket.upload(b"a", ".zip"), bucket.upload(b"a", ".zip")

    assert first == second
    assert bucket.bucket == "zk-artifacts-123456789012-eu-central-1"
    block = account.s3.get_public_access_block(Bucket=bucket.bucket)
    assert all(block["PublicAccessBlockConfiguration"].values())
    assert bucket.url("k").endswith("/k")
