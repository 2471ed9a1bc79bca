"""Jobs: the messages of the queues.

A message holds no address: a mail is sealed to the mailer before it is queued. A message carries
a code (HMAC-SHA-256) by a key that only our functions have. A person who can only write to a queue
cannot make us mail anybody.
"""

import base64
import hashlib
import hmac
import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
)

from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_DELAY_SECONDS: Final = 900
"""SQS delays a message by at most 15 minutes (SQS API reference, SendMessage)."""


@dataclass(frozen=True, kw_only=True)
class SendMail:
    """Send one mail. `sealed` is a `MailContent`, sealed to the mailer."""

    id: str
    queued_at: datetime
    sealed: bytes


@dataclass(frozen=True, kw_only=True)
class FanOut:
    """Continue to make the chunks of an alert."""

    alert_id: str


@dataclass(frozen=True, kw_only=True)
class SendChunk:
    """Send a chunk of an alert. Only a hint: the stored chunk says whether it is due."""

    alert_id: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Reseal:
    """Seal the subscribers of a shard anew, those after an index, or all."""

    slug: str
    shard: str
    after: str | None


Job = SendMail | FanOut | SendChunk | Reseal
_KINDS: Final[dict[str, type[SendMail] | type[FanOut] | type[SendChunk] | type[Reseal]]] = {
    kind.__name__: kind for kind in (SendMail, FanOut, SendChunk, Reseal)
}


def new_id() -> str:
    """A new id, by which a second delivery of a job is recognised."""
    return uuid.uuid4().hex


def to_body(job: Job, key: RingKey) -> str:
    """The text of the message of a job, with its code. All mails have the same length."""
    values: dict[str, Any] = {"kind": type(job).__name__}
    for name, value in asdict(job).items():
        if isinstance(value, bytes):
            values[name] = base64.b64encode(value).decode()
        elif isinstance(value, datetime):
            values[name] = value.isoformat(timespec="milliseconds")
        else:
            values[name] = value
    text = json.dumps(values, separators=(",", ":"))
    return json.dumps({"job": text, "key": key.id, "code": _code(key.raw, text)})


def from_body(body: str, keys: Keyring) -> Job:
    """The job of a message's text. Raises ValueError, KeyError or TypeError for any other text."""
    message = json.loads(body)
    text, code = message["job"], message["code"]
    if not hmac.compare_digest(code, _code(keys[message["key"]], text)):
        raise ValueError("no function of ours has queued this message")
    values = json.loads(text)
    kind = _KINDS[values.pop("kind")]
    if kind is SendMail:
        return SendMail(
            id=values["id"],
            queued_at=datetime.fromisoformat(values["queued_at"]),
            sealed=base64.b64decode(values["sealed"], validate=True),
        )
    return kind(**values)


def put(
    sqs: "SQSClient", queue_url: str, job: Job, key: RingKey, *, delay_seconds: int = 0
) -> None:
    """Queue a job. Raises Unavailable; the message may still be queued, or queued twice."""
    try:
        sqs.send_message(
            QueueUrl=queue_url,
            MessageBody=to_body(job, key),
            DelaySeconds=min(delay_seconds, MAX_DELAY_SECONDS),
        )
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error


def _code(key: bytes, text: str) -> str:
    return hmac.digest(key, b"zaklik/job/1/" + text.encode(), hashlib.sha256).hex()
