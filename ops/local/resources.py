"""Tables, queues and buckets: read from the template that is deployed, made on the local engine.

CloudFormation itself is not asked: the template is merged with what Chalice generates, so on its
own it holds halves of functions that no engine takes. Resources are made when first referred to.
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
class Made:
    """A resource that exists: what `Ref` says, and its attributes for `Fn::GetAtt`."""

    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def read_template(path: Path = TEMPLATE) -> Mapping[str, Any]:
    """The template as it is written."""
    template: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return template


class Stack:
    """The template's tables, queues and buckets on the engine that AWS_ENDPOINT_URL names."""

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        session: Session | None = None,
    ) -> None:
        self._template = template
        # One client a service: making one takes longer than making a table.
        self._client: Clients = cache((session or Session()).client)
        self._made = {
            "AWS::StackName": Made(ref=STACK_NAME),
            **{
                name: Made(ref=parameters.get(name, declared.get("Default", "")))
                for name, declared in template["Parameters"].items()
            },
        }

    def create(self) -> None:
        """Make everything that is not made yet. Raises UnknownReference."""
        for name, resource in self._template["Resources"].items():
            if resource.get("Type") in _MAKERS:
                self._get(name)

    def environment(self, function: str = "") -> Mapping[str, str]:
        """The variables of a function, by its logical id; without one, those that all are given."""
        variables = dict(self._template["Globals"]["Function"]["Environment"]["Variables"])
        if function:
            own = self._template["Resources"][function]["Properties"].get("Environment", {})
            variables |= own.get("Variables", {})
        return {name: str(self._resolve(value)) for name, value in variables.items()}

    def names(self, kind: str) -> list[str]:
        """What `Ref` says of each resource of a type, such as `AWS::DynamoDB::Table`."""
        return [
            self._get(name).ref
            for name, resource in self._template["Resources"].items()
            if resource.get("Type") == kind
        ]

    def _get(self, name: str) -> Made:
        if name not in self._made:
            resource = self._template["Resources"].get(name, {})
            if resource.get("Type") not in _MAKERS:
                raise UnknownReference(name)
            make = _MAKERS[resource["Type"]]
            self._made[name] = make(self._client, name, self._resolve(resource["Properties"]))
        return self._made[name]

    def _resolve(self, value: Any) -> Any:
        match value:
            case {"Ref": str(name)}:
                return self._get(name).ref
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                return self._get(name).attributes[attribute]
            case {"Fn::Sub": str(text)}:
                return _REFERENCE.sub(lambda found: self._get(found[1]).ref, text)
            case dict():
                return {key: self._resolve(inner) for key, inner in value.items()}
            case list():
                return [self._resolve(inner) for inner in value]
            case _:
                return value


def _make_table(client_of: Clients, _name: str, properties: dict[str, Any]) -> Made:
    client = client_of("dynamodb")
    name = properties["TableName"]
    time_to_live = properties.pop("TimeToLiveSpecification")
    recovery = properties.pop("PointInTimeRecoverySpecification")
    encryption = properties.pop("SSESpecification")
    if "StreamSpecification" in properties:
        properties["StreamSpecification"]["StreamEnabled"] = True
    made = client.create_table(
        **properties, SSESpecification={"Enabled": encryption["SSEEnabled"]}
    )["TableDescription"]
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=time_to_live)
    client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    return Made(
        ref=name,
        attributes={"Arn": made["TableArn"], "StreamArn": made.get("LatestStreamArn", "")},
    )


def _make_queue(client_of: Clients, _name: str, properties: dict[str, Any]) -> Made:
    client = client_of("sqs")
    name = properties.pop("QueueName")
    attributes: Any = {
        key: json.dumps(value) if isinstance(value, dict) else str(value)
        for key, value in properties.items()
    }
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    asked = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return Made(ref=url, attributes={"Arn": asked["Attributes"]["QueueArn"]})


def _make_bucket(client_of: Clients, name: str, properties: dict[str, Any]) -> Made:
    """CloudFormation makes up the name of a bucket; here it follows from its name in the template.

    Who may read it and when it is emptied means nothing on one machine.
    """
    bucket = properties.get("BucketName") or f"{STACK_NAME}-{name.lower()}"
    client = client_of("s3")
    region = client.meta.region_name
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    return Made(ref=bucket, attributes={"Arn": f"arn:aws:s3:::{bucket}"})


def _name_configuration(_client_of: Clients, _name: str, properties: dict[str, Any]) -> Made:
    """A name is all that mails need of it: the local outbox is no SES."""
    return Made(ref=properties["Name"])


_MAKERS: Final[Mapping[str, Callable[[Clients, str, dict[str, Any]], Made]]] = {
    "AWS::DynamoDB::Table": _make_table,
    "AWS::SQS::Queue": _make_queue,
    "AWS::S3::Bucket": _make_bucket,
    "AWS::SES::ConfigurationSet": _name_configuration,
}
