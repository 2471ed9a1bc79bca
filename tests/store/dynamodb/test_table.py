"""A table: values, pages, transactions, and the translation of errors."""

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from chalicelib.domain.errors import Unavailable
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Table, Write, find_across
from chalicelib.wiring import Services
from tests.faults import intercepted

KEY = {"pk": "p", "sk": "a"}
URL = "https://dynamodb.example"


def _client_error(code: str, status: int = 400, **more: Any) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "hanna@example.org"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    return ClientError(response, "Any")


class Faulty:
    """Makes the next calls of a table fail, one for each error."""

    def __init__(self, table: Table) -> None:
        self.events = table.client.meta.events
        self.errors: list[Exception] = []
        self.calls = 0
        self.events.register("before-call.dynamodb.*", self._call, unique_id="faulty")

    def _call(self, **_: Any) -> None:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)


@pytest.fixture
def faulty(petitions_table: Table) -> Any:
    """Faults of the table of petitions."""
    faults = Faulty(petitions_table)
    yield faults
    faults.events.unregister("before-call.dynamodb.*", unique_id="faulty")


def test_values_come_back_unchanged(petitions_table: Table) -> None:
    values = {
        "text": "Ганна",
        "bytes": b"\0\xff",
        "number": 12345678901234567890,
        "nothing": None,
        "yes": True,
        "list": [1, "a", b"b", [2]],
        "map": {"a": {"b": 1}},
        "set": {1, 2},
    }

    petitions_table.put(KEY, values)

    assert petitions_table.find(KEY) == {**KEY, **values}
    assert petitions_table.find(KEY, consistent=True) == {**KEY, **values}


def test_a_missing_item_is_none(petitions_table: Table) -> None:
    assert petitions_table.find(KEY) is None


def test_adding_an_existing_item_changes_nothing_and_returns_it(
    petitions_table: Table,
) -> None:
    petitions_table.add(KEY, {"n": 1})

    with pytest.raises(ConditionFailed) as failed:
        petitions_table.add(KEY, {"n": 2})

    assert failed.value.item == {**KEY, "n": 1}
    assert petitions_table.find(KEY) == {**KEY, "n": 1}


def test_an_update_without_return_values_never_shows_the_item(petitions_table: Table) -> None:
    petitions_table.add(KEY, {"n": 1, "sealed": b"s"})

    shown = petitions_table.update(KEY, "SET n = :n", values={":n": 2}, return_values=False)
    with pytest.raises(ConditionFailed) as failed:
        petitions_table.update(
            KEY, "SET n = :n", condition="n = :n", values={":n": 3}, return_values=False
        )

    assert (shown, failed.value.item) == ({}, None)
    assert petitions_table.find(KEY) == {**KEY, "n": 2, "sealed": b"s"}


def test_a_condition_on_a_missing_item_fails_without_an_item(petitions_table: Table) -> None:
    with pytest.raises(ConditionFailed) as failed:
        petitions_table.update(
            KEY, "SET n = :n", condition="attribute_exists(pk)", values={":n": 1}
        )

    assert failed.value.item is None


def test_a_second_deletion_changes_nothing(petitions_table: Table) -> None:
    petitions_table.put(KEY, {})

    petitions_table.delete(KEY)
    petitions_table.delete(KEY)

    assert petitions_table.find(KEY) is None


def test_only_existing_items_of_many_are_returned(petitions_table: Table) -> None:
    for sk in "abc":
        petitions_table.put({"pk": "p", "sk": sk}, {"n": sk})

    items = petitions_table.find_many([{"pk": "p", "sk": sk} for sk in "cxa"])

    assert [item["n"] for item in items] == ["c", "a"]
    assert petitions_table.find_many([]) == []


def test_items_of_two_tables_come_in_the_order_of_their_keys(
    services: Services,
) -> None:
    petitions_table, subscribers = services.petitions, services.subscribers
    petitions_table.put(KEY, {"of": "petitions"})
    subscribers.put(KEY, {"of": "subscribers"})
    missing = {"pk": "p", "sk": "missing"}

    items = find_across([(subscribers, missing), (subscribers, KEY), (petitions_table, KEY)])

    assert [item and item["of"] for item in items] == [None, "subscribers", "petitions"]


