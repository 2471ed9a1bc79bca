"""Jobs: the messages of the queues.

A message holds no address: a mail is sealed to the mailer before it is queued. A message carries
a code (HMAC-SHA-256) by a key that only those have who may queue such a job. A person who can only
write to a queue can neither make us mail anybody nor change a record.
"""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.domain.signature_filter import SignatureRevision
from chalicelib.domain.suppression import SuppressionReason

MAX_REVISIONS: Final = 50
"""Signatures in a job: 9 KB of text, and some two seconds of writes."""


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
    """Send a chunk of an alert. Only a hint: the stored chunk says whether it is due.

    `count` is the number of its recipients who have no outcome yet.
    """

    alert_id: str
    number: int
    count: int


@dataclass(frozen=True, kw_only=True)
class QueueAgain:
    """Queue the jobs of an alert's open groups anew: those after the group `after`, or all."""

    alert_id: str
    after: int | None


@dataclass(frozen=True, kw_only=True)
class MailAgain:
    """Mail again whom the chunks of an alert have missed: from the number `first` to before `end`.

    A run takes some of them, and queues the rest.
    """

    alert_id: str
    first: int
    end: int


@dataclass(frozen=True, kw_only=True)
class SendTest:
    """Send an update in one language to an organiser's own address, sealed to the mailer.

    `organiser` is the id of the account to which the seal belongs; "" for a seal of this job alone.
    """

    id: str
    queued_at: datetime
    update_id: str
    language: str
    sealed: bytes
    organiser: str = ""


@dataclass(frozen=True, kw_only=True)
class SendProbe:
    """Send a probe in place of the one with this id, of the first one if it is empty."""

    after: str


@dataclass(frozen=True, kw_only=True)
class Reseal:
    """Seal the subscribers of a shard anew, those after an index, or all; organisers if no slug."""

    slug: str
    shard: str
    after: str | None


@dataclass(frozen=True, kw_only=True)
class HoldSignatures:
    """Hold up to `MAX_REVISIONS` signatures of a petition that are as they were read."""

    revisions: tuple[SignatureRevision, ...]
    why: str


@dataclass(frozen=True, kw_only=True)
class ReleaseSignatures:
    """Release up to `MAX_REVISIONS` signatures of a petition that are as they were read."""

    revisions: tuple[SignatureRevision, ...]


@dataclass(frozen=True, kw_only=True)
class EraseSignature:
    """Withdraw the signature of a person who has asked for it."""

    revision: SignatureRevision


@dataclass(frozen=True, kw_only=True)
class EraseSubscription:
    """End the subscription, of that day (UTC), of a person who has asked for it."""

    slug: str
    index: str
    subscribed_on: date


@dataclass(frozen=True, kw_only=True)
class DeleteSuppression:
    """Delete the suppression, of that reason and day (UTC), of a person who has asked for it."""

    index: str
    reason: SuppressionReason
    since: date


@dataclass(frozen=True, kw_only=True)
class RunSlice:
    """Go on with a job of organisers. Only a hint: the stored job says whether there is work."""

    slug: str
    job_id: str


@dataclass(frozen=True, kw_only=True)
class MakeExportLink:
    """Make a link to the file of an export that is done, for one organiser."""

    slug: str
    job_id: str
    organiser_id: str


DataRequest = EraseSignature | EraseSubscription | DeleteSuppression
"""A job on the records of one person, one record a job: a message shows no two of them together."""
AlertJob = FanOut | SendChunk | QueueAgain | MailAgain | SendProbe
OrganiserJob = RunSlice | MakeExportLink
ModerationJob = HoldSignatures | ReleaseSignatures
Job = SendMail | AlertJob | SendTest | Reseal | ModerationJob | DataRequest | OrganiserJob


def new_id() -> str:
    """A new id, by which a second delivery of a job is recognised."""
    return uuid.uuid4().hex


def to_body(job: Job, key: RingKey) -> str:
    """The text of the message of a job, with its code. All mails have the same length."""
    values = {"kind": type(job).__name__, **asdict(job)}
    text = json.dumps(values, separators=(",", ":"), default=_plain)
    return json.dumps({"job": text, "key": key.id, "code": _code(key.raw, text)})


def from_body(body: str, keys: Keyring, *, data_request_keys: Keyring | None = None) -> Job:
    """The job of a message's text. Raises ValueError, KeyError or TypeError for any other text.

    Data requests have keys of their own, so that a person who may hold signatures cannot erase any.
    """
    message = json.loads(body)
    text, code = message["job"], message["code"]
    values = json.loads(text)
    kind = values.pop("kind")
    ring = data_request_keys if kind in _DATA_REQUESTS else keys
    if ring is None or not hmac.compare_digest(code, _code(ring[message["key"]], text)):
        raise ValueError("nobody who may queue this job has queued it")
    return _READERS[kind](values)


def _code(key: bytes, text: str) -> str:
    return hmac.digest(key, b"zaklik/job/1/" + text.encode(), hashlib.sha256).hex()


def _plain(value: object) -> str:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case date():
            return value.isoformat()
        case _:
            raise TypeError(type(value).__name__)


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _with_seal(
    kind: Callable[..., SendMail | SendTest],
) -> Callable[[Mapping[str, Any]], SendMail | SendTest]:
    def read(values: Mapping[str, Any]) -> SendMail | SendTest:
        queued_at = datetime.fromisoformat(values["queued_at"])
        return kind(**{**values, "queued_at": queued_at, "sealed": _bytes(values["sealed"])})

    return read


def _revision(values: Mapping[str, Any]) -> SignatureRevision:
    return SignatureRevision(**{**values, "attestation": _bytes(values["attestation"])})


def _revisions(values: Mapping[str, Any]) -> tuple[SignatureRevision, ...]:
    return tuple(map(_revision, values["revisions"]))


def _as_written(kind: Callable[..., Job]) -> Callable[[Mapping[str, Any]], Job]:
    return lambda values: kind(**values)


_ALERT_JOBS: Final = (FanOut, SendChunk, QueueAgain, MailAgain, SendProbe)
_OF_TEXTS_AND_NUMBERS: Final = (*_ALERT_JOBS, Reseal, RunSlice, MakeExportLink)
_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Job]]] = {
    "SendMail": _with_seal(SendMail),
    "SendTest": _with_seal(SendTest),
    **{kind.__name__: _as_written(kind) for kind in _OF_TEXTS_AND_NUMBERS},
    "HoldSignatures": lambda values: HoldSignatures(
        revisions=_revisions(values), why=values["why"]
    ),
    "ReleaseSignatures": lambda values: ReleaseSignatures(revisions=_revisions(values)),
    "EraseSignature": lambda values: EraseSignature(revision=_revision(values["revision"])),
    "EraseSubscription": lambda values: EraseSubscription(
        **{**values, "subscribed_on": date.fromisoformat(values["subscribed_on"])}
    ),
    "DeleteSuppression": lambda values: DeleteSuppression(
        index=values["index"],
        reason=SuppressionReason(values["reason"]),
        since=date.fromisoformat(values["since"]),
    ),
}
_DATA_REQUESTS: Final = frozenset({"EraseSignature", "EraseSubscription", "DeleteSuppression"})
