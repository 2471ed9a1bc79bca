"""The smaller parts: template, buckets, starting anew, visiting, what the command refuses."""

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.deploy import (
    applying,
    attachments,
    buckets,
    dns_records,
    senders,
    stacks,
    starting_anew,
    tables,
    template,
)
from ops.deploy.account import Account, account_for
from ops.deploy.applying import Target
from ops.deploy.artifacts import artifacts_of
from ops.deploy.names import TABLE_RESOURCES
from ops.deploy.settings import DeploySettings
from ops.deploy.visiting import NoAnswer, Visitor
from ops.errors import CannotContinue
from tests.ops.deploy.conftest import without
from tests.ops.pseudo_terminal import refused, zaklik


def test_functions_and_nothing_else_point_to_the_package() -> None:
    built: dict[str, Any] = {
        "Resources": {
            "F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./x.zip"}},
            "Q": {"Type": "AWS::SQS::Queue"},
        }
    }

    pointed = json.loads(template.pointed_at(built, "bucket", "abc.zip"))

    assert pointed["Resources"]["F"]["Properties"]["CodeUri"] == "s3://bucket/abc.zip"
    assert pointed["Resources"]["Q"] == {"Type": "AWS::SQS::Queue"}
    assert built["Resources"]["F"]["Properties"]["CodeUri"] == "./x.zip"


def test_a_template_that_is_too_large_is_refused() -> None:
    with pytest.raises(CannotContinue, match="more than"):
        template.pointed_at({"Resources": {}, "Metadata": "x" * 1_000_000}, "bucket", "key")


def test_a_template_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotContinue, match="Build it again"):
        template.read(tmp_path / "sam.json")


def test_artifacts_are_private_and_named_by_content(account: Account) -> None:
    artifacts = artifacts_of(account, "zk")
    artifacts.make()
    artifacts.make()

    first, second = artifacts.upload(b"a", ".zip"), artifacts.upload(b"a", ".zip")

    assert first == second
    assert artifacts.bucket == "zk-artifacts-123456789012-eu-central-1"
    block = account.s3.get_public_access_block(Bucket=artifacts.bucket)
    assert all(block["PublicAccessBlockConfiguration"].values())
    assert artifacts.url("k").endswith("/k")


def test_only_export_buckets_of_this_stack_are_found(account: Account) -> None:
    for name in (
        "zk-exportbucket-abc1",
        "zk-exportbucket-x-exportbucket-abc1",
        "zk2-exportbucket-a",
    ):
        account.s3.create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )

    assert buckets.export_buckets(account, "zk") == ["zk-exportbucket-abc1"]
    assert buckets.delete(account, "zk-exportbucket-abc1")
    assert not buckets.delete(account, "zk-exportbucket-abc1")


def test_a_creation_that_failed_is_cleared_away(target: Target) -> None:
    # moto deletes tables with their stack, so this one has none; ours was left by the failure.
    stack = applying.apply(without(target, *TABLE_RESOURCES), lambda changes: None)
    target.account.dynamodb.create_table(
        TableName="zk-petitions",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        DeletionProtectionEnabled=True,
    )

    starting_anew.clear(target.account, stack)

    assert not tables.exists(target.account, "zk-petitions")
    assert stacks.find(target.account, "zk") is None


def test_a_creation_that_failed_with_data_in_it_is_left_alone(target: Target) -> None:
    stack = applying.apply(target, lambda changes: None)
    target.account.dynamodb.put_item(TableName="zk-petitions", Item={"pk": {"S": "a"}})

    with pytest.raises(CannotContinue, match="zk-petitions"):
        starting_anew.clear(target.account, stack)

    assert tables.exists(target.account, "zk-signatures")


class _Page(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def do_GET(self) -> None:
        self._answer(302 if self.path == "/away" else 200, self.path)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self._answer(400, f"{body} {self.headers['sec-fetch-site']}")

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """Somebody at a server that answers."""
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield Visitor(url=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


def test_a_visitor_reads_posts_and_follows_nothing(visitor: Visitor) -> None:
    assert visitor.get("/x").text == "/x"
    assert visitor.get("/away").status == 302
    posted = visitor.post("/form", {"name": "a b"})
    assert (posted.status, posted.text) == (400, "name=a+b same-origin")
    assert visitor.get("/x").json() is None


def test_a_door_that_nobody_opens_is_no_answer() -> None:
    with pytest.raises(NoAnswer):
        Visitor(url="http://127.0.0.1:9").wait_for("/", 0)


def test_a_dns_that_cannot_be_asked_is_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_records, "SECONDS", 0.0)

    assert dns_records.ask("zaklik.invalid", "TXT") is dns_records.Silence.NOT_ASKED


def test_without_a_region_the_line_to_add_is_named(
    settings: DeploySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    no_region = DeploySettings(**{**settings.__dict__, "region": ""})

    with pytest.raises(CannotContinue, match="region = "):
        account_for(no_region)


@pytest.mark.parametrize("words", ["check", "plan", "apply", "smoke", "destroy"])
def test_without_settings_every_command_shows_an_example(tmp_path: Path, words: str) -> None:
    told = refused(zaklik("deploy", "--settings", tmp_path / "deploy.toml", words))

    assert 'sender = "' in told


def test_nothing_to_visit_is_told(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text('sender = "a@example.org"\nregion = "eu-central-1"\nstack = "zk"', "utf-8")

    told = refused(zaklik("deploy", "--settings", file, "smoke"))

    assert "The stack zk is not there in eu-central-1" in told
    assert "deploy apply" in told


def test_destroy_wants_the_right_name(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text('sender = "a@example.org"\nregion = "eu-central-1"\nstack = "zk"', "utf-8")

    wrong = zaklik("deploy", "--settings", file, "destroy", "--really", "zaklik")
    right = zaklik("deploy", "--settings", file, "destroy", typed="zk\n")

    assert (wrong.exit_code, right.exit_code) == (1, 0)
    assert "Nothing of zk is left" in right.stdout


def test_what_is_to_be_set_in_dns_is_said_when_the_stack_stands(target: Target) -> None:
    stands = stacks.Stack(
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
    target.account.__dict__["ses"] = ses

    with Stubber(ses) as stubber:
        stubber.add_response(
            "get_email_identity",
            {"DkimAttributes": {"Tokens": ["one", "two"]}},
            {"EmailIdentity": "example.org"},
        )
        said = applying.outputs_in_words(target, stands)

    assert said == [
        "Address: https://call.example.org",
        "Set in DNS: call.example.org CNAME d111.cloudfront.example",
        "Set in DNS: one._domainkey.example.org CNAME one.dkim.amazonses.com",
        "Set in DNS: two._domainkey.example.org CNAME two.dkim.amazonses.com",
    ]


def test_newer_regions_have_a_zone_of_their_own_for_dkim(
    account: Account, settings: DeploySettings
) -> None:
    ses = boto3.client("sesv2", region_name="eu-south-1")
    account.__dict__["ses"] = ses

    with Stubber(ses) as stubber:
        stubber.add_response(
            "get_email_identity",
            {
                "DkimAttributes": {
                    "Tokens": ["one"],
                    "SigningHostedZone": "dkim.eu-south-1.amazonses.com",
                }
            },
        )
        records = senders.dkim_records(account, settings)

    assert records == {"one._domainkey.example.org": "one.dkim.eu-south-1.amazonses.com"}


def test_policies_for_people_are_taken_off_before_the_stack_goes(
    target: Target, account: Account
) -> None:
    target.package.template["Resources"]["ExporterPolicy"] = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
            }
        },
    }
    standing = applying.apply(target, lambda _: None)
    [policy] = attachments.policies(account, standing)
    account.iam.create_user(UserName="nina")
    account.iam.attach_user_policy(UserName="nina", PolicyArn=policy)
    account.iam.create_group(GroupName="petitions")
    account.iam.attach_group_policy(GroupName="petitions", PolicyArn=policy)

    attachments.take_off(account, standing)
    attachments.take_off(account, standing)

    attached = account.iam.list_entities_for_policy(PolicyArn=policy)
    assert (attached["PolicyUsers"], attached["PolicyGroups"]) == ([], [])


def test_a_region_that_aws_has_not_is_refused_before_it_is_asked(settings: DeploySettings) -> None:
    with pytest.raises(CannotContinue, match="no region “eu-centrl-1”"):
        account_for(replace(settings, region="eu-centrl-1"))


def test_the_region_of_the_shell_is_taken_by_either_name(
    settings: DeploySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")

    assert account_for(replace(settings, region="")).region == "eu-north-1"
