"""Stands in for the stream's mapping: hands the stream's records to the deployed Tally.

The engine's own mapping calls the function, but names no shard, and Tally needs one.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from tests.e2e.drivers.deployed_stack import DeployedStack

_POLL_SECONDS: Final = 0.3


class StreamRelay:
    """Reads the stream from its oldest record on and invokes Tally, in a thread, until stopped."""

    def __init__(self, stack: DeployedStack) -> None:
        self._stack = stack
        self._streams = stack.client("dynamodbstreams")
        self._stopping = threading.Event()
        executor = ThreadPoolExecutor(1)
        self._records = executor.submit(self._run)
        executor.shutdown(wait=False)

    def stop(self) -> int:
        """Stop; the number of records that Tally has taken. Raises what went wrong on the way."""
        self._stopping.set()
        return self._records.result()

    def _run(self) -> int:
        arn, shard = self._shard()
        iterator = self._streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        count = 0
        while not self._stopping.wait(_POLL_SECONDS):
            page = self._streams.get_records(ShardIterator=iterator, Limit=1000)
            iterator = page["NextShardIterator"]
            if page["Records"]:
                self._stack.invoke("Tally", _event(arn, shard, page["Records"]))
                count += len(page["Records"])
        return count

    def _shard(self) -> tuple[str, str]:
        table = self._stack.outputs["SignaturesTableName"]
        (stream,) = self._streams.list_streams(TableName=table)["Streams"]
        described = self._streams.describe_stream(StreamArn=stream["StreamArn"])
        return stream["StreamArn"], described["StreamDescription"]["Shards"][0]["ShardId"]


def _event(arn: str, shard: str, records: list[Any]) -> dict[str, Any]:
    """An event as Lambda makes it for a mapping with a tumbling window."""
    return {
        "Records": [{**record, "eventSourceARN": arn} for record in records],
        "shardId": shard,
        "eventSourceARN": arn,
        "window": {"start": "2026-03-08T12:00:00Z", "end": "2026-03-08T12:01:00Z"},
        "state": {},
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }
