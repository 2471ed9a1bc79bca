"""Fixtures of the tests of the public routes."""

import pytest

from tests.world import World


@pytest.fixture
def with_update(world: World) -> World:
    """The whole service with one published petition and one update."""
    world.publish_update()
    return world
