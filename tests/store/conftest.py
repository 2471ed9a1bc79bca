"""The desk table for each test, made once for a module and emptied in between."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from chalicelib import wiring
from chalicelib.store.table import Table
from tests.world import World


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The whole service."""
    with mock_aws():
        yield World(tmp_path_factory.mktemp("world"))
    wiring.install(None)


@pytest.fixture
def desk(house: World) -> Table:
    """The desk table, empty."""
    house.wipe()
    return house.services.desk
