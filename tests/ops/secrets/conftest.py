"""A service whose secrets are new for each test."""

import pytest

from ops.secrets.keyring_store import KeyringStore
from tests.fresh_secrets import with_fresh_secrets
from tests.world import World


@pytest.fixture
def store(world: World) -> KeyringStore:
    """The keyrings of the service."""
    return with_fresh_secrets(world)
