"""What stands for the stream's mapping: hands the stream's records to the deployed Tally.

The engine's own mapping calls the function, but names no shard, which Tally cannot do without.
"""

import threading
from typing import Any, Final

from ops.rehearsal.driving.deployed import Deployed
from ops.rehearsal.steps import Unexpected, until

_BETWEEN_LOOKS_SECONDS: Final = 0.3


class Relay:
    """Reads the stream and invokes Tally, in a thread of its own, until it is stopped."""

    def __init__(self, deployed: Deployed) -> None:
        self._deployed = deployed
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._failure: Exception | None = None
        self.handed_count = 0

    def start(self) -> None:
        """Begin with the oldest record."""
        self._thread.start()

    def stop(self) -> None:
        """Hand over nothing more."""
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what went wrong while records were handed over, if anything did."""
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            self._hand_over()
        except Exception as error:  # noqa: BLE001 - told by check(), in another thread
            self._failure = error

    def _hand_over(self) -> None:
        streams = self._deployed.client("dynamodbstreams")
        arn, shard = self._shard(streams)
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while not self._over.wait(_BETWEEN_LOOKS_SECONDS):
            answer = streams.get_records(ShardIterator=iterator, Limit=1000)
            iterator = answer["NextShardIterator"]
            if answer["Records"]:
                self._deployed.invoke("Tally", _event(arn, shard, answer["Records"]))
                self.handed_count += len(answer["Records"])

    def _shard(self, streams: Any) -> tuple[str, str]:
        table = self._deployed.outputs["SignaturesTableName"]
        (stream,) = streams.list_streams(TableName=table)["Streams"]
        described = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]
        return stream["StreamArn"], described["Shards"][0]["ShardId"]


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


def switch_off_mapping(deployed: Deployed) -> None:
    """See that the mapping calls Tally, which must fail without a shard; then switch it off.

    Raises Unexpected when it never calls, or when it succeeds: then nothing need stand for it.
    """
    functions = deployed.client("lambda")
    name = deployed.physical("Tally")

    def failure() -> list[str] | None:
        return [line for line in deployed.log_lines("Tally") if "tally: KeyError" in line] or None

    until("the stream's mapping calls Tally", failure)
    (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    if mapping.get("LastProcessingResult", "").startswith("OK"):
        raise Unexpected("the mapping", expected="no shard in its events", came="one: use it")
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
