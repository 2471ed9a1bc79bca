"""Jobs: their messages and their queue."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from chalicelib.domain.errors import Unavailable
from chalicelib.mail import jobs
from chalicelib.mail.jobs import FanOut, Job, SendChunk, SendMail

JOBS: list[Job] = [
    SendMail(id="1", queued_at=datetime(2026, 3, 8, 12, 0, 1, 2, UTC), sealed=b"\0\xff"),
    FanOut(alert_id="8c1f04d27be96a35"),
    SendChunk(alert_id="8c1f04d27be96a35", number=7),
]


@pytest.mark.parametrize("job", JOBS, ids=lambda job: type(job).__name__)
def test_a_job_comes_back_from_its_message(job: Job) -> None:
    assert jobs.from_body(jobs.to_body(job)) == job


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "{}",
        '{"kind": "Other"}',
        '{"kind": "SendMail", "id": "1"}',
        '{"kind": "SendMail", "id": "1", "queued_at": "now", "sealed": ""}',
        '{"kind": "SendMail", "id": "1", "queued_at": "2026-03-08T12:00:00+00:00", "sealed": "!"}',
    ],
)
def test_a_foreign_message_is_an_error(body: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        jobs.from_body(body)


def test_every_job_has_an_id_of_its_own() -> None:
    assert len({jobs.new_id() for _ in range(100)}) == 100


@pytest.fixture
def queue() -> Any:
    """A client and the address of a queue."""
    with mock_aws():
        sqs = boto3.client("sqs")
        yield sqs, sqs.create_queue(QueueName="jobs")["QueueUrl"]


def test_a_job_is_put_on_its_queue(queue: Any) -> None:
    sqs, url = queue

    jobs.put(sqs, url, JOBS[1])

    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"kind": "FanOut", "alert_id": "8c1f04d27be96a35"}


def test_a_job_is_delayed_up_to_the_limit_of_sqs(queue: Any) -> None:
    sqs, url = queue
    delays: list[int] = []
    sqs.meta.events.register(
        "provide-client-params.sqs.SendMessage",
        lambda params, **_: delays.append(params["DelaySeconds"]),
    )

    for seconds in (0, 30, 5_000):
        jobs.put(sqs, url, JOBS[1], delay_seconds=seconds)

    assert delays == [0, 30, jobs.MAX_DELAY_SECONDS]


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://sqs.example"),
        ClientError({"Error": {"Code": "RequestThrottled", "Message": ""}}, "SendMessage"),
    ],
    ids=["out of reach", "throttled"],
)
def test_a_queue_that_fails_is_unavailable(queue: Any, error: Exception) -> None:
    sqs, url = queue

    def fail(**_: Any) -> None:
        raise error

    sqs.meta.events.register("before-call.sqs.SendMessage", fail)

    with pytest.raises(Unavailable):
        jobs.put(sqs, url, JOBS[1])
