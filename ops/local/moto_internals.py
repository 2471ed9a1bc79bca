"""The state inside moto that AWS's own calls do not show, or cannot put back.

Callers hold the lock of the MotoServer.
"""

import base64
import pickle
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import StreamShard, Table
from moto.s3.models import FakeBucket, s3_backends
from moto.sqs.models import Message, Queue, sqs_backends
from moto.ssm.models import SimpleSystemManagerBackend, ssm_backends

from ops.local.aws import ACCOUNT, REGION


def tables() -> Mapping[str, Table]:
    """Every table by its name."""
    return dynamodb_backends[ACCOUNT][REGION].tables


def queues() -> Mapping[str, Queue]:
    """Every queue by its name."""
    return sqs_backends[ACCOUNT][REGION].queues


def messages_of(queue: Queue) -> list[Message]:
    """The messages of a queue, also those that are delayed or in flight."""
    return queue._messages  # noqa: SLF001 - moto shows only those that are visible


def add_queue(name: str) -> None:
    """Make a queue that the template does not have."""
    sqs_backends[ACCOUNT][REGION].create_queue(name)


def put_message(queue_name: str, body: str) -> None:
    """Put a message on a queue. moto's own way counts all messages of the queue first."""
    message = Message(str(uuid.uuid4()), body)
    message.mark_sent()
    queues()[queue_name].add_message(message)


def shard_of(table: Table) -> StreamShard:
    """The shard that the stream of a table writes to."""
    if table.stream_shard is None:
        raise LookupError(f"the table {table.name} has no stream")
    return table.stream_shard


def begin_shard(table: Table) -> None:
    """Give the stream of a table a shard of a new name.

    moto numbers shard and records alike in each process. A tally that remembers how far it has
    counted a shard would take the records of the next process for old ones.
    """
    shard_of(table).id = f"shardId-{uuid.uuid4().hex}"


def records_after(table: Table, count: int) -> list[Any]:
    """The records of a table's stream but for the first `count`."""
    return [record.to_json() for record in shard_of(table).items[count:]]


def advance_messages(step: timedelta) -> None:
    """Let `step` pass for every message that waits for a delay or for another try."""
    milliseconds = step / timedelta(milliseconds=1)
    for queue in queues().values():
        for message in messages_of(queue):
            message.visible_at -= milliseconds
            message.delayed_until -= milliseconds


def dump() -> Mapping[str, Any]:
    """The contents of tables, queues, buckets and Parameter Store, for JSON by help of `plain`."""
    return {
        "secrets": {
            name: versions[-1].decrypt(versions[-1].value)
            for name, versions in _parameter_store()._parameters.items()  # noqa: SLF001
        },
        "tables": {
            name: [item.attrs for item in table.all_items()] for name, table in tables().items()
        },
        "queues": {
            # Messages in flight are among them: they come again after a crash.
            name: [_message_values(message) for message in messages_of(queue)]
            for name, queue in queues().items()
        },
        "buckets": {
            name: {key.name: key.value for key in bucket.keys.values()}
            for name, bucket in _buckets().items()
        },
    }


def load(state: Mapping[str, Any]) -> None:
    """Put back what `dump` has returned, into tables, queues and buckets that exist and are empty.

    To a stream this is no change. Secrets are put into Parameter Store.
    """
    for name, value in state["secrets"].items():
        _put_secret(name, value)
    for name, table in tables().items():
        for item in state["tables"].get(name, []):
            table.put_item(item, overwrite=True)
        if table.stream_shard:
            table.stream_shard.items.clear()
    for name, queue in queues().items():
        _put_messages(queue, state["queues"].get(name, []))
    for name in _buckets():
        for key, text in state["buckets"].get(name, {}).items():
            s3_backends[ACCOUNT]["aws"].put_object(name, key, base64.b64decode(text))


def empty_buckets() -> None:
    """Delete every file, and every upload that is not complete."""
    for bucket in _buckets().values():
        bucket.keys.clear()
        bucket.multiparts.clear()


def copied() -> Callable[[], None]:
    """Copy tables with their streams, queues and buckets.

    What is returned puts the copies back, any number of times; uploads that are not complete go.
    """
    # Pickled: copies of the same objects by `copy.deepcopy` take five times as long.
    items = {name: pickle.dumps(table.items) for name, table in tables().items()}
    records = {name: list(t.stream_shard.items) for name, t in tables().items() if t.stream_shard}
    messages = {name: pickle.dumps(messages_of(queue)) for name, queue in queues().items()}
    files = {name: dict(bucket.keys) for name, bucket in _buckets().items()}

    def put_back() -> None:
        for name, table in tables().items():
            table.items = pickle.loads(items[name])  # noqa: S301 - pickled above
            if table.stream_shard:
                table.stream_shard.items[:] = records[name]
        for name, queue in queues().items():
            messages_of(queue)[:] = pickle.loads(messages[name])  # noqa: S301 - pickled above
            queue.pending_messages.clear()
        empty_buckets()
        for name, bucket in _buckets().items():
            bucket.keys.update(files[name])

    return put_back


def plain(value: Any) -> Any:
    """A value that JSON does not know, as Lambda's events and DynamoDB's JSON write it."""
    if isinstance(value, DynamoType):
        return value.to_json()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(type(value).__name__)


def _buckets() -> Mapping[str, FakeBucket]:
    return s3_backends[ACCOUNT]["aws"].buckets


def _parameter_store() -> SimpleSystemManagerBackend:
    return ssm_backends[ACCOUNT][REGION]


def _put_secret(name: str, value: str) -> None:
    _parameter_store().put_parameter(
        name=name,
        value=value,
        parameter_type="SecureString",
        description="",
        allowed_pattern="",
        keyid="alias/aws/ssm",
        overwrite=False,
        tags=[],
        data_type="text",
        tier=None,
        policies=None,
    )


def _message_values(message: Message) -> Mapping[str, Any]:
    return {
        "id": message.id,
        "body": message.body,
        "sent_at": message.sent_timestamp,
        "received": message.approximate_receive_count,
        "delayed_until": message.delayed_until,
    }


def _put_messages(queue: Queue, messages: Iterable[Mapping[str, Any]]) -> None:
    for values in messages:
        message = Message(values["id"], values["body"])
        message.sent_timestamp = values["sent_at"]
        message.approximate_receive_count = values["received"]
        message.delayed_until = values["delayed_until"]
        queue.add_message(message)
