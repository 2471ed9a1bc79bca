"""AWS calls as IAM checks them: action, resource, partition keys, attributes.

IAM knows no transactions and no batches: each element is checked as the single call that it stands
for (DynamoDB developer guide, "Using IAM with DynamoDB transactions").
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Final

from chalicelib.store.keys import PK, SK
from tests.policies.documents import arn

_TRANSACTED: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}

_ON_OBJECTS: Final = {
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "AbortMultipartUpload": "AbortMultipartUpload",
    "GetObject": "GetObject",
    "HeadObject": "GetObject",
    "DeleteObject": "DeleteObject",
}
"""The action that each call on an object needs (S3 user guide, "Required permissions")."""
_READS: Final = frozenset({"BatchGetItem", "GetItem", "Query"})
_KEYS: Final = frozenset({PK, SK})
_WORD: Final = re.compile(r"(?<![:#\w])#?[A-Za-z]\w*")
_WORDS_OF_EXPRESSIONS: Final = frozenset(
    {"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "IN", "BETWEEN", "size", "contains"}
    | {"attribute_exists", "attribute_not_exists", "begins_with", "if_not_exists", "list_append"}
)


class UnknownCall(Exception):
    """A call without a mapping to IAM in this module. The message names it."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One check that IAM makes. `keys` are the partition keys of the items that are named.

    `attributes` are those that a read asks for, empty for all, or that a write names. `returns`
    is what a write returns, also when its condition fails. `sender` is the sender's address. What
    a request does not say is "".
    """

    action: str
    resource: str
    keys: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    select: str = ""
    returns: str = ""
    sender: str = ""

    def condition_values(self, key: str) -> frozenset[str]:
        """The values of a condition key in this request; none when it lacks the key."""
        values = {
            "dynamodb:LeadingKeys": self.keys,
            "dynamodb:Attributes": self.attributes,
            "dynamodb:Select": {self.select},
            "dynamodb:ReturnValues": {self.returns},
            "ses:FromAddress": {self.sender},
        }
        return frozenset(values[key]) - {""}


def calls_of(service: str, operation: str, arguments: Mapping[str, Any]) -> Iterator[Call]:
    """What IAM checks when boto3 makes this call. Raises UnknownCall."""
    match service, operation:
        case "dynamodb", _:
            yield from _on_tables(operation, arguments)
        case "sqs", (
            "SendMessage" | "SendMessageBatch" | "ChangeMessageVisibility" | "GetQueueAttributes"
        ):
            # A batch needs the same permission (SQS API reference, SendMessageBatch).
            queue = arguments["QueueUrl"].rpartition("/")[2]
            yield Call(action=f"sqs:{operation.removesuffix('Batch')}", resource=arn("sqs", queue))
        case "ssm", "GetParameters":
            # Refused as a whole if one of them is.
            for name in arguments["Names"]:
                yield Call(action="ssm:GetParameters", resource=arn("ssm", f"parameter{name}"))
        case "s3", _ if operation in _ON_OBJECTS:
            file = f"arn:aws:s3:::{arguments['Bucket']}/{arguments['Key']}"
            yield Call(action=f"s3:{_ON_OBJECTS[operation]}", resource=file)
        case "sesv2", _:
            yield from _on_ses(operation, arguments)
        case "cloudformation", "DescribeStacks":
            # A stack that is expression for by its name has any id.
            stack = f"stack/{arguments['StackName']}/any"
            yield Call(action=f"{service}:{operation}", resource=arn(service, stack))
        case "lambda", "GetFunctionConfiguration":
            function = f"function:{arguments['FunctionName']}"
            yield Call(action=f"{service}:{operation}", resource=arn(service, function))
        case _:
            raise UnknownCall(f"{service}.{operation}")


def _on_ses(operation: str, arguments: Mapping[str, Any]) -> Iterator[Call]:
    match operation:
        case "GetAccount":
            # It is of no resource (service authorization reference of SES v2).
            yield Call(action="ses:GetAccount", resource="*")
        case "SendEmail" | "SendBulkEmail":
            # SES checks the identity that lets the sender send (the address, its domain, and in
            # the sandbox that of the recipient), the configuration set, and a bulk's template.
            sender = parseaddr(arguments["FromEmailAddress"])[1]
            resources = [f"identity/{sender}", f"identity/{sender.rpartition('@')[2]}"]
            resources.append(f"configuration-set/{arguments['ConfigurationSetName']}")
            if operation == "SendBulkEmail":
                resources.append("template/inline")
            for resource in resources:
                yield Call(action=f"ses:{operation}", resource=arn("ses", resource), sender=sender)
        case _:
            raise UnknownCall(f"sesv2.{operation}")


def _on_tables(operation: str, arguments: Mapping[str, Any]) -> Iterator[Call]:
    match operation:
        case "TransactWriteItems":
            for element in arguments["TransactItems"]:
                for kind, write in element.items():
                    yield _on_items(_TRANSACTED[kind], write, [_key_of(write)])
        case "BatchGetItem":
            for table, request in arguments["RequestItems"].items():
                yield _on_items("BatchGetItem", {"TableName": table, **request}, request["Keys"])
        case "Query":
            yield _on_items("Query", arguments, [{PK: _partition_of(arguments)}])
        case "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem":
            yield _on_items(operation, arguments, [_key_of(arguments)])
        case _:
            raise UnknownCall(f"dynamodb.{operation}")


def _on_items(operation: str, arguments: Mapping[str, Any], keys: list[Any]) -> Call:
    reads = operation in _READS
    attributes = _read_by(arguments) if reads else _written_by(arguments)
    return Call(
        action=f"dynamodb:{operation}",
        resource=arn("dynamodb", f"table/{arguments['TableName']}"),
        keys=frozenset(key[PK]["S"] for key in keys),
        attributes=attributes,
        # DynamoDB fills in what a query or an update leaves out, as its guide says.
        select=_selected(attributes) if operation == "Query" else "",
        returns=_returned_by(arguments, default="NONE" if operation == "UpdateItem" else ""),
    )


def _key_of(arguments: Mapping[str, Any]) -> Any:
    return arguments["Key"] if "Key" in arguments else arguments["Item"]


def _partition_of(arguments: Mapping[str, Any]) -> Any:
    match = re.match(rf"{PK} = (:\w+)", arguments["KeyConditionExpression"])
    assert match, "a query names one partition"
    return arguments["ExpressionAttributeValues"][match[1]]


def _read_by(arguments: Mapping[str, Any]) -> frozenset[str]:
    """The projected attributes and the keys, without which DynamoDB reads nothing."""
    names = arguments.get("ExpressionAttributeNames", {})
    projection = arguments.get("ProjectionExpression", "")
    if not projection:
        return frozenset()
    return frozenset(names.get(name, name) for name in re.split(r"\s*,\s*", projection)) | _KEYS


def _written_by(arguments: Mapping[str, Any]) -> frozenset[str]:
    """The attributes of an item, of an update and of a condition, and the keys."""
    names = arguments.get("ExpressionAttributeNames", {})
    expressions = [arguments.get(f"{kind}Expression", "") for kind in ("Update", "Condition")]
    words = {names.get(word, word) for word in _WORD.findall(" ".join(expressions))}
    return frozenset(words - _WORDS_OF_EXPRESSIONS).union(arguments.get("Item", ()), _KEYS)


def _selected(attributes: frozenset[str]) -> str:
    return "SPECIFIC_ATTRIBUTES" if attributes else "ALL_ATTRIBUTES"


def _returned_by(arguments: Mapping[str, Any], *, default: str) -> str:
    """The most that a write returns.

    AWS documents no condition key for what is returned when a condition fails. Our own code is held
    to the same rule.
    """
    failing: str = arguments.get("ReturnValuesOnConditionCheckFailure", "NONE")
    return failing if failing != "NONE" else str(arguments.get("ReturnValues", default))
