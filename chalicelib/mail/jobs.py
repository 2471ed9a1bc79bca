"""Queue messages as dataclasses, and the only place that puts them on a queue.

Messages hold no address in plain: a mail is sealed to the mailer before it is queued.
"""

import base64
import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
)

from chalicelib.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_DELAY_SECONDS: Final = 900
"""SQS holds a message back for at most 15 minutes (SQS API reference, SendMessage)."""


@dataclass(frozen=True, kw_only=True)
class SendMail:
    """One mail to one address. `sealed` opens, for the mailer, to a `MailContent`."""

    id: str
    queued_at: datetime
    sealed: bytes


@dataclass(frozen=True, kw_only=True)
class FanOut:
    """Go on making the chunks of an alert."""

    alert_id: str


@dataclass(frozen=True, kw_only=True)
class SendChunk:
    """A chunk of an alert is due. Only a hint: the ledger knows."""

    alert_id: str
    number: int


Job = SendMail | FanOut | SendChunk
_KINDS: Final[dict[str, type[SendMail] | type[FanOut] | type[SendChunk]]] = {
    kind.__name__: kind for kind in (SendMail, FanOut, SendChunk)
}


def new_id() -> str:
    """A name for a job, by which a second delivery of its message is recognised."""
    return uuid.uuid4().hex


def to_body(job: Job) -> str:
    """The text of the queue message."""
    values: dict[str, Any] = {"kind": type(job).__name__}
    for name, value in asdict(job).items():
        if isinstance(value, bytes):
            values[name] = base64.b64encode(value).decode()
        elif isinstance(value, datetime):
            values[name] = value.isoformat()
        else:
            values[name] = value
    return json.dumps(values, separators=(",", ":"))


def from_body(body: str) -> Job:
    """Read the text of a queue message. Raises ValueError or KeyError when it is not ours."""
    values = json.loads(body)
    kind = _KINDS[values.pop("kind")]
    if kind is SendMail:
        return SendMail(
            id=values["id"],
            queued_at=datetime.fromisoformat(values["queued_at"]),
            sealed=base64.b64decode(values["sealed"], validate=True),
        )
    return kind(**values)


def put(sqs: "SQSClient", queue_url: str, job: Job, *, delay_seconds: int = 0) -> None:
    """Queue a job. Raises Unavailable; the message may then be queued nevertheless, or twice."""
    try:
        sqs.send_message(
            QueueUrl=queue_url,
            MessageBody=to_body(job),
            DelaySeconds=min(delay_seconds, MAX_DELAY_SECONDS),
        )
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error
