"""Records every AWS call, and what it consumes of DynamoDB's write and read units."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest import mock

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from bench.instruments import capacity_units
from bench.instruments.capacity_units import Attributes

Arguments = Mapping[str, Any]
Make = Callable[[BaseClient, str, Arguments], Any]
"""Makes an AWS call: client, operation, arguments; its answer."""

_METHOD: Final = "_make_api_call"
"""Every call of every client of botocore goes through it."""
_make: Final[Make] = getattr(BaseClient, _METHOD)


@contextmanager
def through(make: Make) -> Iterator[None]:
    """Send every AWS call of the block through `make`."""

    def intercept(client: BaseClient, operation: str, arguments: Arguments) -> Any:
        return make(client, operation, arguments)

    with mock.patch.object(BaseClient, _METHOD, intercept):
        yield


def let_through(client: BaseClient, operation: str, arguments: Arguments) -> Any:
    """Make the call itself."""
    return _make(client, operation, arguments)


def service_of(client: BaseClient) -> str:
    """The service of a client, such as `dynamodb`."""
    return str(client.meta.service_model.service_name)


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What an engine reported as consumed; of `silent` calls, which failed, it reported nothing."""

    write_units: float = 0
    read_units: float = 0
    silent: int = 0

    def __add__(self, other: "Reported") -> "Reported":
        return Reported(
            write_units=self.write_units + other.write_units,
            read_units=self.read_units + other.read_units,
            silent=self.silent + other.silent,
        )


@dataclass(kw_only=True)
class Bill:
    """AWS calls by name (`dynamodb.PutItem`), and the units of those that went to DynamoDB.

    Units are computed from the items; `reported` is what the engine itself reported.
    """

    calls: Counter[str] = field(default_factory=Counter)
    write_units: float = 0
    read_units: float = 0
    reported: Reported = field(default_factory=Reported)

    @property
    def call_count(self) -> int:
        """AWS calls of all kinds."""
        return self.calls.total()

    def __add__(self, other: "Bill") -> "Bill":
        return Bill(
            calls=self.calls + other.calls,
            write_units=self.write_units + other.write_units,
            read_units=self.read_units + other.read_units,
            reported=self.reported + other.reported,
        )

    def make(self, client: BaseClient, operation: str, arguments: Arguments) -> Any:
        """Make a call and add it to the bill."""
        self.calls[f"{service_of(client)}.{operation}"] += 1
        if service_of(client) != "dynamodb":
            return let_through(client, operation, arguments)
        arguments = {**arguments, "ReturnConsumedCapacity": "TOTAL"}
        if operation in _READS:
            answer = let_through(client, operation, arguments)
            self.reported += Reported(read_units=_consumed(answer))
            self.read_units += _READS[operation](client, arguments, answer)
            return answer
        writes = _writes(operation, arguments)
        before = [_stored(client, write) for write in writes]
        try:
            answer = let_through(client, operation, arguments)
        except ClientError:
            # A write whose condition fails is charged like one that succeeds.
            after = [write.get("Item", old) for write, old in zip(writes, before, strict=True)]
            self._add_writes(operation, before, after)
            self.reported += Reported(silent=1)
            raise
        self.reported += Reported(write_units=_consumed(answer))
        self._add_writes(operation, before, [_after(client, w, answer) for w in writes])
        return answer

    def _add_writes(
        self, operation: str, before: list[Attributes | None], after: list[Attributes | None]
    ) -> None:
        pairs = list(zip(before, after, strict=True))
        if operation == "TransactWriteItems":
            self.write_units += capacity_units.transaction_units(pairs)
        else:
            self.write_units += sum(capacity_units.write_units(old, new) for old, new in pairs)


@contextmanager
def billed() -> Iterator[Bill]:
    """A bill of the AWS calls of the block."""
    bill = Bill()
    with through(bill.make):
        yield bill


def bill_of(act: Callable[[], object]) -> Bill:
    """The bill of what `act` asks of AWS."""
    with billed() as bill:
        act()
    return bill


def _consumed(answer: Any) -> float:
    """Units that an answer reports: of one table, or of each in a list."""
    reported = answer.get("ConsumedCapacity", [])
    tables = reported if isinstance(reported, list) else [reported]
    return float(sum(table["CapacityUnits"] for table in tables))


def _get(_client: BaseClient, arguments: Arguments, answer: Any) -> float:
    consistent = arguments.get("ConsistentRead", False)
    return capacity_units.get_units([answer.get("Item")], consistent=consistent)


def _batch_get(_client: BaseClient, arguments: Arguments, answer: Any) -> float:
    total = 0.0
    for table, asked in arguments["RequestItems"].items():
        found = answer["Responses"].get(table, [])
        missing = [None] * (len(asked["Keys"]) - len(found))
        consistent = asked.get("ConsistentRead", False)
        total += capacity_units.get_units([*found, *missing], consistent=consistent)
    return total


def _query(client: BaseClient, arguments: Arguments, answer: Any) -> float:
    items = answer["Items"]
    if "ProjectionExpression" in arguments:
        # Whole items are charged, so they are read once more, whole.
        attributes_only = ("ProjectionExpression", "ExpressionAttributeNames")
        whole = {name: value for name, value in arguments.items() if name not in attributes_only}
        items = let_through(client, "Query", whole)["Items"]
    return capacity_units.query_units(items, consistent=arguments.get("ConsistentRead", False))


_READS: Final[Mapping[str, Callable[[BaseClient, Arguments, Any], float]]] = {
    "GetItem": _get,
    "BatchGetItem": _batch_get,
    "Query": _query,
}


def _writes(operation: str, arguments: Arguments) -> list[Arguments]:
    """The single writes of a call, each with its `TableName`, and `Item` or `Key`."""
    if operation == "TransactWriteItems":
        return [write for item in arguments["TransactItems"] for write in item.values()]
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return [arguments]
    raise ValueError(f"the units of {operation} are not known")


def _after(client: BaseClient, write: Arguments, answer: Any) -> Attributes | None:
    """The item after a write, read only if neither call nor answer holds it."""
    if "Item" in write:
        put: Attributes = write["Item"]
        return put
    if write.get("ReturnValues") == "ALL_NEW":
        updated: Attributes = answer["Attributes"]
        return updated
    return _stored(client, write)


def _stored(client: BaseClient, write: Arguments) -> Attributes | None:
    """The item that has the key of a write at this moment."""
    key = write.get("Key") or {name: write["Item"][name] for name in ("pk", "sk")}
    wanted = {"TableName": write["TableName"], "Key": key, "ConsistentRead": True}
    item: Attributes | None = let_through(client, "GetItem", wanted).get("Item")
    return item
