"""The stack as it stands on the engine: functions, tables, queues and logs, from outside."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import boto3

from chalicelib.store.dynamodb.items import deserialize
from ops.rehearsal.engine import Engine
from ops.rehearsal.steps import Unexpected

FUNCTIONS: Final = (
    "APIHandler",
    "SendMail",
    "RunJob",
    "RecordFeedback",
    "Tally",
    "EveryMinute",
    "Reconcile",
)
TABLES: Final = ("SignaturesTableName", "SubscribersTableName", "PetitionsTableName")


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A stack that has been deployed. `session` holds the operator's key."""

    engine: Engine
    session: boto3.session.Session
    stack: str

    def client(self, service: str) -> Any:
        """A client of the operator."""
        known: dict[str, Any] = self._clients
        if service not in known:
            made: Any = self.session.client
            known[service] = made(
                service, endpoint_url=self.engine.url, verify=str(self.engine.certificate)
            )
        return known[service]

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """What the stack says of itself."""
        stacks = self.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stacks[0]["Outputs"]}

    def physical(self, logical_id: str) -> str:
        """The name that CloudFormation gave to something of the template."""
        detail = self.client("cloudformation").describe_stack_resource(
            StackName=self.stack, LogicalResourceId=logical_id
        )
        return str(detail["StackResourceDetail"]["PhysicalResourceId"])

    def configuration(self, function: str) -> dict[str, Any]:
        """How a function is configured."""
        found: dict[str, Any] = self.client("lambda").get_function_configuration(
            FunctionName=self.physical(function)
        )
        return found

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        """What a function answers to an event. Raises Unexpected when it fails."""
        answer = self.client("lambda").invoke(
            FunctionName=self.physical(function), Payload=json.dumps(event, default=_as_in_json)
        )
        said = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise Unexpected(f"invoking {function}", expected="an answer", came=said)
        return said

    def items(self, output: str) -> list[dict[str, Any]]:
        """Every item of the table that an output names, by a scan, as only a thief would."""
        pages = self.client("dynamodb").get_paginator("scan")
        return [
            deserialize(item) or {}
            for page in pages.paginate(TableName=self.outputs[output])
            for item in page["Items"]
        ]

    def log_lines(self, function: str = "") -> list[str]:
        """What a function has written; everything that the stack has written, if none is named."""
        groups = [self.log_group(function)] if function else self.log_groups()
        pages = self.client("logs").get_paginator("filter_log_events")
        return [
            event["message"]
            for group in groups
            for page in pages.paginate(logGroupName=group)
            for event in page["events"]
        ]

    def log_group(self, function: str) -> str:
        """Where a function writes."""
        return str(self.configuration(function)["LoggingConfig"]["LogGroup"])

    def log_groups(self) -> list[str]:
        """The names of the stack's log groups."""
        groups = self.client("logs").describe_log_groups(
            logGroupNamePrefix=f"/zaklik/{self.stack}/"
        )["logGroups"]
        return sorted(group["logGroupName"] for group in groups)

    def messages(self) -> Mapping[str, int]:
        """How many messages each queue holds, in flight or not, by the name of its output."""
        return {
            output: sum(self._counts(url))
            for output, url in self.outputs.items()
            if output.endswith(("QueueUrl", "DeadLettersUrl"))
        }

    def _counts(self, url: str) -> Iterator[int]:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        asked = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return (int(asked["Attributes"][name]) for name in names)


def _as_in_json(value: Any) -> Any:
    """As Lambda puts into an event what boto3 has read: bytes in base64, times in seconds."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(type(value).__name__)
