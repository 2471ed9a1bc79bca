"""The arguments of DynamoDB's calls that name attributes and state conditions."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.store.dynamodb.items import serialize


def projection(attributes: Sequence[str]) -> dict[str, Any]:
    """Read these attributes; all without any."""
    if not attributes:
        return {}
    return {
        "ExpressionAttributeNames": {f"#{name}": name for name in attributes},
        "ProjectionExpression": ", ".join(f"#{name}" for name in attributes),
    }


def conditional(
    condition: str,
    names: Mapping[str, str] | None,
    values: Mapping[str, Any] | None,
    *,
    return_old: bool,
) -> dict[str, Any]:
    """Write if the condition holds; a failure shows the stored item if `return_old`."""
    arguments: dict[str, Any] = {}
    if condition:
        arguments["ConditionExpression"] = condition
    if condition and return_old:
        arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    if names:
        arguments["ExpressionAttributeNames"] = dict(names)
    if values:
        arguments["ExpressionAttributeValues"] = serialize(values)
    return arguments
