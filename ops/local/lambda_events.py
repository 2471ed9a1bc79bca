"""Events in the shapes that Lambda gets: HTTP requests, queues, streams, schedules.

HTTP requests are REST proxy events of API Gateway, field by field as its developer guide lists
them. `chalice.local` makes them too, but drops repeated headers and does not decode paths.
"""

import json
import time
import uuid
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from chalice.local import LambdaContext

from chalicelib.routes.http.route_table import RouteMatch
from ops.local import moto_internals
from ops.local.aws import ACCOUNT, REGION

STAGE: Final = "api"
_WINDOW: Final = timedelta(seconds=60)


def context(function_name: str) -> LambdaContext:
    """The second argument of a function that Lambda calls."""
    return LambdaContext(function_name, memory_size=256, max_runtime_ms=30_000)


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """One HTTP request as it came in; `target` is its path and query, still encoded."""

    method: str
    target: str
    headers: Message
    body: bytes
    client_address: str

    @property
    def path(self) -> str:
        """The path, still encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The part after the question mark."""
        return self.target.partition("?")[2]


def from_http(
    request: HttpRequest, match: RouteMatch, *, is_bytes: bool = False
) -> Mapping[str, Any]:
    """A request as API Gateway's proxy integration hands it over.

    `is_bytes`: its media type is one of those whose bodies are handed over as bytes.
    """
    headers = _grouped(request.headers.items())
    query = _grouped(parse_qsl(request.query, keep_blank_values=True))
    body, is_base64 = _body(request.body, is_bytes=is_bytes)
    return {
        "resource": match.resource,
        "path": unquote(request.path),
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(match.variables) or None,
        "stageVariables": None,
        "requestContext": _request_context(request, match),
        "body": body,
        "isBase64Encoded": is_base64,
    }


def from_queue(messages: Iterable[Mapping[str, Any]], queue: str) -> dict[str, Any]:
    """Messages that `ReceiveMessage` returned, as those of one event."""
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
            for message in messages
        ]
    }


def from_stream(
    records: Sequence[Mapping[str, Any]], *, shard: str, stream_arn: str, now: datetime
) -> dict[str, Any]:
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


def from_schedule(rule: str, now: datetime) -> dict[str, Any]:
    """The event that EventBridge sends when a schedule is due."""
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


def _request_context(request: HttpRequest, match: RouteMatch) -> Mapping[str, Any]:
    now = time.time()
    return {
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": request.headers.get("host", ""),
        "extendedRequestId": uuid.uuid4().hex,
        "httpMethod": request.method,
        "identity": {
            "sourceIp": request.client_address,
            "userAgent": request.headers.get("user-agent"),
        },
        "path": f"/{STAGE}{unquote(request.path)}",
        "protocol": "HTTP/1.1",
        "requestId": str(uuid.uuid4()),
        "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S %z"),
        "requestTimeEpoch": int(now * 1000),
        "resourceId": "local",
        "resourcePath": match.resource,
        "stage": STAGE,
    }


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, Sequence[str]]:
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def _body(body: bytes, *, is_bytes: bool) -> tuple[str | None, bool]:
    """UTF-8 as text, other bytes in base64; and whether it is base64."""
    if not body:
        return None, False
    try:
        if not is_bytes:
            return body.decode("utf-8"), False
    except UnicodeDecodeError:
        pass
    return b64encode(body).decode(), True
