"""Reads and writes of a DynamoDB table, with Python values and our own errors.

botocore repeats a call whose answer was lost, so every write is safe to repeat. A failed condition
can therefore mean that the first attempt of the same write succeeded.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chalicelib.domain.errors import Unavailable
from chalicelib.store.dynamodb.errors import Conflict, translated
from chalicelib.store.dynamodb.expressions import conditional, projection
from chalicelib.store.dynamodb.items import Item, deserialize, serialize
from chalicelib.store.keys import PK, SK, Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAGE_ITEMS: Final = 500
_MAX_ATTEMPTS: Final = 5
"""Attempts of a transaction with conflicts, and of a batch with unprocessed keys."""


@dataclass(frozen=True, kw_only=True)
class Write:
    """Part of a transaction: puts `item`, else updates by `expression`, checks only, or deletes."""

    key: Key
    item: Mapping[str, Any] | None = None
    expression: str = ""
    condition: str = ""
    names: Mapping[str, str] | None = None
    values: Mapping[str, Any] | None = None
    only_check: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table and its client."""

    name: str
    client: "DynamoDBClient"

    def find(self, key: Key, *, consistent: bool = False) -> Item | None:
        """The item under `key`, or None. Half a read unit for 4 KB, one if `consistent`."""
        with translated():
            answer = self.client.get_item(
                TableName=self.name, Key=serialize(key), ConsistentRead=consistent
            )
        return deserialize(answer.get("Item"))

    def find_some(
        self, key: Key, attributes: Sequence[str], *, consistent: bool = False
    ) -> Item | None:
        """These attributes of the item under `key`, or None. Costs as much as `find`."""
        with translated():
            answer = self.client.get_item(
                TableName=self.name,
                Key=serialize(key),
                ConsistentRead=consistent,
                **projection(attributes),
            )
        return deserialize(answer.get("Item"))

    def find_many(self, keys: Sequence[Key]) -> list[Item]:
        """The items under `keys` (100 at most) that exist, in their order, read consistently."""
        return [item for item in find_across([(self, key) for key in keys]) if item is not None]

    def put(
        self,
        key: Key,
        item: Mapping[str, Any],
        *,
        condition: str = "",
        names: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
        return_old: bool = True,
    ) -> None:
        """Write an item, in place of any other, if the condition holds.

        Raises ConditionFailed, with the stored item if `return_old`.
        """
        arguments = conditional(condition, names, values, return_old=return_old)
        with translated():
            self.client.put_item(TableName=self.name, Item=serialize({**key, **item}), **arguments)

    def add(self, key: Key, item: Mapping[str, Any]) -> None:
        """Put if absent. Raises ConditionFailed with the stored item."""
        self.put(key, item, condition=f"attribute_not_exists({PK})")

    def update(
        self,
        key: Key,
        expression: str,
        *,
        condition: str = "",
        names: Mapping[str, str] | None = None,
        values: Mapping[str, Any] | None = None,
        return_values: bool = True,
    ) -> Item:
        """Change an item and return it. Raises ConditionFailed with the stored item.

        Without `return_values` neither shows the item, for roles that may not read all of it.
        """
        arguments = conditional(condition, names, values, return_old=return_values)
        with translated():
            answer = self.client.update_item(
                TableName=self.name,
                Key=serialize(key),
                UpdateExpression=expression,
                ReturnValues="ALL_NEW" if return_values else "NONE",
                **arguments,
            )
        return deserialize(answer.get("Attributes")) or {}

    def delete(
        self, key: Key, *, condition: str = "", values: Mapping[str, Any] | None = None
    ) -> None:
        """Delete an item, whether or not it exists. Raises ConditionFailed, without the item."""
        arguments = conditional(condition, None, values, return_old=False)
        with translated():
            self.client.delete_item(TableName=self.name, Key=serialize(key), **arguments)

    def page_of(
        self,
        pk: str,
        *,
        after: str | None = None,
        prefix: str | None = None,
        up_to: str | None = None,
        limit: int = PAGE_ITEMS,
        attributes: Sequence[str] = (),
        consistent: bool = False,
        backwards: bool = False,
    ) -> tuple[list[Item], str | None]:
        """Up to `limit` items of a partition in key order, and the next cursor, None at the end.

        `after` is a cursor (a sort key). `prefix` and `up_to` are conditions on the sort key.
        `attributes` names the attributes to read; all by default.
        """
        condition, values = f"{PK} = :pk", {":pk": pk}
        if prefix is not None:
            condition += f" AND begins_with({SK}, :sk)"
            values[":sk"] = prefix
        elif up_to is not None:
            condition += f" AND {SK} <= :sk"
            values[":sk"] = up_to
        query: dict[str, Any] = {
            "TableName": self.name,
            "ConsistentRead": consistent,
            "ScanIndexForward": not backwards,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": serialize(values),
            "Limit": limit,
        }
        if after is not None:
            query["ExclusiveStartKey"] = serialize({PK: pk, SK: after})
        query |= projection(attributes)
        with translated():
            answer = self.client.query(**query)
        last = deserialize(answer.get("LastEvaluatedKey"))
        return [deserialize(item) or {} for item in answer["Items"]], last[SK] if last else None

    def items_of(self, pk: str, **narrowing: Any) -> Iterator[Item]:
        """Every item of a partition, page by page. Takes the arguments of `page_of`."""
        cursor: str | None = narrowing.pop("after", None)
        while True:
            items, cursor = self.page_of(pk, after=cursor, **narrowing)
            yield from items
            if cursor is None:
                return

    def transact(self, writes: Sequence[Write]) -> None:
        """Do all writes or none, as `transact_across` does."""
        transact_across([(self, write) for write in writes])


def transact_across(pairs: Sequence[tuple[Table, Write]]) -> None:
    """Do all writes, each in its table, or none.

    Raises ConditionFailed, without an item, when any condition does not hold. After a conflict with
    another transaction it tries again, then raises Unavailable.
    """
    items = [_transaction_item(table.name, write) for table, write in pairs]
    for attempt in range(1, _MAX_ATTEMPTS + 1):
        try:
            with translated():
                pairs[0][0].client.transact_write_items(TransactItems=items)
                return
        except Conflict as conflict:
            if attempt == _MAX_ATTEMPTS:
                raise Unavailable from conflict
            _pause(attempt)


def _transaction_item(table_name: str, write: Write) -> Any:
    condition = conditional(write.condition, write.names, write.values, return_old=False)
    arguments = {"TableName": table_name, **condition}
    if write.item is not None:
        return {"Put": {"Item": serialize({**write.key, **write.item}), **arguments}}
    arguments["Key"] = serialize(write.key)
    if write.only_check:
        return {"ConditionCheck": arguments}
    if write.expression:
        return {"Update": {"UpdateExpression": write.expression, **arguments}}
    return {"Delete": arguments}


def find_across(
    pairs: Sequence[tuple[Table, Key]], *, attributes: Mapping[str, Sequence[str]] | None = None
) -> list[Item | None]:
    """The items under keys of several tables, in their order; None for a missing one.

    `attributes` names the attributes to read, by the name of the table; all by default.
    One consistent call for at most 100 different keys. Unprocessed keys are requested again a few
    times. Raises Unavailable.
    """
    if not pairs:
        # BatchGetItem takes 1 to 100 keys.
        return []
    narrowed = attributes or {}
    requested: Any = {}
    for table, key in pairs:
        of_table = requested.setdefault(
            table.name,
            {"Keys": [], "ConsistentRead": True, **projection(narrowed.get(table.name, ()))},
        )
        of_table["Keys"].append(serialize(key))
    client = pairs[0][0].client
    items_by_key: dict[tuple[str, str, str], Item | None] = {}
    for attempt in range(_MAX_ATTEMPTS):
        if attempt:
            _pause(attempt)
        with translated():
            answer = client.batch_get_item(RequestItems=requested)
        for name, items in answer["Responses"].items():
            for item in map(deserialize, items):
                items_by_key[name, *_key_of(item or {})] = item
        requested = answer.get("UnprocessedKeys")
        if not requested:
            return [items_by_key.get((table.name, *_key_of(key))) for table, key in pairs]
    raise Unavailable


def _pause(attempt: int) -> None:
    """Wait before the next attempt: longer each time, with jitter."""
    time.sleep(random.uniform(0, 0.05) * attempt)  # noqa: S311 - jitter, no secret


def _key_of(item: Mapping[str, Any]) -> tuple[str, str]:
    return item[PK], item[SK]
