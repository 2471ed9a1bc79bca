"""Whether the stored secrets are of their kind; a new stack has none, and that is fine."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chalicelib.store.secrets import INDEX_KEY, MAILER_PRIVATE_KEY, MAILER_PUBLIC_KEY, TOKEN_KEYS
from ops.deploy import names
from ops.deploy.account import Account
from ops.deploy.findings import Finding, fault, note, ok
from ops.keys.secrets import KEY_BYTES, ORIGIN_SECRET, SECRET_NAMES

_RESTORE: Final = (
    "Restore it from where you keep a copy. A new one cannot open what the old one has closed."
)
_SHORTEST_ORIGIN_SECRET: Final = 32


def check_secrets(account: Account, stack: str, *, stands: bool) -> Iterator[Finding]:
    """One finding a secret that is wrong, or one for all; `stands`: the stack has been created."""
    path = names.secrets_path(stack)
    asked = account.ssm.get_parameters(
        Names=[f"{path}/{name}" for name in SECRET_NAMES], WithDecryption=True
    )
    stored = {found["Name"].rpartition("/")[2]: found["Value"] for found in asked["Parameters"]}
    wrong = [
        fault(f"The secret {path}/{name} is {what}.", _RESTORE)
        for name, what in faults_of(stored).items()
    ]
    missing = [name for name in SECRET_NAMES if name not in stored]
    if wrong:
        yield from wrong
    elif missing and stands:
        yield note(
            f"Secrets are missing under {path}: {', '.join(missing)}.",
            "If they are lost, restore them: `apply` makes new ones, and links in mails that are "
            "out, or what was filed under the old ones, is then lost.",
        )
    elif missing:
        yield ok(f"Secrets that are not there yet will be made under {path}.")
    else:
        yield ok("The secrets are all there, and of their kind.")


def faults_of(stored: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with each stored secret that is of the wrong kind, by its name."""
    found: dict[str, str] = {}
    for name in (INDEX_KEY, MAILER_PRIVATE_KEY, MAILER_PUBLIC_KEY):
        if name in stored and (what := _fault_of_key(stored[name])):
            found[name] = what
    if TOKEN_KEYS in stored and (what := _fault_of_token_keys(stored[TOKEN_KEYS])):
        found[TOKEN_KEYS] = what
    if ORIGIN_SECRET in stored and len(stored[ORIGIN_SECRET]) < _SHORTEST_ORIGIN_SECRET:
        found[ORIGIN_SECRET] = f"shorter than {_SHORTEST_ORIGIN_SECRET} characters"
    halves = {MAILER_PRIVATE_KEY, MAILER_PUBLIC_KEY}
    if halves <= stored.keys() and halves.isdisjoint(found) and not _match(stored):
        found[MAILER_PUBLIC_KEY] = f"not the public half of {MAILER_PRIVATE_KEY}"
    return found


def _fault_of_key(text: str) -> str:
    """What is wrong with a key in base64; "" if nothing is."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "not base64"
    return "" if len(raw) == KEY_BYTES else f"{len(raw)} bytes long, not {KEY_BYTES}"


def _fault_of_token_keys(text: str) -> str:
    try:
        values = json.loads(text)
        keys = {int(key_id): str(key) for key_id, key in values["keys"].items()}
        current = values["current"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return 'not of the form {"current": 1, "keys": {"1": …}}'
    if current not in keys:
        return f"without the key {current}, which it calls current"
    for key_id, key in keys.items():
        if what := _fault_of_key(key):
            return f"wrong in key {key_id}: {what}"
        if not 0 <= key_id <= 255:
            return f"wrong in key {key_id}: ids go from 0 to 255"
    return ""


def _match(stored: Mapping[str, str]) -> bool:
    private = X25519PrivateKey.from_private_bytes(base64.b64decode(stored[MAILER_PRIVATE_KEY]))
    return private.public_key().public_bytes_raw() == base64.b64decode(stored[MAILER_PUBLIC_KEY])
