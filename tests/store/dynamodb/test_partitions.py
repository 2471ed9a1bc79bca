"""Partitions are emptied within DynamoDB's limits, whatever their items hold."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.store.dynamodb import partitions
from chalicelib.store.dynamodb.items import MAX_ITEM_BYTES
from tests.faults import intercepted
from tests.world import World


def test_the_largest_items_of_a_transaction_have_four_megabytes_together(world: World) -> None:
    table, counts = world.services.organisers, list[int]()
    for number in range(25):
        table.put({"pk": "draft#open-door", "sk": f"{number:02}"}, {})

    def count(*, params: Mapping[str, Any], **_: Any) -> None:
        counts.append(len(json.loads(params["body"])["TransactItems"]))

    with intercepted(table.client, "before-call.dynamodb.TransactWriteItems", count):
        partitions.empty(table, "draft#open-door")

    assert sum(counts) == 25
    assert max(counts) * MAX_ITEM_BYTES <= 4 * 1024 * 1024
    assert list(table.items_of("draft#open-door")) == []
