"""Where moto is patched: it measures an update wrongly, and its cost grows with all that is stored.

With 4,500 items in a table moto does four transactions a second, and a queue of 10,000 messages
hands out ten of them in a second. Callers of moto see no other difference.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from moto.core.model import Shape
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.validators import ActionCountValidator
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Message, Queue, SQSBackend

from chalicelib.store.dynamodb.items import MAX_ITEM_BYTES

_moto_transact: Final = DynamoDBBackend.transact_write_items
_moto_query: Final = Table.query
_moto_member: Final = ResponseSerializer.get_value


def install() -> None:
    """Patch moto in this process. Safe to repeat."""
    LimitedSizeDict.__setitem__ = _set_attribute  # type: ignore[method-assign]
    DynamoDBBackend.transact_write_items = _transact  # type: ignore[assignment,method-assign]
    # Only a transaction copies a table, to put it back; `_transact` does that itself.
    Table.__deepcopy__ = lambda table, _memo: table  # type: ignore[attr-defined]
    Table.query = _query  # type: ignore[assignment,method-assign]
    Queue.messages = property(_VisibleMessages)  # type: ignore[assignment]
    # For each message that it hands out moto counts all of them; none here is 14 days old.
    SQSBackend.is_message_valid_based_on_retention_period = _is_valid  # type: ignore[assignment,method-assign]
    Queue.delete_message = _delete_message  # type: ignore[assignment,method-assign]
    ResponseSerializer.get_value = _member  # type: ignore[assignment,method-assign]
    # moto counts the actions of an update once for each action that it has.
    ActionCountValidator.traverse = ActionCountValidator.verify_action_counts


def _set_attribute(attributes: LimitedSizeDict, name: str, value: Any) -> None:
    """Measure an item as it is after an update.

    moto adds the new value of an attribute to the old one, which is replaced. So it refuses to
    change the text of a petition of half the size that DynamoDB stores.
    """
    others = {each: old for each, old in attributes.items() if each != name}
    if sum(map(_bytes, [*others, *others.values(), name, value])) > MAX_ITEM_BYTES:
        raise ItemSizeTooLarge
    dict.__setitem__(attributes, name, value)


def _member(serializer: ResponseSerializer, value: Any, key: str, shape: Shape) -> Any:
    """A member of a part of an answer.

    Of each of the ten types that a value in a table can have, moto tries four spellings.
    """
    if isinstance(value, dict) and shape.parent.name == "AttributeValue":  # type: ignore[attr-defined]
        return value.get(key)
    return _moto_member(serializer, value, key, shape)


def _bytes(part: Any) -> int:
    return part.size() if isinstance(part, DynamoType) else len(str(part).encode())


def _transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    """Do all writes or none. moto copies every table that is touched, this only the items."""
    undo = _undo_of(backend, transact_items)
    try:
        _moto_transact(backend, transact_items)
    except BaseException:
        undo()
        raise


def _undo_of(
    backend: DynamoDBBackend, transact_items: Sequence[Mapping[str, Any]]
) -> Callable[[], None]:
    """What puts back the items that a transaction touches, and the ends of their streams."""
    touched: list[tuple[Table, Any, Any, Item | None]] = []
    ends: dict[str, tuple[Table, int]] = {}
    for (write,) in (item.values() for item in transact_items if len(item) == 1):
        table = backend.tables.get(write.get("TableName", ""))
        key = write.get("Key") or write.get("Item")
        if (
            table is None
            or not key
            or not {*table.hash_key_names, *table.range_key_names} <= {*key}
        ):
            # moto refuses the transaction.
            continue
        place = backend.get_keys_value(table, key)
        touched.append((table, *place, copy.deepcopy(table.get_item(*place))))
        if table.stream_shard:
            ends[table.name] = table, len(table.stream_shard.items)

    def undo() -> None:
        for table, hash_key, range_key, item in touched:
            if item is None:
                table.items[hash_key].pop(range_key, None)
            else:
                table.items[hash_key][range_key] = item
        for table, end in ends.values():
            if table.stream_shard:
                del table.stream_shard.items[end:]

    return undo


def _query(table: Table, hash_key: DynamoType | None, *arguments: Any, **options: Any) -> Any:
    """Query one partition. moto sorts and compares the items of the whole table."""
    # None of our tables has an index.
    if hash_key not in table.items:
        return _moto_query(table, hash_key, *arguments, **options)
    with _narrowed(table, list(table.items[hash_key].values())):
        return _moto_query(table, hash_key, *arguments, **options)


@contextmanager
def _narrowed(table: Table, items: list[Item]) -> Iterator[None]:
    """Let a table look in the block as if it held these items only."""
    table.all_items = lambda: items  # type: ignore[method-assign]
    try:
        yield
    finally:
        del table.all_items


class _VisibleMessages:
    """The messages of a queue that can be received now, found one by one: moto lists them all."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def __iter__(self) -> Iterator[Message]:
        return (
            message
            for message in self._queue._messages  # noqa: SLF001 - this stands in for moto's own
            if message.visible and not message.delayed
        )

    def __bool__(self) -> bool:
        return any(True for _ in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _is_valid(_backend: SQSBackend, _queue_name: str, _message: Message) -> bool:
    return True


def _delete_message(queue: Queue, receipt_handle: str) -> None:
    """Delete a message. moto goes through the queue twice, and copies it."""
    if receipt_handle in queue.deleted_messages:
        return
    messages = queue._messages  # noqa: SLF001 - this stands in for moto's own
    for place, message in enumerate(messages):
        if message.had_receipt_handle(receipt_handle):
            del messages[place]
            queue.pending_messages.discard(message)
            queue.deleted_messages.add(receipt_handle)
            return
    raise ReceiptHandleIsInvalid