def test_many_items_come_page_by_page_in_key_order(petitions_table: Table) -> None:
    for number in range(25):
        petitions_table.put({"pk": "p", "sk": f"{number:02d}"}, {"n": number})

    pages = []
    cursor: str | None = None
    while True:
        items, cursor = petitions_table.page_of("p", after=cursor, limit=10)
        pages.append([item["n"] for item in items])
        if cursor is None:
            break

    assert pages[:3] == [list(range(10)), list(range(10, 20)), list(range(20, 25))]
    assert [number for page in pages for number in page] == list(range(25))
    assert [item["n"] for item in petitions_table.items_of("p", limit=7)] == list(range(25))
    assert [item["n"] for item in petitions_table.items_of("p", after="22")] == [23, 24]


def test_a_partition_of_more_than_a_megabyte_is_read_to_its_end(petitions_table: Table) -> None:
    for number in range(5):
        petitions_table.put({"pk": "p", "sk": str(number)}, {"b": b"x" * 300_000})

    first, cursor = petitions_table.page_of("p")

    assert len(first) < 5
    assert cursor is not None
    assert [item["sk"] for item in petitions_table.items_of("p")] == list("01234")


def test_a_page_can_have_conditions_and_fewer_attributes(petitions_table: Table) -> None:
    for sk in ("a#1", "b#1", "b#2", "c#1"):
        petitions_table.put({"pk": "p", "sk": sk}, {"state": sk, "more": 1})

    begins, _ = petitions_table.page_of("p", prefix="b#")
    up_to, _ = petitions_table.page_of("p", up_to="b#1")
    named, _ = petitions_table.page_of("p", attributes=("state",), limit=1)

    assert [item["sk"] for item in begins] == ["b#1", "b#2"]
    assert [item["sk"] for item in up_to] == ["a#1", "b#1"]
    assert named == [{"state": "a#1"}]


def test_a_transaction_does_all_or_nothing(petitions_table: Table) -> None:
    petitions_table.put(KEY, {"n": 1})
    new = {"pk": "p", "sk": "b"}
    writes = [
        Write(key=new, item={"n": 1}, condition="attribute_not_exists(pk)"),
        Write(key=KEY, expression="SET n = :n", condition="n = :old", values={":n": 2, ":old": 1}),
    ]

    petitions_table.transact(writes)
    with pytest.raises(ConditionFailed):
        petitions_table.transact([Write(key={"pk": "p", "sk": "c"}, item={}), *writes])
    petitions_table.transact([Write(key=new)])

    assert [(item["sk"], item["n"]) for item in petitions_table.items_of("p")] == [("a", 2)]


def _cancelled(*codes: str) -> ClientError:
    return _client_error(
        "TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes]
    )


def test_a_transaction_is_repeated_after_a_conflict(petitions_table: Table, faulty: Faulty) -> None:
    faulty.errors = [_cancelled("None", "TransactionConflict")] * 4

    petitions_table.transact([Write(key=KEY, item={"n": 1})])

    assert faulty.calls == 5
    assert petitions_table.find(KEY) == {**KEY, "n": 1}


def test_a_lasting_conflict_is_unavailable(petitions_table: Table, faulty: Faulty) -> None:
    faulty.errors = [_cancelled("TransactionConflict")] * 5

    with pytest.raises(Unavailable):
        petitions_table.transact([Write(key=KEY, item={"n": 1})])

    assert petitions_table.find(KEY) is None


def test_a_transaction_with_a_failed_condition_is_not_repeated(
    petitions_table: Table, faulty: Faulty
) -> None:
    faulty.errors = [_cancelled("TransactionConflict", "ConditionalCheckFailed")]

    with pytest.raises(ConditionFailed):
        petitions_table.transact([Write(key=KEY, item={"n": 1})])

    assert faulty.calls == 1


def test_a_transaction_that_can_never_succeed_is_not_worth_another_try(
    faulty: Faulty, petitions_table: Table
) -> None:
    faulty.errors = [_cancelled("None", "ValidationError")]

    with pytest.raises(ClientError):
        petitions_table.transact([Write(key=KEY, item={})])


