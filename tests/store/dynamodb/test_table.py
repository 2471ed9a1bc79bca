"""One table: plain values in and out, pages, transactions, and botocore's errors become ours."""

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
from chalicelib.store.dynamodb.table import Table, Write, find_together
from chalicelib.wiring import Services
from tests.faults import intercepted

KEY = {"pk": "p", "sk": "a"}
URL = "https://dynamodb.example"


def _answered(code: str, status: int = 400, **more: Any) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "hanna@example.org"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    return ClientError(response, "Any")


class Faulty:
    """Lets the next calls of a table fail, one error each."""

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
    """Faults of the petitions_table table."""
    made = Faulty(petitions_table)
    yield made
    made.events.unregister("before-call.dynamodb.*", unique_id="faulty")


def test_values_come_back_as_they_were(petitions_table: Table) -> None:
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


def test_what_is_not_there_is_none(petitions_table: Table) -> None:
    assert petitions_table.find(KEY) is None


def test_adding_what_is_there_changes_nothing_and_shows_what_is_there(
    petitions_table: Table,
) -> None:
    petitions_table.add(KEY, {"n": 1})

    with pytest.raises(ConditionFailed) as failed:
        petitions_table.add(KEY, {"n": 2})

    assert failed.value.item == {**KEY, "n": 1}
    assert petitions_table.find(KEY) == {**KEY, "n": 1}


def test_a_blind_update_shows_nothing_whether_or_not_it_is_made(petitions_table: Table) -> None:
    petitions_table.add(KEY, {"n": 1, "sealed": b"s"})

    shown = petitions_table.update(KEY, "SET n = :n", values={":n": 2}, return_values=False)
    with pytest.raises(ConditionFailed) as failed:
        petitions_table.update(
            KEY, "SET n = :n", condition="n = :n", values={":n": 3}, return_values=False
        )

    assert (shown, failed.value.item) == ({}, None)
    assert petitions_table.find(KEY) == {**KEY, "n": 2, "sealed": b"s"}


def test_a_condition_on_what_is_not_there_fails_with_nothing(petitions_table: Table) -> None:
    with pytest.raises(ConditionFailed) as failed:
        petitions_table.update(
            KEY, "SET n = :n", condition="attribute_exists(pk)", values={":n": 1}
        )

    assert failed.value.item is None


def test_deleting_twice_is_deleting_once(petitions_table: Table) -> None:
    petitions_table.put(KEY, {})

    petitions_table.delete(KEY)
    petitions_table.delete(KEY)

    assert petitions_table.find(KEY) is None


def test_only_what_exists_of_many_is_found(petitions_table: Table) -> None:
    for sk in "abc":
        petitions_table.put({"pk": "p", "sk": sk}, {"n": sk})

    found = petitions_table.find_many([{"pk": "p", "sk": sk} for sk in "cxa"])

    assert [item["n"] for item in found] == ["c", "a"]
    assert petitions_table.find_many([]) == []


def test_items_of_two_tables_come_in_the_order_in_which_they_were_asked_for(
    services: Services,
) -> None:
    petitions_table, subscribers = services.petitions, services.subscribers
    petitions_table.put(KEY, {"of": "petitions"})
    subscribers.put(KEY, {"of": "subscribers"})
    missing = {"pk": "p", "sk": "missing"}

    found = find_together([(subscribers, missing), (subscribers, KEY), (petitions_table, KEY)])

    assert [item and item["of"] for item in found] == [None, "subscribers", "petitions"]


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


def test_a_page_can_be_narrowed(petitions_table: Table) -> None:
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
    return _answered(
        "TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes]
    )


def test_a_conflict_between_transactions_is_waited_out(
    petitions_table: Table, faulty: Faulty
) -> None:
    faulty.errors = [_cancelled("None", "TransactionConflict")] * 4

    petitions_table.transact([Write(key=KEY, item={"n": 1})])

    assert faulty.calls == 5
    assert petitions_table.find(KEY) == {**KEY, "n": 1}


