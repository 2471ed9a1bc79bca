"""Jobs: their messages, who may have queued them, and their queues."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.signature_filter import SignatureRevision
from chalicelib.domain.suppression import SuppressionReason
from chalicelib.mail import job_queue, jobs
from chalicelib.mail.jobs import (
    DeleteSuppression,
    EraseSignature,
    EraseSubscription,
    FanOut,
    HoldSignatures,
    Job,
    MailAgain,
    MakeExportLink,
    QueueAgain,
    ReleaseSignatures,
    Reseal,
    RunSlice,
    SendChunk,
    SendMail,
    SendProbe,
    SendTest,
)

DAY = date(2026, 3, 8)
REVISION = SignatureRevision(
    slug="open-door", index="013f" + "0" * 30, attestation=bytes(range(64)), revision=2
)
JOBS: list[Job] = [
    SendMail(id="1", queued_at=datetime(2026, 3, 8, 12, 0, 1, 2000, UTC), sealed=b"\0\xff"),
    FanOut(alert_id="8c1f04d27be96a35"),
    QueueAgain(alert_id="8c1f04d27be96a35", after=None),
    MailAgain(alert_id="8c1f04d27be96a35", first=0, end=7),
    RunSlice(slug="open-door", job_id="019ad5"),
    MakeExportLink(slug="open-door", job_id="019ad5", organiser_id="5c1e"),
    SendProbe(after="8c1f04d27be96a35"),
    SendChunk(alert_id="8c1f04d27be96a35", number=7, count=99),
    SendTest(
        id="1",
        queued_at=datetime(2026, 3, 8, 12, 0, 1, 2000, UTC),
        update_id="open-door/first-news",
        language="be",
        sealed=b"\0\xff",
    ),
    HoldSignatures(revisions=(REVISION, replace(REVISION, revision=0)), why="“burst”"),
    ReleaseSignatures(revisions=(REVISION,)),
    Reseal(slug="open-door", shard="3", after="013b" + "0" * 30),
    Reseal(slug="open-door", shard="3", after=None),
]
DATA_REQUESTS: list[Job] = [
    EraseSignature(revision=REVISION),
    EraseSubscription(slug="open-door", index="013b" + "0" * 30, subscribed_on=DAY),
    DeleteSuppression(index="019a" + "0" * 30, reason=SuppressionReason.OWNER, since=DAY),
]


def ring(byte: int) -> Keyring:
    """A ring of two keys."""
    used_from = datetime(2026, 1, 1, tzinfo=UTC)
    return Keyring(
        keys=tuple(
            RingKey(id=key_id, raw=bytes([byte, key_id]) * 16, used_from=used_from)
            for key_id in (1, 2)
        )
    )


KEYS, DATA_REQUEST_KEYS = ring(1), ring(2)


@pytest.mark.parametrize("key", KEYS.keys)
@pytest.mark.parametrize("job", JOBS, ids=lambda job: type(job).__name__)
def test_a_job_comes_back_from_its_message(job: Job, key: RingKey) -> None:
    assert jobs.from_body(jobs.to_body(job, key), KEYS) == job


@pytest.mark.parametrize("key", DATA_REQUEST_KEYS.keys)
@pytest.mark.parametrize("job", DATA_REQUESTS, ids=lambda job: type(job).__name__)
def test_a_data_request_comes_back_from_its_message(job: Job, key: RingKey) -> None:
    body = jobs.to_body(job, key)

    assert jobs.from_body(body, KEYS, data_request_keys=DATA_REQUEST_KEYS) == job


def test_every_kind_of_job_has_an_example_here() -> None:
    kinds = {type(job).__name__ for job in (*JOBS, *DATA_REQUESTS)}

    assert kinds == jobs._READERS.keys()


def test_a_person_who_may_hold_signatures_can_erase_none() -> None:
    for job in DATA_REQUESTS:
        body = jobs.to_body(job, KEYS.keys[0])
        with pytest.raises(ValueError, match="nobody who may"):
            jobs.from_body(body, KEYS, data_request_keys=DATA_REQUEST_KEYS)


def test_a_person_who_may_erase_can_queue_no_other_job() -> None:
    for job in JOBS:
        body = jobs.to_body(job, DATA_REQUEST_KEYS.keys[0])
        with pytest.raises(ValueError, match="nobody who may"):
            jobs.from_body(body, KEYS, data_request_keys=DATA_REQUEST_KEYS)


def test_a_function_without_their_keys_refuses_data_requests() -> None:
    body = jobs.to_body(DATA_REQUESTS[0], DATA_REQUEST_KEYS.keys[0])

    with pytest.raises(ValueError, match="nobody who may"):
        jobs.from_body(body, KEYS)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: type(job).__name__)
def test_a_changed_message_is_refused(job: Job) -> None:
    message = json.loads(jobs.to_body(job, KEYS.keys[0]))
    values = json.loads(message["job"])
    values[next(name for name in values if name != "kind")] = "changed"

    for changed in (
        {**message, "job": json.dumps(values)},
        {**message, "key": 2},
        {**message, "code": "0" * 64},
    ):
        with pytest.raises(ValueError, match="nobody who may"):
            jobs.from_body(json.dumps(changed), KEYS)


def test_a_message_by_an_unknown_key_is_refused() -> None:
    message = json.loads(jobs.to_body(JOBS[1], KEYS.keys[0]))

    with pytest.raises(KeyError):
        jobs.from_body(json.dumps({**message, "key": 3}), KEYS)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "{}",
        "[]",
        '{"job": "{}", "key": 1, "code": ""}',
        '{"job": "x", "key": 1, "code": ""}',
        '{"job": "{\\"kind\\": \\"FanOut\\"}", "key": 1, "code": ""}',
    ],
)
def test_a_foreign_message_is_an_error(body: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        jobs.from_body(body, KEYS)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "Other"},
        {"kind": "SendMail", "id": "1"},
        {"kind": "SendMail", "id": "1", "queued_at": "now", "sealed": ""},
        {"kind": "SendMail", "id": "1", "queued_at": "2026-03-08T12:00:00Z", "sealed": "!"},
        {"kind": "HoldSignatures", "revisions": [], "who": "?"},
        {"kind": "ReleaseSignatures", "revisions": [{"index": "01"}]},
    ],
)
def test_a_job_of_another_shape_is_an_error(values: dict[str, Any]) -> None:
    key, text = KEYS.keys[0], json.dumps(values)
    body = json.dumps({"job": text, "key": key.id, "code": jobs._code(key.raw, text)})

    with pytest.raises((ValueError, KeyError, TypeError)):
        jobs.from_body(body, KEYS)


def test_every_job_has_an_id_of_its_own() -> None:
    assert len({jobs.new_id() for _ in range(100)}) == 100


@pytest.fixture
def queue() -> Any:
    """A client and the address of a queue."""
    with mock_aws():
        sqs = boto3.client("sqs")
        yield sqs, sqs.create_queue(QueueName="jobs")["QueueUrl"]


def queued(sqs: Any, url: str) -> list[Job]:
    """Take all jobs from a queue."""
    taken: list[Job] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        taken += [jobs.from_body(message["Body"], KEYS) for message in messages]
    return taken


def test_a_job_is_put_on_its_queue(queue: Any) -> None:
    sqs, url = queue

    job_queue.put(sqs, url, JOBS[1], KEYS.keys[0])

    assert queued(sqs, url) == [JOBS[1]]


def test_a_job_is_delayed_up_to_the_limit_of_sqs(queue: Any) -> None:
    sqs, url = queue
    delays: list[int] = []
    sqs.meta.events.register(
        "provide-client-params.sqs.SendMessage",
        lambda params, **_: delays.append(params["DelaySeconds"]),
    )

    for seconds in (0, 30, 5_000):
        job_queue.put(sqs, url, JOBS[1], KEYS.keys[0], delay_seconds=seconds)

    assert delays == [0, 30, job_queue.MAX_DELAY_SECONDS]


def chunks(count: int) -> Sequence[SendChunk]:
    return [
        SendChunk(alert_id="open-door/first-news", number=number, count=99)
        for number in range(count)
    ]


def test_many_jobs_are_queued_ten_in_a_call(queue: Any) -> None:
    sqs, url = queue
    sizes: list[int] = []
    sqs.meta.events.register(
        "provide-client-params.sqs.SendMessageBatch",
        lambda params, **_: sizes.append(len(params["Entries"])),
    )

    job_queue.put_all(sqs, url, chunks(23), KEYS.keys[0])

    assert sizes == [10, 10, 3]
    assert queued(sqs, url) == chunks(23)


def test_no_job_is_no_call(queue: Any) -> None:
    job_queue.put_all(None, "", [], KEYS.keys[0])  # type: ignore[arg-type]

    assert queued(*queue) == []


def refuse_messages(sqs: Any, *, times: int) -> list[list[str]]:
    """Let SQS refuse the second message of each call, a few times; the ids of each call."""
    calls: list[list[str]] = []

    def refuse(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["refused"] = params["Entries"].pop(1)["Id"] if len(calls) < times else None
        calls.append([entry["Id"] for entry in params["Entries"]])

    def report(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if context["refused"] is not None:
            failure = {"Id": context["refused"], "SenderFault": False, "Code": "InternalError"}
            parsed["Failed"] = [failure]

    sqs.meta.events.register("before-parameter-build.sqs.SendMessageBatch", refuse)
    sqs.meta.events.register("after-call.sqs.SendMessageBatch", report)
    return calls


def test_refused_messages_are_sent_again(queue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.mail.job_queue.time.sleep", lambda seconds: None)
    sqs, url = queue
    calls = refuse_messages(sqs, times=1)

    job_queue.put_all(sqs, url, chunks(3), KEYS.keys[0])

    assert calls == [["0", "2"], ["1"]]
    assert sorted(job.number for job in queued(sqs, url)) == [0, 1, 2]  # type: ignore[union-attr]


def test_messages_that_stay_refused_are_an_error(
    queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.mail.job_queue.time.sleep", lambda seconds: None)
    sqs, url = queue

    def refuse_all(parsed: dict[str, Any], **_: Any) -> None:
        parsed["Failed"] = [{"Id": "0", "SenderFault": False, "Code": "InternalError"}]

    sqs.meta.events.register("after-call.sqs.SendMessageBatch", refuse_all)

    with pytest.raises(Unavailable):
        job_queue.put_all(sqs, url, chunks(1), KEYS.keys[0])


ERRORS = pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://sqs.example"),
        ClientError({"Error": {"Code": "RequestThrottled", "Message": ""}}, "SendMessage"),
    ],
    ids=["out of reach", "throttled"],
)


@ERRORS
def test_a_queue_that_fails_is_unavailable(queue: Any, error: Exception) -> None:
    sqs, url = queue

    def fail(**_: Any) -> None:
        raise error

    sqs.meta.events.register("before-call.sqs.*", fail)

    with pytest.raises(Unavailable):
        job_queue.put(sqs, url, JOBS[1], KEYS.keys[0])
    with pytest.raises(Unavailable):
        job_queue.put_all(sqs, url, chunks(1), KEYS.keys[0])
