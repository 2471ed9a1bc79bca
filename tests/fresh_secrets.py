"""Secrets that a test may change: the other tests of a module share theirs."""

from uuid import uuid4

from ops.secrets.inventory import store_missing
from ops.secrets.keyring_store import KeyringStore
from tests.world import World


def with_fresh_secrets(world: World) -> KeyringStore:
    """Let the service have new secrets under another path, until it is reset."""
    path = f"/zaklik/{uuid4().hex}"
    store_missing(world.services.secrets.ssm(), path)
    world.environment["ZAKLIK_SECRETS_PATH"] = path
    world.restart()
    return KeyringStore.of(world.services)
