"""The service in its package: functions in processes of their own, AWS on moto.

Only the functions run the package. What a test does itself, it does with the tree's own code.
"""

import base64
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import boto3

import app
from chalicelib.config import settings_from
from chalicelib.usecases.petitions import publishing
from chalicelib.wiring import Services
from ops.local import ses
from ops.local.aws import MotoServer, aws_environment
from ops.local.outbox import Outbox
from ops.local.resources import TemplateResources, read_template
from ops.local.state import AdjustableClock
from ops.secrets.inventory import store_missing
from tests import builders
from tests.event_delivery import sqs_event, stream_event
from tests.package.runtime_api import Function

PUBLIC_URL: Final = "https://zaklik.example"
FEEDBACK_QUEUE: Final = "zaklik-feedback"
ADDRESS: Final = "marked.person@example.org"
NAME: Final = "Marked Person"
HANDLERS: Final = {
    **{source.name: source.handler_string for source in app.app.event_sources},
    **{function.name: function.handler_string for function in app.app.pure_lambda_functions},
}
"""The handlers besides that of the pages, by the name that Chalice gives the function."""
LOGICAL_IDS: Final = {
    "app.app": "APIHandler",
    **{handler: name.title().replace("_", "") for name, handler in HANDLERS.items()},
}
"""What the template calls the function of each handler."""


class PackagedService:
    """The service with one open petition that nobody has signed. Close it when done."""

    def __init__(
        self, *, package: Path, runtime: Path, folder: Path, setenv: Callable[[str, str], None]
    ) -> None:
        self._package, self._runtime, self._folder = package, runtime, folder
        self._functions: dict[str, Function] = {}
        self._stack = ExitStack()
        engine = MotoServer(0)
        engine.start()
        self._stack.callback(engine.stop)
        with urlopen(Request(f"{engine.url}/moto-api/reset", method="POST")):  # noqa: S310 - loopback
            pass
        aws = aws_environment(engine.url)
        for name, value in aws.items():
            setenv(name, value)
        self._resources = TemplateResources(
            read_template(), {"PublicUrl": PUBLIC_URL, "Sender": "Desk <desk@zaklik.example>"}
        )
        self._resources.create()
        # In steps of one, the page shows what the packaged functions have counted.
        self._usual = {**aws, "ZAKLIK_COUNT_STEP": "1"}
        self.outbox = Outbox(folder / "outbox.jsonl")
        ses.install(ses.SimulatedSes(self.outbox, AdjustableClock().now, FEEDBACK_QUEUE))
        self.services = Services(
            settings=settings_from({**self._resources.environment(), **self._usual})
        )
        store_missing(boto3.client("ssm"), self.services.settings.secrets_path)
        today = datetime.now(UTC).date()
        publishing.publish_petition(
            self.services,
            builders.petition(
                opens_on=today - timedelta(days=1), closes_on=today + timedelta(days=30)
            ),
        )

    def close(self) -> None:
        """End every function and the engine."""
        self._stack.close()

    def environment(self, handler: str) -> Mapping[str, str]:
        """The variables of the function with this handler."""
        return {**self._resources.environment(LOGICAL_IDS.get(handler, "")), **self._usual}

    # Invocations, as Lambda makes them.

    def invoke(self, handler: str, event: Mapping[str, Any]) -> Any:
        """Run a function; it stays warm for the next event."""
        if handler not in self._functions:
            function = Function(
                handler,
                package=self._package,
                runtime=self._runtime,
                environment=self.environment(handler),
                log=self._folder / f"{handler}.log",
            )
            self._functions[handler] = self._stack.enter_context(closing(function))
        return self._functions[handler].invoke(event)

    def run(self, name: str, event: Mapping[str, Any]) -> Any:
        """Run one of the functions behind the API."""
        return self.invoke(HANDLERS[name], event)

    def get(self, resource: str, **parameters: str) -> Mapping[str, Any]:
        """Read a page through API Gateway."""
        return dict(self.invoke("app.app", proxy_event("GET", resource, parameters)))

    def post(
        self, resource: str, fields: Mapping[str, str], **parameters: str
    ) -> Mapping[str, Any]:
        """Send a form through API Gateway."""
        return dict(self.invoke("app.app", proxy_event("POST", resource, parameters, fields)))

    def run_job(self, queue: str, handler: str) -> int:
        """Hand each message of a queue to its function, until it is empty; how many there were."""
        sqs = boto3.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        count = 0
        while messages := sqs.receive_message(QueueUrl=url).get("Messages"):
            for message in messages:
                self.run(handler, sqs_event(queue, message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                count += 1
        return count

    # What can be seen from outside.

    def stream(self) -> dict[str, Any]:
        """Everything that the stream of signatures holds, as one event of one shard."""
        streams = boto3.client("dynamodbstreams")
        table = self.services.settings.signatures_table
        arn = streams.list_streams(TableName=table)["Streams"][0]["StreamArn"]
        shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = streams.get_records(ShardIterator=iterator)["Records"]
        plain = json.loads(json.dumps(records, default=_plain))
        return stream_event(plain, shard)

    def count(self) -> int:
        """The count that the world is shown."""
        answer = self.get("/api/petitions/{slug}", slug="open-door")
        return int(json.loads(answer["body"])["count"])

    def logs(self) -> str:
        """Everything that the functions have said."""
        return "".join(path.read_text("utf-8") for path in self._folder.glob("*.log"))


def proxy_event(
    method: str,
    resource: str,
    parameters: Mapping[str, str],
    fields: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """An event as API Gateway's REST API makes it (Lambda proxy integration, payload 1.0)."""
    path = resource.format(**parameters)
    headers = {
        "Accept": "text/html,application/xhtml+xml",
        "Host": "abc123.execute-api.eu-central-1.amazonaws.com",
        "Sec-Fetch-Site": "same-origin",
        "X-Forwarded-For": "203.0.113.7, 198.51.100.9",
    }
    if fields is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "httpMethod": method,
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "Firefox"},
            "path": f"/api{path}",
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "requestTimeEpoch": 1772971200000,
            "resourceId": "x1y2z3",
            "resourcePath": resource,
            "stage": "api",
        },
        "body": None if fields is None else urlencode(fields),
        "isBase64Encoded": False,
    }


def _plain(value: bytes | date) -> str | float:
    """As Lambda writes them into an event: bytes in base64, moments in seconds."""
    if isinstance(value, datetime):
        return value.timestamp()
    assert isinstance(value, bytes)
    return base64.b64encode(value).decode()