def test_a_conflict_that_does_not_end_is_unavailable(
    petitions_table: Table, faulty: Faulty
) -> None:
    faulty.errors = [_cancelled("TransactionConflict")] * 5

    with pytest.raises(Unavailable):
        petitions_table.transact([Write(key=KEY, item={"n": 1})])

    assert petitions_table.find(KEY) is None


def test_a_transaction_whose_condition_failed_is_not_tried_again(
    petitions_table: Table, faulty: Faulty
) -> None:
    faulty.errors = [_cancelled("TransactionConflict", "ConditionalCheckFailed")]

    with pytest.raises(ConditionFailed):
        petitions_table.transact([Write(key=KEY, item={"n": 1})])

    assert faulty.calls == 1


def test_a_transaction_that_was_throttled_is_unavailable(
    petitions_table: Table, faulty: Faulty
) -> None:
    faulty.errors = [_cancelled("None", "ThrottlingError")]

    with pytest.raises(Unavailable):
        petitions_table.transact([Write(key=KEY, item={"n": 1})])


PASSING: Mapping[str, Callable[[], Exception]] = {
    "too much": lambda: _answered("ProvisionedThroughputExceededException"),
    "throttled": lambda: _answered("ThrottlingException"),
    "over the limit": lambda: _answered("RequestLimitExceeded"),
    "conflict": lambda: _answered("TransactionConflictException"),
    "broken": lambda: _answered("InternalServerError", 500),
    "unknown, theirs": lambda: _answered("Whatever", 503),
    "too slow": lambda: ReadTimeoutError(endpoint_url=URL),
    "cut off": lambda: ConnectionClosedError(endpoint_url=URL),
    "out of reach": lambda: EndpointConnectionError(endpoint_url=URL),
}
OURS: Mapping[str, Callable[[], Exception]] = {
    "wrong call": lambda: _answered("ValidationException"),
    "no table": lambda: _answered("ResourceNotFoundException"),
    "not allowed": lambda: _answered("AccessDeniedException"),
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
def test_what_passes_is_unavailable_and_what_does_not_is_our_own_mistake(
    petitions_table: Table, faulty: Faulty, call: str
) -> None:
    for make in PASSING.values():
        faulty.errors = [make()]
        with pytest.raises(Unavailable):
            CALLS[call](petitions_table)
    for make in OURS.values():
        error = make()
        faulty.errors = [error]
        with pytest.raises(type(error)) as raised:
            CALLS[call](petitions_table)
        assert raised.value is error


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited each time, in seconds; with the worst luck, and without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    return waited


def test_keys_that_aws_could_not_read_are_asked_for_again_after_a_moment(
    petitions_table: Table, waits: list[float]
) -> None:
    for sk in "ab":
        petitions_table.put({"pk": "p", "sk": sk}, {})
    asked: list[int] = []

    def cut(params: Any, **_: Any) -> None:
        asked.append(len(params["RequestItems"][petitions_table.name]["Keys"]))

    def leave_one_out(parsed: Any, **_: Any) -> None:
        if len(asked) == 1:
            left = parsed["Responses"][petitions_table.name].pop()
            key = {name: left[name] for name in ("pk", "sk")}
            parsed["UnprocessedKeys"] = {petitions_table.name: {"Keys": [key]}}

    with (
        intercepted(petitions_table.client, "provide-client-params.dynamodb.BatchGetItem", cut),
        intercepted(petitions_table.client, "after-call.dynamodb.BatchGetItem", leave_one_out),
    ):
        found = petitions_table.find_many([{"pk": "p", "sk": sk} for sk in "ab"])

    assert asked == [2, 1]
    assert waits == [0.05]
    assert sorted(item["sk"] for item in found) == ["a", "b"]


def test_keys_that_aws_never_reads_are_waited_for_longer_each_time_and_then_unavailable(
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
