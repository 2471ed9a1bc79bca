"""A service whose secrets are new for each test, and processes of it."""

from collections.abc import Iterator

import pytest

from ops.keys.keyring_store import KeyringStore
from ops.keys.secrets import SECRET_NAMES, read_all
from tests.world import World


@pytest.fixture
def store(world: World) -> Iterator[KeyringStore]:
    """The keyrings of the service. Afterwards they are those from before, without a history."""
    store = KeyringStore.of(world.services)
    before = read_all(store.ssm, store.path)
    yield store
    names = [f"{store.path}/{name}" for name in SECRET_NAMES]
    for start in (0, 10):
        store.ssm.delete_parameters(Names=names[start : start + 10])
    for name, text in before.items():
        store.ssm.put_parameter(Name=f"{store.path}/{name}", Value=text, Type="SecureString")
