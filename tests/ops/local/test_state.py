"""A restart restores everything, and records that were not counted yet are counted then."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ops.local import moto_internals
from ops.local.aws import MotoServer
from ops.local.outbox import Outbox, SentMail
from ops.local.resources import TemplateResources, read_template
from ops.local.state import AdjustableClock, FolderInUse, Snapshots, StateFolder

SIGNATURES = "zaklik-signatures"
BUCKET = "zaklik-exportbucket"
ITEM: dict[str, Any] = {
    "pk": {"S": "belarus-mothers#3f"},
    "sk": {"S": "3f9a"},
    "sealed": {"B": b"\x00\xff"},
    "state": {"S": "confirmed"},
    "count": {"N": "7"},
    "nothing": {"NULL": True},
    "deep": {"M": {"list": {"L": [{"BOOL": False}, {"B": b"\x01"}, {"M": {"a": {"S": "b"}}}]}}},
    "set": {"SS": ["a", "b"]},
}


class Process:
    """One run of the process: empty tables, filled from the folder."""

    def __init__(self, folder: Path) -> None:
        self.server = MotoServer(0)
        self.outbox = Outbox(folder / "outbox.jsonl")
        self.clock = AdjustableClock()
        self.snapshots = Snapshots(folder, self.server, self.outbox, self.clock)
        TemplateResources(read_template(), {"PublicUrl": "http://a", "Sender": "a@b"}).create()
        self.backlog = self.snapshots.restore()
        self.dynamodb = boto3.client("dynamodb")
        self.sqs = boto3.client("sqs")
        self.s3 = boto3.client("s3")
        self.mail_queue = self.sqs.get_queue_url(QueueName="zaklik-mail")["QueueUrl"]
        self.table = moto_internals.tables()[SIGNATURES]

    def received(self) -> list[str]:
        answer = self.sqs.receive_message(QueueUrl=self.mail_queue, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer.get("Messages", [])]


@contextmanager
def started(folder: Path) -> Iterator[Process]:
    with mock_aws():
        process = Process(folder)
        process.server.start()
        yield process
        process.server.stop()


def test_tables_queues_objects_outbox_and_clock_come_back(tmp_path: Path) -> None:
    with started(tmp_path) as first:
        first.dynamodb.put_item(TableName=SIGNATURES, Item=ITEM)
        first.sqs.send_message(QueueUrl=first.mail_queue, MessageBody="in hand")
        assert first.received() == ["in hand"]
        first.sqs.send_message(QueueUrl=first.mail_queue, MessageBody="due")
        first.sqs.send_message(QueueUrl=first.mail_queue, MessageBody="delayed", DelaySeconds=600)
        first.s3.put_object(Bucket=BUCKET, Key="a/b.gz", Body=b"\x00")
        first.outbox.add(new_mail("1"))
        first.clock.advance(timedelta(days=3))
        first.snapshots.save(list)

    with started(tmp_path) as second:
        answer = second.dynamodb.get_item(
            TableName=SIGNATURES, Key={"pk": ITEM["pk"], "sk": ITEM["sk"]}
        )
        assert answer["Item"] == ITEM
        assert second.received() == ["in hand", "due"]
        moto_internals.advance_messages(timedelta(seconds=600))
        assert "delayed" in second.received()
        stored = second.s3.get_object(Bucket=BUCKET, Key="a/b.gz")["Body"].read()
        assert stored == b"\x00"
        assert second.outbox.all() == [new_mail("1")]
        assert second.clock.offset == timedelta(days=3)


def test_secrets_come_back_in_their_last_version_and_encrypted(tmp_path: Path) -> None:
    with started(tmp_path) as first:
        ssm = boto3.client("ssm")
        for value in ("first", "rotated"):
            ssm.put_parameter(
                Name="/zaklik/token-keys", Value=value, Type="SecureString", Overwrite=True
            )
        first.snapshots.save(list)

    with started(tmp_path):
        ssm = boto3.client("ssm")
        [secret] = ssm.get_parameters(Names=["/zaklik/token-keys"], WithDecryption=True)[
            "Parameters"
        ]
        assert (secret["Value"], secret["Type"]) == ("rotated", "SecureString")


def test_restored_items_are_no_change_to_the_stream(tmp_path: Path) -> None:
    with started(tmp_path) as first:
        first.dynamodb.put_item(TableName=SIGNATURES, Item=ITEM)
        assert len(moto_internals.records_after(first.table, 0)) == 1
        first.snapshots.save(list)

    with started(tmp_path) as second:
        assert moto_internals.records_after(second.table, 0) == []
        assert second.backlog == []


def test_records_that_were_not_counted_come_back_with_their_shard(tmp_path: Path) -> None:
    with started(tmp_path) as first:
        first.dynamodb.put_item(TableName=SIGNATURES, Item=ITEM)
        first.snapshots.save(
            lambda: [{"shard": "a", "records": moto_internals.records_after(first.table, 0)}]
        )

    with started(tmp_path) as second:
        (batch,) = second.backlog
        (record,) = batch["records"]
        assert batch["shard"] == "a"
        assert record["eventName"] == "INSERT"
        assert record["dynamodb"]["Keys"]["sk"] == {"S": "3f9a"}
        assert record["dynamodb"]["NewImage"]["sealed"] == {"B": "AP8="}


def test_each_process_has_a_shard_of_its_own(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        moto_internals.begin_shard(process.table)
        first_id = moto_internals.shard_of(process.table).id
        moto_internals.begin_shard(process.table)

        assert moto_internals.shard_of(process.table).id != first_id


def test_mails_beyond_the_snapshot_are_cut_off(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.jsonl")
    for name in ("1", "2", "3"):
        outbox.add(new_mail(name))
    outbox.save(3)

    again = Outbox(tmp_path / "outbox.jsonl")
    again.restore(2)
    again.add(new_mail("4"))
    again.save(3)

    third = Outbox(tmp_path / "outbox.jsonl")
    third.restore(3)
    assert [mail.id for mail in third.all()] == ["1", "2", "4"]
    assert [mail.id for mail in third.newest(2)] == ["4", "2"]


def new_mail(name: str) -> SentMail:
    return SentMail(
        id=name, to="a@b", sender="c@d", subject="Навіны", text="t\n\u2028", html="<p>", headers={},
        sent_at="2026-01-31T09:00:00+00:00",
    )  # fmt: skip


def test_the_lock_of_an_ended_process_locks_nobody_out(tmp_path: Path) -> None:
    with StateFolder(tmp_path), pytest.raises(FolderInUse):
        StateFolder(tmp_path)

    with StateFolder(tmp_path):
        pass
