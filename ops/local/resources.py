"""Creates the tables, queues and buckets of the template that is deployed, on moto.

moto's CloudFormation cannot: the template is merged with what Chalice generates, so on its own it
holds halves of functions. Resources are created when first referred to.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from boto3.session import Session

TEMPLATE: Final = Path(__file__).parents[2] / ".chalice" / "resources.json"
STACK_NAME: Final = "zaklik"

Clients = Callable[[str], Any]
"""The client for a service, by its name in boto3."""

_REFERENCE: Final = re.compile(r"\$\{([^}]+)\}")


class UnknownReference(Exception):
    """The template refers to something that it does not define; the message names it."""


@dataclass(frozen=True, kw_only=True)
class CreatedResource:
    """What `Ref` returns for a resource, and its attributes for `Fn::GetAtt`."""

    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def read_template(path: Path = TEMPLATE) -> Mapping[str, Any]:
    """The template, its references not yet resolved."""
    template: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return template


class TemplateResources:
    """The template's tables, queues and buckets on the AWS that AWS_ENDPOINT_URL names."""

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        session: Session | None = None,
    ) -> None:
        self._template = template
        # One client a service: it takes longer to make than a table.
        self._client: Clients = cache((session or Session()).client)
        self._created = {
            "AWS::StackName": CreatedResource(ref=STACK_NAME),
            **{
                name: CreatedResource(ref=parameters.get(name, declared.get("Default", "")))
                for name, declared in template["Parameters"].items()
            },
        }

    def create(self) -> None:
        """Create every resource that is not created yet. Raises UnknownReference."""
        for name, resource in self._template["Resources"].items():
            if resource.get("Type") in _CREATORS:
                self._get(name)

    def environment(self, function: str = "") -> Mapping[str, str]:
        """The variables of a function, by its logical id; without one, those that all are given."""
        variables = dict(self._template["Globals"]["Function"]["Environment"]["Variables"])
        if function:
            own = self._template["Resources"][function]["Properties"].get("Environment", {})
            variables |= own.get("Variables", {})
        return {name: str(self._resolve(value)) for name, value in variables.items()}

    def names(self, kind: str) -> list[str]:
        """What `Ref` returns for each resource of a type, such as `AWS::DynamoDB::Table`."""
        return [
            self._get(name).ref
            for name, resource in self._template["Resources"].items()
            if resource.get("Type") == kind
        ]

    def _get(self, name: str) -> CreatedResource:
        if name not in self._created:
            resource = self._template["Resources"].get(name, {})
            if resource.get("Type") not in _CREATORS:
                raise UnknownReference(name)
            create = _CREATORS[resource["Type"]]
            self._created[name] = create(self._client, name, self._resolve(resource["Properties"]))
        return self._created[name]

    def _resolve(self, value: Any) -> Any:
        match value:
            case {"Ref": str(name)}:
                return self._get(name).ref
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                return self._get(name).attributes[attribute]
            case {"Fn::Sub": str(text)}:
                return _REFERENCE.sub(lambda match: self._get(match[1]).ref, text)
            case dict():
                return {key: self._resolve(inner) for key, inner in value.items()}
            case list():
                return [self._resolve(inner) for inner in value]
            case _:
                return value


def _create_table(client_of: Clients, _name: str, properties: dict[str, Any]) -> CreatedResource:
    client = client_of("dynamodb")
    name = properties["TableName"]
    time_to_live = properties.pop("TimeToLiveSpecification")
    recovery = properties.pop("PointInTimeRecoverySpecification")
    encryption = properties.pop("SSESpecification")
    if "StreamSpecification" in properties:
        properties["StreamSpecification"]["StreamEnabled"] = True
    description = client.create_table(
        **properties, SSESpecification={"Enabled": encryption["SSEEnabled"]}
    )["TableDescription"]
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=time_to_live)
    client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    return CreatedResource(
        ref=name,
        attributes={
            "Arn": description["TableArn"],
            "StreamArn": description.get("LatestStreamArn", ""),
        },
    )


def _create_queue(client_of: Clients, _name: str, properties: dict[str, Any]) -> CreatedResource:
    client = client_of("sqs")
    name = properties.pop("QueueName")
    attributes: Any = {
        key: json.dumps(value) if isinstance(value, dict) else str(value)
        for key, value in properties.items()
    }
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return CreatedResource(ref=url, attributes={"Arn": answer["Attributes"]["QueueArn"]})


def _create_bucket(client_of: Clients, name: str, properties: dict[str, Any]) -> CreatedResource:
    """Bucket names, which CloudFormation generates, follow from the name in the template here.

    Its policy and its lifecycle mean nothing on one machine.
    """
    bucket = properties.get("BucketName") or f"{STACK_NAME}-{name.lower()}"
    client = client_of("s3")
    region = client.meta.region_name
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    return CreatedResource(ref=bucket, attributes={"Arn": f"arn:aws:s3:::{bucket}"})


def _name_configuration_set(
    _client_of: Clients, _name: str, properties: dict[str, Any]
) -> CreatedResource:
    """Mails need only its name: the simulated SES has no configuration sets."""
    return CreatedResource(ref=properties["Name"])


_CREATORS: Final[Mapping[str, Callable[[Clients, str, dict[str, Any]], CreatedResource]]] = {
    "AWS::DynamoDB::Table": _create_table,
    "AWS::SQS::Queue": _create_queue,
    "AWS::S3::Bucket": _create_bucket,
    "AWS::SES::ConfigurationSet": _name_configuration_set,
}
