"""The bill of AWS calls, and answers from memory."""

import pytest

from bench import call_recorder, replaying
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.table import Write
from tests.world import World

KEY = {keys.PK: "bench", keys.SK: "item"}


def test_a_read_that_may_be_old_costs_half_a_unit(world: World) -> None:
    bill = call_recorder.bill_of(lambda: world.services.petitions.find(KEY))

    assert bill.calls == {"dynamodb.GetItem": 1}
    assert (bill.write_units, bill.read_units) == (0, 0.5)


def test_a_consistent_read_of_nothing_costs_a_unit(world: World) -> None:
    bill = call_recorder.bill_of(lambda: world.services.petitions.find(KEY, consistent=True))

    assert bill.read_units == 1


def test_an_update_is_charged_by_the_whole_item(world: World) -> None:
    world.services.petitions.put(KEY, {"long": "x" * 2000})

    bill = call_recorder.bill_of(
        lambda: world.services.petitions.update(KEY, "SET brief = :one", values={":one": 1})
    )

    assert bill.write_units == 2


def test_a_write_whose_condition_fails_is_charged(world: World) -> None:
    world.services.petitions.put(KEY, {"long": "x" * 2000})

    with call_recorder.billed() as bill, pytest.raises(ConditionFailed):
        world.services.petitions.add(KEY, {"longer": "x" * 3000})

    assert bill.write_units == 3


def test_a_transaction_is_charged_twice(world: World) -> None:
    other = {**KEY, keys.SK: "other"}
    writes = [Write(key=KEY, item={"a": 1}), Write(key=other, item={"long": "x" * 1500})]

    bill = call_recorder.bill_of(lambda: world.services.petitions.transact(writes))

    assert bill.calls == {"dynamodb.TransactWriteItems": 1}
    assert bill.write_units == 2 * (1 + 2)


def test_a_batch_is_charged_for_keys_without_an_item(world: World) -> None:
    world.services.petitions.put(KEY, {"long": "x" * 5000})
    missing = {**KEY, keys.SK: "missing"}

    bill = call_recorder.bill_of(lambda: world.services.petitions.find_many([KEY, missing]))

    assert bill.read_units == 2 + 1


def test_a_query_for_some_attributes_is_charged_for_whole_items(world: World) -> None:
    world.services.petitions.put(KEY, {"short": 1, "long": "x" * 9000})

    bill = call_recorder.bill_of(
        lambda: world.services.petitions.page_of("bench", attributes=("short",))
    )

    assert bill.read_units == 1.5


def test_a_call_of_unknown_units_is_not_free(world: World) -> None:
    petitions_table = world.services.petitions

    with call_recorder.billed(), pytest.raises(ValueError, match="Scan"):
        petitions_table.client.scan(TableName=petitions_table.name)


def test_an_answer_from_memory_asks_nobody(world: World) -> None:
    world.services.petitions.put(KEY, {"count": 7})
    answers = replaying.recorded(lambda: world.services.petitions.find(KEY))
    world.services.petitions.put(KEY, {"count": 8})

    with replaying.replaying(answers):
        assert world.services.petitions.find(KEY) == {**KEY, "count": 7}
    assert world.services.petitions.find(KEY) == {**KEY, "count": 8}
