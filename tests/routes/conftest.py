"""A world for each test, but made only once for a module: it is emptied in between."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from chalicelib import wiring
from tests.world import World


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The whole service."""
    with mock_aws():
        yield World(tmp_path_factory.mktemp("world"))
    wiring.install(None)


@pytest.fixture
def world(house: World) -> World:
    """The whole service with one published petition and nobody on it."""
    house.wipe()
    house.publish()
    return house


@pytest.fixture
def shared(world: World) -> World:
    """The same with one update."""
    world.publish_update()
    return world
