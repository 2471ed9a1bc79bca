"""destroy and the deletion of a failed stack on moto, whole and cut off at every step."""

from typing import Any

import pytest

from ops.deploy import apply, destroy, resources
from ops.deploy import stack as stacks
from ops.deploy.account import Account
from ops.deploy.apply import Deployment
from ops.errors import CannotContinue
from ops.secrets.inventory import store_missing
from tests.ops.deploy.conftest import STACK, Killed, agree, cut_after, without

TABLE_RESOURCES = (
    "SignaturesTable",
    "SubscribersTable",
    "PetitionsTable",
    "LimitsTable",
    "OrganisersTable",
)


def test_destroy_leaves_nothing(deployment: Deployment, account: Account) -> None:
    store_missing(account.ssm, "/zk")
    apply.apply(deployment, agree)
    account.logs.create_log_group(logGroupName="/zaklik/zk/web")
    account.s3.create_bucket(
        Bucket="zk-exportbucket-abc123",
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
    )
    account.s3.put_object(Bucket="zk-exportbucket-abc123", Key="x", Body=b"x")

    assert destroy.destroy(account, STACK) == []

    assert stacks.find(account, STACK) is None
    assert account.dynamodb.list_tables()["TableNames"] == []
    assert account.s3.list_buckets()["Buckets"] == []
    assert account.logs.describe_log_groups()["logGroups"] == []
    assert account.ssm.describe_parameters()["Parameters"] == []


@pytest.mark.parametrize(
    ("place", "name"),
    [(resources, "lift_protection"), (stacks, "delete"), (resources, "delete_table")],
)
def test_destroy_killed_anywhere_goes_on(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, place: Any, name: str
) -> None:
    apply.apply(deployment, agree)
    with monkeypatch.context() as patched:
        cut_after(patched, place, name)
        with pytest.raises(Killed):
            destroy.destroy(deployment.account, STACK)

    assert destroy.destroy(deployment.account, STACK) == []


def test_data_is_counted_and_refused(deployment: Deployment) -> None:
    apply.apply(deployment, agree)
    put = deployment.account.dynamodb.put_item
    put(TableName="zk-signatures", Item={"pk": {"S": "a"}})
    put(TableName="zk-petitions", Item={"pk": {"S": "limit"}, "expires_at": {"N": "1"}})

    with pytest.raises(CannotContinue, match="--with-all-data"):
        destroy.refuse_data(deployment.account, STACK, allowed=False)
    destroy.refuse_data(deployment.account, STACK, allowed=True)


def test_what_expires_by_itself_is_no_data(deployment: Deployment) -> None:
    apply.apply(deployment, agree)
    deployment.account.dynamodb.put_item(
        TableName="zk-signatures", Item={"pk": {"S": "a"}, "expires_at": {"N": "1"}}
    )

    destroy.refuse_data(deployment.account, STACK, allowed=False)


def test_a_creation_that_failed_is_deleted(deployment: Deployment) -> None:
    # moto deletes tables with their stack, so this one has none; ours was left by the failure.
    stack = apply.apply(without(deployment, *TABLE_RESOURCES), lambda changes: None)
    deployment.account.dynamodb.create_table(
        TableName="zk-petitions",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        DeletionProtectionEnabled=True,
    )

    destroy.delete_failed_stack(deployment.account, stack)

    assert not resources.table_exists(deployment.account, "zk-petitions")
    assert stacks.find(deployment.account, "zk") is None


def test_a_creation_that_failed_with_data_in_it_is_left_alone(deployment: Deployment) -> None:
    stack = apply.apply(deployment, lambda changes: None)
    deployment.account.dynamodb.put_item(TableName="zk-petitions", Item={"pk": {"S": "a"}})

    with pytest.raises(CannotContinue, match="zk-petitions"):
        destroy.delete_failed_stack(deployment.account, stack)

    assert resources.table_exists(deployment.account, "zk-signatures")
