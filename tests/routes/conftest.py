"""What tests of the front door may ask for."""

import pytest

from tests.world import World


@pytest.fixture
def shared(world: World) -> World:
    """The whole service with one published petition and one update."""
    world.publish_update()
    return world
