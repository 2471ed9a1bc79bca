"""moto as it is patched: all writes of a transaction or none, and queues as they were."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ops.local import moto_internals

KEYS: Any = [
    {"AttributeName": "pk", "KeyType": "HASH"},
    {"AttributeName": "sk", "KeyType": "RANGE"},
]


@pytest.fixture
def client() -> Iterator[Any]:
    """A client of a table with a stream and two items."""
    with mock_aws():
        made = boto3.client("dynamodb")
        made.create_table(
            TableName="table",
            KeySchema=KEYS,
            AttributeDefinitions=[
                {"AttributeName": key["AttributeName"], "AttributeType": "S"} for key in KEYS
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        for name in ("first", "second"):
            made.put_item(TableName="table", Item={**key(name), "count": {"N": "1"}})
        yield made


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": "partition"}, "sk": {"S": name}}


def counts(client: Any) -> dict[str, str]:
    answer = client.query(
        TableName="table",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "partition"}},
    )
    return {item["sk"]["S"]: item["count"]["N"] for item in answer["Items"]}


def writes(*, condition: str) -> list[Any]:
    add = {
        "UpdateExpression": "ADD #count :one",
        "ExpressionAttributeNames": {"#count": "count"},
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    check = {"ConditionExpression": condition}
    return [
        {"Update": {"TableName": "table", "Key": key("first"), **add}},
        {"Delete": {"TableName": "table", "Key": key("second")}},
        {"Put": {"TableName": "table", "Item": {**key("third"), "count": {"N": "1"}}, **check}},
    ]


def stream_length() -> int:
    return len(moto_internals.records_after(moto_internals.tables()["table"], 0))


def test_a_transaction_does_all_writes(client: Any) -> None:
    client.transact_write_items(TransactItems=writes(condition="attribute_not_exists(pk)"))

    assert counts(client) == {"first": "2", "third": "1"}
    assert stream_length() == 5


def test_a_transaction_whose_condition_fails_does_no_write(client: Any) -> None:
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        client.transact_write_items(TransactItems=writes(condition="attribute_exists(pk)"))

    assert counts(client) == {"first": "1", "second": "1"}
    assert stream_length() == 2


def test_a_transaction_that_writes_an_item_twice_does_no_write(client: Any) -> None:
    first, *others = writes(condition="attribute_not_exists(pk)")

    with pytest.raises(ClientError):
        client.transact_write_items(TransactItems=[first, *others, first])

    assert counts(client) == {"first": "1", "second": "1"}


def test_a_partition_is_read_page_by_page(client: Any) -> None:
    for number in range(5):
        other = {"pk": {"S": f"partition {number}"}, "sk": {"S": "x"}, "count": {"N": "1"}}
        client.put_item(TableName="table", Item=other)
    asked = {
        "TableName": "table",
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "partition"}},
        "Limit": 1,
    }

    page = client.query(**asked)
    rest = client.query(**asked, ExclusiveStartKey=page["LastEvaluatedKey"])

    assert [item["sk"]["S"] for item in page["Items"] + rest["Items"]] == ["first", "second"]


def test_a_message_is_hidden_while_it_is_handled_and_deleted_once() -> None:
    with mock_aws():
        sqs = boto3.client("sqs")
        url = sqs.create_queue(QueueName="queue")["QueueUrl"]
        for number in range(3):
            moto_internals.put_message("queue", str(number))

        [message] = sqs.receive_message(QueueUrl=url)["Messages"]
        others = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        for _ in range(2):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

        assert [message["Body"], *(other["Body"] for other in others)] == ["0", "1", "2"]
        left = moto_internals.messages_of(moto_internals.queues()["queue"])
        assert [each.body for each in left] == ["1", "2"]
        with pytest.raises(ClientError, match="ReceiptHandleIsInvalid"):
            sqs.delete_message(QueueUrl=url, ReceiptHandle="another")
