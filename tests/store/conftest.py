"""The desk table for each test, empty."""

import pytest

from chalicelib.store.table import Table
from tests.world import World


@pytest.fixture
def desk(house: World) -> Table:
    """The desk table, empty."""
    house.wipe()
    return house.services.desk
