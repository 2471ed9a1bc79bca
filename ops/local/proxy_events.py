"""HTTP requests as API Gateway's REST proxy events, and routes as API Gateway matches them."""

import time
import uuid
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from ops.local.aws import ACCOUNT

STAGE: Final = "api"


@dataclass(frozen=True, kw_only=True)
class Request:
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
        """What follows the question mark."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, kw_only=True)
class Match:
    """The resource that a path belongs to, and the decoded values of its variables."""

    resource: str
    variables: Mapping[str, str]


class Resources:
    """The paths of the API, such as `/{language}/{slug}`."""

    def __init__(self, paths: Iterable[str]) -> None:
        # In each place a literal part goes before a variable, as in API Gateway.
        self._paths = sorted(paths, key=lambda path: [_is_variable(p) for p in path.split("/")])

    def match(self, path: str) -> Match | None:
        """The resource of a path (still encoded), or None. One slash at its end is forgiven."""
        parts = (path.removesuffix("/") or "/").split("/")
        for resource in self._paths:
            variables = _match(resource.split("/"), parts)
            if variables is not None:
                return Match(resource=resource, variables=variables)
        return None


def to_event(request: Request, match: Match) -> Mapping[str, Any]:
    """The event of a request, field by field as the developer guide lists them."""
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(name, []).append(value)
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    body, is_base64 = _body(request.body)
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
        "requestContext": _context(request, match),
        "body": body,
        "isBase64Encoded": is_base64,
    }


def _context(request: Request, match: Match) -> Mapping[str, Any]:
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


def _body(body: bytes) -> tuple[str | None, bool]:
    """Text as it is; what is no UTF-8 in base64."""
    if not body:
        return None, False
    try:
        return body.decode("utf-8"), False
    except UnicodeDecodeError:
        return b64encode(body).decode(), True


def _match(pattern: Sequence[str], parts: Sequence[str]) -> Mapping[str, str] | None:
    if len(pattern) != len(parts):
        return None
    variables = {}
    for wanted, part in zip(pattern, parts, strict=True):
        if _is_variable(wanted) and part:
            variables[wanted[1:-1]] = unquote(part)
        elif wanted != part:
            return None
    return variables


def _is_variable(part: str) -> bool:
    return part.startswith("{")
