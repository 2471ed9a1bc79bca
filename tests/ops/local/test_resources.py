"""Tables and queues are those of the template that is deployed."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from chalicelib.config import settings_from
from ops.local.resources import TemplateResources, UnknownReference, read_template

PARAMETERS = {"PublicUrl": "https://example.org", "Sender": "desk@example.org"}
TABLES = (
    "zaklik-petitions",
    "zaklik-signatures",
    "zaklik-subscribers",
    "zaklik-limits",
    "zaklik-organisers",
)


@pytest.fixture
def resources() -> Iterator[TemplateResources]:
    with mock_aws():
        resources = TemplateResources(read_template(), PARAMETERS)
        resources.create()
        yield resources


def test_the_functions_environment_makes_whole_settings(resources: TemplateResources) -> None:
    settings = settings_from(resources.environment())

    assert settings.public_url == "https://example.org"
    assert (
        settings.petitions_table,
        settings.signatures_table,
        settings.subscribers_table,
        settings.limits_table,
        settings.organisers_table,
    ) == TABLES
    assert settings.mail_queue_url.endswith("/zaklik-mail")
    assert settings.job_queue_url.endswith("/zaklik-jobs")
    assert settings.change_queue_url.endswith("/zaklik-changes.fifo")
    assert settings.secrets_path == "/zaklik"
    assert settings.configuration_set == "zaklik"
    assert settings.origin_digests == ""


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_on_demand_protected_and_forgets(
    resources: TemplateResources, name: str
) -> None:
    client = boto3.client("dynamodb")
    table = client.describe_table(TableName=name)["Table"]
    time_to_live = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]

    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] is True
    assert table["SSEDescription"]["Status"] == "ENABLED"
    assert time_to_live == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    assert recovery == ("DISABLED" if name == "zaklik-limits" else "ENABLED")
    assert resources.environment()


def test_only_signatures_have_a_stream(resources: TemplateResources) -> None:
    client = boto3.client("dynamodb")
    streams = {
        name: client.describe_table(TableName=name)["Table"].get("StreamSpecification", {})
        for name in TABLES
    }

    assert streams.pop("zaklik-signatures")["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert not any(stream.get("StreamEnabled") for stream in streams.values())
    assert resources.environment()


@pytest.mark.parametrize(
    "name",
    ["zaklik-mail", "zaklik-jobs", "zaklik-changes.fifo", "zaklik-exports.fifo", "zaklik-feedback"],
)
def test_every_queue_gives_up_to_dead_letters_of_its_own(
    resources: TemplateResources, name: str
) -> None:
    client = boto3.client("sqs")
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    assert int(attributes["VisibilityTimeout"]) >= 180
    own, _, order = name.partition(".")
    assert f'{own}-dead{order and ".fifo"}"' in attributes["RedrivePolicy"]
    assert f'"maxReceiveCount": {5 if order else 10}' in attributes["RedrivePolicy"]
    assert resources.environment()


def test_a_reference_to_nothing_is_named() -> None:
    template = {
        "Parameters": {},
        "Resources": {},
        "Globals": {"Function": {"Environment": {"Variables": {"A": {"Ref": "Nowhere"}}}}},
    }

    with pytest.raises(UnknownReference, match="Nowhere"):
        TemplateResources(template, {}).environment()
