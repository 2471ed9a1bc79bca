"""The deployed stack, seen from outside: its functions, tables, queues and logs."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from chalicelib.store.dynamodb.items import deserialize

FUNCTIONS: Final = (
    "APIHandler",
    "SendMail",
    "RunJob",
    "ChangeRecords",
    "RunExport",
    "RecordFeedback",
    "Tally",
    "EveryMinute",
    "Reconcile",
    "Desk",
)
TABLES: Final = tuple(
    f"{table}TableName"
    for table in ("Signatures", "Subscribers", "Petitions", "Limits", "Organisers")
)


@dataclass(frozen=True, kw_only=True)
class DeployedStack:
    """A stack by its name. `client` makes the operator's client of a service."""

    name: str
    client: Callable[[str], Any]

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """The outputs of the template."""
        stacks = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}

    def physical_id(self, logical_id: str) -> str:
        """The name that CloudFormation gave to a resource of the template."""
        detail = self.client("cloudformation").describe_stack_resource(
            StackName=self.name, LogicalResourceId=logical_id
        )
        return str(detail["StackResourceDetail"]["PhysicalResourceId"])

    def configuration(self, function: str) -> dict[str, Any]:
        """The configuration of a function."""
        configuration: dict[str, Any] = self.client("lambda").get_function_configuration(
            FunctionName=self.physical_id(function)
        )
        return configuration

    def invoke(self, function: str, event: Mapping[str, Any]) -> None:
        """Invoke a function with an event. Raises AssertionError when it fails."""
        answer = self.client("lambda").invoke(
            FunctionName=self.physical_id(function), Payload=json.dumps(event, default=_to_json)
        )
        payload = answer["Payload"].read()
        if "FunctionError" in answer:
            raise AssertionError(f"{function} failed: {payload!r}")

    def items(self, output: str) -> list[dict[str, Any]]:
        """Every item of the table that an output names, by a scan."""
        pages = self.client("dynamodb").get_paginator("scan")
        return [
            deserialize(item) or {}
            for page in pages.paginate(TableName=self.outputs[output])
            for item in page["Items"]
        ]

    def tally(self, slug: str) -> int:
        """The exact count of a petition's signatures; the public is shown less."""
        tallies = [
            item
            for item in self.items("PetitionsTableName")
            if (item["pk"], item["sk"]) == ("tally", slug)
        ]
        return sum(int(item.get("count", 0)) for item in tallies)

    def log_lines(self, function: str = "") -> list[str]:
        """The log of a function; all logs of the stack, if none is named."""
        groups = [self.log_group(function)] if function else self.log_groups()
        pages = self.client("logs").get_paginator("filter_log_events")
        return [
            event["message"]
            for group in groups
            for page in pages.paginate(logGroupName=group)
            for event in page["events"]
        ]

    def run_count(self, function: str) -> int:
        """How often a function has run: Lambda logs one REPORT line for each invocation."""
        return sum(line.startswith("REPORT RequestId") for line in self.log_lines(function))

    def log_group(self, function: str) -> str:
        """The log group of a function."""
        return str(self.configuration(function)["LoggingConfig"]["LogGroup"])

    def log_groups(self) -> list[str]:
        """The names of the stack's log groups."""
        groups = self.client("logs").describe_log_groups(logGroupNamePrefix=f"/zaklik/{self.name}/")
        return sorted(group["logGroupName"] for group in groups["logGroups"])

    def message_counts(self) -> Mapping[str, int]:
        """How many messages each queue holds, in flight or not, by the name of its output."""
        return {
            output: sum(self._counts(url))
            for output, url in self.outputs.items()
            if output.endswith(("QueueUrl", "DeadLettersUrl"))
        }

    def _counts(self, url: str) -> Iterator[int]:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        queue = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return (int(queue["Attributes"][name]) for name in names)


def _to_json(value: Any) -> Any:
    """Bytes in base64 and times in seconds, as in Lambda's events of a stream."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(type(value).__name__)
