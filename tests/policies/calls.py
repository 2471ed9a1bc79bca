"""AWS calls as IAM checks them: action, resource, partition keys, attributes.

IAM knows no transactions and no batches: each element is checked as the single call that it stands
for (DynamoDB developer guide, "Using IAM with DynamoDB transactions").
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Final

from chalicelib.store.keys import PK
from tests.policies.documents import arn

_TRANSACTED: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}

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

    `attributes` are those that a read asks for, empty for all, or that an update names. `returns`
    is what an update returns, also when its condition fails. `sender` is the sender's address.
    """

    action: str
    resource: str
    keys: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    returns: str = "NONE"
    sender: str = ""


def calls_of(service: str, operation: str, arguments: Mapping[str, Any]) -> Iterator[Call]:
    """What IAM checks when boto3 makes this call. Raises UnknownCall."""
    match service, operation:
        case "dynamodb", _:
            yield from _on_tables(operation, arguments)
        case "sqs", "SendMessage":
            queue = arguments["QueueUrl"].rpartition("/")[2]
            yield Call(action="sqs:SendMessage", resource=arn("sqs", queue))
        case "ssm", "GetParameters":
            # Refused as a whole if one of them is.
            for name in arguments["Names"]:
                yield Call(action="ssm:GetParameters", resource=arn("ssm", f"parameter{name}"))
        case "sesv2", "SendEmail" | "SendBulkEmail":
            # SES checks the identity that lets the sender send (the address, its domain, and in
            # the sandbox that of the recipient), the configuration set, and a bulk's template.
            sender = parseaddr(arguments["FromEmailAddress"])[1]
            resources = [f"identity/{sender}", f"identity/{sender.rpartition('@')[2]}"]
            resources.append(f"configuration-set/{arguments['ConfigurationSetName']}")
            if operation == "SendBulkEmail":
                resources.append("template/inline")
            for resource in resources:
                yield Call(action=f"ses:{operation}", resource=arn("ses", resource), sender=sender)
        case "cloudformation", "DescribeStacks":
            # A stack that is expression for by its name has any id.
            stack = f"stack/{arguments['StackName']}/any"
            yield Call(action=f"{service}:{operation}", resource=arn(service, stack))
        case "lambda", "GetFunctionConfiguration":
            function = f"function:{arguments['FunctionName']}"
            yield Call(action=f"{service}:{operation}", resource=arn(service, function))
        case _:
            raise UnknownCall(f"{service}.{operation}")


def _on_tables(operation: str, arguments: Mapping[str, Any]) -> Iterator[Call]:
    match operation:
        case "TransactWriteItems":
            for element in arguments["TransactItems"]:
                for kind, write in element.items():
                    yield _on_items(_TRANSACTED[kind], write, [_key_of(write)])
        case "BatchGetItem":
            for table, request in arguments["RequestItems"].items():
                yield _on_items("BatchGetItem", {"TableName": table}, request["Keys"])
        case "Query":
            yield _on_items("Query", arguments, [{PK: _partition_of(arguments)}])
        case "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem":
            yield _on_items(operation, arguments, [_key_of(arguments)])
        case _:
            raise UnknownCall(f"dynamodb.{operation}")


def _on_items(operation: str, arguments: Mapping[str, Any], keys: list[Any]) -> Call:
    return Call(
        action=f"dynamodb:{operation}",
        resource=arn("dynamodb", f"table/{arguments['TableName']}"),
        keys=frozenset(key[PK]["S"] for key in keys),
        attributes=_attributes_of(arguments),
        returns=_returned_by(arguments),
    )


def _key_of(arguments: Mapping[str, Any]) -> Any:
    return arguments["Key"] if "Key" in arguments else arguments["Item"]


def _partition_of(arguments: Mapping[str, Any]) -> Any:
    match = re.match(rf"{PK} = (:\w+)", arguments["KeyConditionExpression"])
    assert match, "a query names one partition"
    return arguments["ExpressionAttributeValues"][match[1]]


def _attributes_of(arguments: Mapping[str, Any]) -> frozenset[str]:
    names = arguments.get("ExpressionAttributeNames", {})
    expression = arguments.get("ProjectionExpression", "")
    if "UpdateExpression" in arguments:
        expression = f"{arguments['UpdateExpression']} {arguments.get('ConditionExpression', '')}"
        return frozenset(
            {names.get(word, word) for word in _WORD.findall(expression)} - _WORDS_OF_EXPRESSIONS
        ) | frozenset(arguments["Key"])
    return frozenset(names.get(name, name) for name in re.split(r"\s*,\s*", expression) if name)


def _returned_by(arguments: Mapping[str, Any]) -> str:
    """The most that an update returns; a failed condition may return the whole item."""
    failing: str = arguments.get("ReturnValuesOnConditionCheckFailure", "NONE")
    return failing if failing != "NONE" else str(arguments.get("ReturnValues", "NONE"))
