"""The whole service on moto with the petition that ships with it, for scripts that measure it."""

import base64
import itertools
import logging
import math
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest import mock
from urllib.parse import urlencode

from moto import mock_aws

import app
from chalicelib import wiring
from chalicelib.domain.petitions.update import Update
from chalicelib.routes.http.route_table import RouteTable
from ops.compiling import ROOT
from ops.content.petition_loader import read_petition, read_update
from ops.content.pictures import files as picture_files
from ops.local import lambda_events, moto_patches
from ops.local.aws import REGION
from ops.local.lambda_events import HttpRequest, context
from tests import builders
from tests.e2e.engine.ministack import Ministack
from tests.world import FORM, World

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

SLUG: Final = "belarus-mothers"
UPDATE: Final = "how-your-signature-is-kept"
FOLDER: Final = ROOT / "petitions" / SLUG
LANGUAGES: Final[Sequence[str]] = tomllib.loads((FOLDER / "petition.toml").read_text("utf-8"))[
    "languages"
]
MAIL_QUEUE: Final = "zaklik-mail"
JOB_QUEUE: Final = "zaklik-jobs"
CHANGE_QUEUE: Final = "zaklik-changes.fifo"
FEEDBACK_QUEUE: Final = "zaklik-feedback"

_CONTEXT: Final = context("APIHandler")
"""Made once: on AWS it is Lambda that makes one for each call."""
_resources: Final = RouteTable(app.app.routes)


class UnexpectedAnswer(Exception):
    """The service has answered something else than what was to be measured."""


@contextmanager
def published_petition(tables: Ministack | None = None) -> Iterator[World]:
    """A world with one published petition and one published update, and nobody on it.

    It tells no milestones: their mails would come between those that are counted. Everything is on
    moto, but for DynamoDB when `tables` is another engine.
    """
    key = builders.ORGANISER_KEY.public_bytes
    petition = replace(read_petition(FOLDER, development_key=key), milestones=())
    with (
        mock.patch.dict(os.environ, _environment(tables)),
        mock_aws(config={"core": {"mock_credentials": False}}),
        tempfile.TemporaryDirectory() as folder,
        _lines_unseen(),
    ):
        moto_patches.install()
        world = World(Path(folder))
        # An update is not mailed before its day.
        first_noon = datetime.combine(max(petition.opens_on, update().published_on), time(12), UTC)
        world.clock.moment = first_noon + timedelta(days=1)
        world.publish(petition, picture=picture_files.content_of(FOLDER))
        world.publish_update(update())
        fresh_process(world, "APIHandler")
        yield world
    wiring.install(None)


def update() -> Update:
    """The update that ships with the petition."""
    return read_update(FOLDER / "updates" / UPDATE)


def fresh_process(world: World, function: str) -> None:
    """A function has just been started: it knows no secret and has read nothing yet.

    `function` is its logical id in the template.
    """
    world.restart(function)
    # What it reads from now on stays fresh until the script says otherwise.
    world.services.cache.seconds = math.inf


def event(
    method: str, path: str, fields: Mapping[str, str] | None = None, *, client: str = "192.0.2.7"
) -> Mapping[str, Any]:
    """A request as API Gateway hands it to the function; `client` is the visitor's address."""
    headers = Message()
    for name, value in FORM.items() if method == "POST" else ():
        headers[name] = value
    headers["Host"] = "zaklik.example"
    request = HttpRequest(
        method=method,
        target=path,
        headers=headers,
        body=urlencode(fields or {}).encode(),
        client_address=client,
    )
    match = _resources.match(path)
    if match is None:
        raise UnexpectedAnswer(f"no route leads to {path}")
    return lambda_events.from_http(request, match)


def answer(request: Mapping[str, Any]) -> str:
    """The body of the app's answer. Raises UnexpectedAnswer unless it is 200."""
    return str(_answered(request)["body"])


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a browser fetches beside a page."""

    body: bytes
    is_picture: bool


def content(path: str) -> Content:
    """What lies at a path: a script or a picture. Raises UnexpectedAnswer unless it is there."""
    response = _answered(event("GET", path))
    body = str(response["body"])
    binary = response.get("isBase64Encoded", False)
    return Content(
        body=base64.b64decode(body) if binary else body.encode(),
        is_picture=response["headers"]["Content-Type"].startswith("image/"),
    )


def _answered(request: Mapping[str, Any]) -> Mapping[str, Any]:
    response: Mapping[str, Any] = app.app(request, _CONTEXT)
    if response["statusCode"] != 200:
        raise UnexpectedAnswer(f"{request['resource']} answered {response['statusCode']}")
    return response


def path(*rest: str, language: str = "en") -> str:
    """The path of the petition's page, or of what lies below it."""
    return "/".join(("", language, SLUG, *rest))


def address(number: int) -> str:
    """The address of the person with this number."""
    # Domains of large providers are not counted, and most people have a mailbox there.
    return f"person.{number}@gmail.com"


def sign_event(number: int, *, alerts: bool = False) -> Mapping[str, Any]:
    """The sign form of the person with this number, from a network (/24) of its own."""
    form = builders.sign_form(email=address(number), alerts="yes" if alerts else "")
    network = f"10.{number // 256 % 256}.{number % 256}.1"
    return event("POST", path("sign"), form, client=network)


_sequence: Final = itertools.count(10**20)


def changes(count: int, slug: str = SLUG) -> list[dict[str, Any]]:
    """So many new signatures, as records of a stream."""
    return [
        {
            "eventName": "INSERT",
            "dynamodb": {
                "SequenceNumber": str(next(_sequence)),
                "Keys": {"pk": {"S": f"{slug}#00"}, "sk": {"S": f"{number:032x}"}},
                "NewImage": {"state": {"S": "confirmed"}},
            },
        }
        for number in range(count)
    ]


def take(world: World, queue: str) -> list[str]:
    """Take every message off a queue, as Lambda does on its own account."""
    return drain(world.sqs, queue)


def drain(sqs: "SQSClient", queue: str) -> list[str]:
    """Take every message off a queue that a client reaches."""
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    bodies = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in messages]
        sqs.delete_message_batch(
            QueueUrl=url,
            Entries=[
                {"Id": str(place), "ReceiptHandle": message["ReceiptHandle"]}
                for place, message in enumerate(messages)
            ],
        )
    return bodies


def _environment(tables: Ministack | None) -> Mapping[str, str]:
    if tables is None:
        # moto takes any key.
        key = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        return {**key, "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
    reached = dict(tables.root_environment())
    endpoint = reached.pop("AWS_ENDPOINT_URL")
    return {**reached, "AWS_ENDPOINT_URL_DYNAMODB": endpoint}


@contextmanager
def _lines_unseen() -> Iterator[None]:
    """Write the service's log lines where nobody reads them: they are made, as in Lambda."""
    handlers = [
        handler
        for handler in logging.getLogger("chalicelib").handlers
        if isinstance(handler, logging.StreamHandler)
    ]
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        streams = [handler.setStream(nowhere) for handler in handlers]
        try:
            yield
        finally:
            for handler, stream in zip(handlers, streams, strict=True):
                handler.setStream(stream or sys.stdout)