def test_a_throttled_transaction_is_unavailable(petitions_table: Table, faulty: Faulty) -> None:
    faulty.errors = [_cancelled("None", "ThrottlingError")]

    with pytest.raises(Unavailable):
        petitions_table.transact([Write(key=KEY, item={"n": 1})])


TRANSIENT: Mapping[str, Callable[[], Exception]] = {
    "too much": lambda: _client_error("ProvisionedThroughputExceededException"),
    "throttled": lambda: _client_error("ThrottlingException"),
    "over the limit": lambda: _client_error("RequestLimitExceeded"),
    "conflict": lambda: _client_error("TransactionConflictException"),
    "broken": lambda: _client_error("InternalServerError", 500),
    "unknown, theirs": lambda: _client_error("Whatever", 503),
    "too slow": lambda: ReadTimeoutError(endpoint_url=URL),
    "cut off": lambda: ConnectionClosedError(endpoint_url=URL),
    "out of reach": lambda: EndpointConnectionError(endpoint_url=URL),
}
OTHERS: Mapping[str, Callable[[], Exception]] = {
    "wrong call": lambda: _client_error("ValidationException"),
    "no table": lambda: _client_error("ResourceNotFoundException"),
    "not allowed": lambda: _client_error("AccessDeniedException"),
    "nobody": NoCredentialsError,
}
CALLS: Mapping[str, Callable[[Table], Any]] = {
    "find": lambda table: table.find(KEY),
    "find_many": lambda table: table.find_many([KEY]),
    "put": lambda table: table.put(KEY, {}),
    "update": lambda table: table.update(KEY, "REMOVE n"),
    "delete": lambda table: table.delete(KEY),
    "page_of": lambda table: table.page_of("p"),
    "transact": lambda table: table.transact([Write(key=KEY)]),
}


@pytest.mark.parametrize("call", CALLS)
def test_transient_errors_are_unavailable_and_all_others_are_raised_unchanged(
    petitions_table: Table, faulty: Faulty, call: str
) -> None:
    for make in TRANSIENT.values():
        faulty.errors = [make()]
        with pytest.raises(Unavailable):
            CALLS[call](petitions_table)
    for make in OTHERS.values():
        error = make()
        faulty.errors = [error]
        with pytest.raises(type(error)) as raised:
            CALLS[call](petitions_table)
        assert raised.value is error


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits in seconds, at their longest, without sleeping."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    return waited


def test_unprocessed_keys_are_requested_again_after_a_wait(
    petitions_table: Table, waits: list[float]
) -> None:
    for sk in "ab":
        petitions_table.put({"pk": "p", "sk": sk}, {})
    key_counts: list[int] = []

    def count(params: Any, **_: Any) -> None:
        key_counts.append(len(params["RequestItems"][petitions_table.name]["Keys"]))

    def leave_one_out(parsed: Any, **_: Any) -> None:
        if len(key_counts) == 1:
            left = parsed["Responses"][petitions_table.name].pop()
            key = {name: left[name] for name in ("pk", "sk")}
            parsed["UnprocessedKeys"] = {petitions_table.name: {"Keys": [key]}}

    with (
        intercepted(petitions_table.client, "provide-client-params.dynamodb.BatchGetItem", count),
        intercepted(petitions_table.client, "after-call.dynamodb.BatchGetItem", leave_one_out),
    ):
        items = petitions_table.find_many([{"pk": "p", "sk": sk} for sk in "ab"])

    assert key_counts == [2, 1]
    assert waits == [0.05]
    assert sorted(item["sk"] for item in items) == ["a", "b"]


def test_keys_that_stay_unprocessed_are_unavailable_after_growing_waits(
    petitions_table: Table, waits: list[float]
) -> None:
    def leave_all_out(parsed: Any, **_: Any) -> None:
        parsed["UnprocessedKeys"] = {
            petitions_table.name: {"Keys": [{name: {"S": text} for name, text in KEY.items()}]}
        }

    with (
        intercepted(petitions_table.client, "after-call.dynamodb.BatchGetItem", leave_all_out),
        pytest.raises(Unavailable),
    ):
        petitions_table.find_many([KEY])
    assert waits == pytest.approx([0.05, 0.1, 0.15, 0.2])
