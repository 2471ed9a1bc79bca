"""moto from the inside: what AWS's own calls do not tell, or cannot put back.

Whoever calls these functions holds the engine's lock.
"""

import base64
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import StreamShard, Table
from moto.s3.models import s3_backends
from moto.sqs.models import Message, Queue, sqs_backends

from ops.local.aws import ACCOUNT, REGION


def tables() -> Mapping[str, Table]:
    """Every table by its name."""
    return dynamodb_backends[ACCOUNT][REGION].tables


def queues() -> Mapping[str, Queue]:
    """Every queue by its name."""
    return sqs_backends[ACCOUNT][REGION].queues


def items_of(table: Table) -> list[Mapping[str, Any]]:
    """The items of a table in DynamoDB's JSON, once `plain` has been through them."""
    return [item.attrs for item in table.all_items()]


def put_items(table: Table, items: Iterable[dict[str, Any]]) -> None:
    """Put items where they were; to the stream this is no change."""
    for item in items:
        table.put_item(item, overwrite=True)
    if table.stream_shard:
        table.stream_shard.items.clear()


def begin_shard(table: Table) -> None:
    """Give the stream of a table a shard of a new name.

    moto numbers shard and records alike in each process. A tally that remembers how far it has
    counted a shard would take the records of the next process for old ones.
    """
    _shard(table).id = f"shardId-{uuid.uuid4().hex}"


def shard_of(table: Table) -> str:
    """The name of the shard that the stream of a table writes to."""
    return _shard(table).id


def records_after(table: Table, count: int) -> list[Any]:
    """The records of a table's stream but for the first `count`."""
    return [record.to_json() for record in _shard(table).items[count:]]


def messages_of(queue: Queue) -> list[dict[str, Any]]:
    """The messages of a queue. Those in hand are among them: they come again after a crash."""
    return [
        {
            "id": message.id,
            "body": message.body,
            "sent_at": message.sent_timestamp,
            "received": message.approximate_receive_count,
            "delayed_until": message.delayed_until,
        }
        for message in queue._messages  # noqa: SLF001 - moto shows only those that are due
    ]


def put_messages(queue: Queue, messages: Iterable[Mapping[str, Any]]) -> None:
    """Put messages where they were."""
    for values in messages:
        message = Message(values["id"], values["body"])
        message.sent_timestamp = values["sent_at"]
        message.approximate_receive_count = values["received"]
        message.delayed_until = values["delayed_until"]
        queue.add_message(message)


def hasten_messages(step: timedelta) -> None:
    """Let `step` pass for every message that waits for a delay or for another try."""
    milliseconds = step / timedelta(milliseconds=1)
    for queue in queues().values():
        for message in queue._messages:  # noqa: SLF001 - moto shows only those that are due
            message.visible_at -= milliseconds
            message.delayed_until -= milliseconds


def objects_of(bucket: str) -> dict[str, str]:
    """The contents of a bucket: base64 by key."""
    keys = s3_backends[ACCOUNT]["aws"].buckets[bucket].keys
    return {key.name: base64.b64encode(key.value).decode() for key in keys.values()}


def put_objects(bucket: str, objects: Mapping[str, str]) -> None:
    """Put objects where they were."""
    for name, text in objects.items():
        s3_backends[ACCOUNT]["aws"].put_object(bucket, name, base64.b64decode(text))


def buckets() -> list[str]:
    """The names of the buckets."""
    return list(s3_backends[ACCOUNT]["aws"].buckets)


def plain(value: Any) -> Any:
    """What JSON does not know, as Lambda's events and DynamoDB's JSON write it."""
    if isinstance(value, DynamoType):
        return value.to_json()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(type(value).__name__)


def _shard(table: Table) -> StreamShard:
    if table.stream_shard is None:
        raise LookupError(f"the table {table.name} has no stream")
    return table.stream_shard
