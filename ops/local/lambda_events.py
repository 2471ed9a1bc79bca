"""Events in the shapes in which AWS hands them to Lambda."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from ops.local import moto_internals
from ops.local.aws import ACCOUNT, REGION

_WINDOW: Final = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What Lambda tells a function about its call, as far as anybody asks."""

    function_name: str
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def get_remaining_time_in_millis(self) -> int:
        """Nobody ends a call on this machine."""
        return 30_000


def from_queue(message: Mapping[str, Any], queue: str) -> Mapping[str, Any]:
    """A message that `ReceiveMessage` returned, as the only one of its event."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": {},
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
                "awsRegion": REGION,
            }
        ]
    }


def from_stream(
    records: Sequence[Mapping[str, Any]], *, shard: str, stream_arn: str, now: datetime
) -> Mapping[str, Any]:
    """Records that `GetRecords` returned, as a mapping with a tumbling window hands them over."""
    # Lambda's events are JSON: binary values are base64, moments are seconds.
    plain_records = json.loads(json.dumps(records, default=moto_internals.plain))
    return {
        "Records": [{**record, "eventSourceARN": stream_arn} for record in plain_records],
        "window": {"start": now.isoformat(), "end": (now + _WINDOW).isoformat()},
        "state": {},
        "shardId": shard,
        "eventSourceARN": stream_arn,
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


def from_schedule(rule: str, now: datetime) -> Mapping[str, Any]:
    """What EventBridge sends when a schedule is due."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": now.isoformat(timespec="seconds"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }
