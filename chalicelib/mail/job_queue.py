"""Puts jobs on their queues, and puts messages off.

A queue whose name ends in `.fifo` hands out its messages one after the other: all are of one group,
so that its function takes one of the account's concurrent runs. Each message has an id of its own,
because SQS drops a second message of one id for five minutes.
"""

import random
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.crypto.keyring import RingKey
from chalicelib.domain.errors import Unavailable
from chalicelib.mail import jobs
from chalicelib.mail.jobs import Job

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

MAX_DELAY_SECONDS: Final = 900
"""SQS delays a message by at most 15 minutes (SQS API reference, SendMessage)."""
MAX_BATCH: Final = 10
"""SQS takes at most ten messages in a call, and 256 KB (SQS API reference, SendMessageBatch)."""
_MAX_ATTEMPTS: Final = 5
_FIFO: Final = ".fifo"


def put(
    sqs: "SQSClient", queue_url: str, job: Job, key: RingKey, *, delay_seconds: int = 0
) -> None:
    """Queue a job. Raises Unavailable; the message may still be queued, or queued twice.

    A FIFO queue delays no single message.
    """
    with _translated():
        sqs.send_message(
            QueueUrl=queue_url,
            MessageBody=jobs.to_body(job, key),
            **(_in_order(queue_url) or {"DelaySeconds": min(delay_seconds, MAX_DELAY_SECONDS)}),
        )


def put_off(sqs: "SQSClient", queue_url: str, receipt_handle: str, *, seconds: int) -> None:
    """Let a message that was delivered come again after `seconds`. Raises Unavailable."""
    with _translated():
        sqs.change_message_visibility(
            QueueUrl=queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )


def waiting(sqs: "SQSClient", queue_url: str) -> int:
    """About how many messages are on a queue, those that are put off included.

    Raises Unavailable.
    """
    names: Sequence[QueueAttributeNameType] = (
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesDelayed",
        "ApproximateNumberOfMessagesNotVisible",
    )
    with _translated():
        answer = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=list(names))
    return sum(int(answer["Attributes"][name]) for name in names)


def put_all(sqs: "SQSClient", queue_url: str, queued: Sequence[Job], key: RingKey) -> None:
    """Queue jobs, ten in a call. Messages that SQS refuses are sent again a few times.

    Raises Unavailable; some of them may still be queued, or queued twice.
    """
    for start in range(0, len(queued), MAX_BATCH):
        batch = {
            str(place): jobs.to_body(job, key)
            for place, job in enumerate(queued[start : start + MAX_BATCH])
        }
        for attempt in range(_MAX_ATTEMPTS):
            if attempt:
                time.sleep(random.uniform(0, 0.2) * attempt)  # noqa: S311 - jitter, no secret
            with _translated():
                answer = sqs.send_message_batch(
                    QueueUrl=queue_url,
                    Entries=[_entry(queue_url, id_, body) for id_, body in batch.items()],
                )
            batch = {failed["Id"]: batch[failed["Id"]] for failed in answer.get("Failed", [])}
            if not batch:
                break
        else:
            raise Unavailable


def _entry(queue_url: str, id_: str, body: str) -> Any:
    return {"Id": id_, "MessageBody": body, **_in_order(queue_url)}


def _in_order(queue_url: str) -> dict[str, Any]:
    """The place of a message in a FIFO queue; nothing for other queues."""
    if not queue_url.endswith(_FIFO):
        return {}
    return {"MessageGroupId": "all", "MessageDeduplicationId": uuid.uuid4().hex}


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error
