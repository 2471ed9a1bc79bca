"""Buckets and policies of a stack, from outside."""

from ops.deploy import apply, resources
from ops.deploy.account import Account
from ops.deploy.apply import Deployment


def test_only_export_buckets_of_this_stack_are_found(account: Account) -> None:
    for name in (
        "zk-exportbucket-abc1",
        "zk-exportbucket-x-exportbucket-abc1",
        "zk2-exportbucket-a",
    ):
        account.s3.create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )

    assert resources.export_buckets(account, "zk") == ["zk-exportbucket-abc1"]
    assert resources.delete_bucket(account, "zk-exportbucket-abc1")
    assert not resources.delete_bucket(account, "zk-exportbucket-abc1")


def test_policies_for_people_are_detached_before_the_stack_is_deleted(
    deployment: Deployment, account: Account
) -> None:
    deployment.package.template["Resources"]["ExporterPolicy"] = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
            }
        },
    }
    stack = apply.apply(deployment, lambda _: None)
    [policy] = resources.managed_policies(account, stack)
    account.iam.create_user(UserName="nina")
    account.iam.attach_user_policy(UserName="nina", PolicyArn=policy)
    account.iam.create_group(GroupName="petitions")
    account.iam.attach_group_policy(GroupName="petitions", PolicyArn=policy)

    resources.detach_policies(account, stack)
    resources.detach_policies(account, stack)

    attached = account.iam.list_entities_for_policy(PolicyArn=policy)
    assert (attached["PolicyUsers"], attached["PolicyGroups"]) == ([], [])
