"""Attacker: a thief of the tables or a backup, of the queue, or of one key.

Comes by break-in, court order, bribe or a leaked key. Protected: the names and addresses of signers
and subscribers.
"""

import base64
import dataclasses
import json
import os
import re
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chalicelib.crypto import sealing, tokens, unsealing
from chalicelib.crypto.tokens import Purpose, TokenKeys
from chalicelib.crypto.unsealing import UnsealFailed
from chalicelib.domain.errors import BrokenToken
from chalicelib.people import blind_indexes
from chalicelib.store.limits import daily_keys
from chalicelib.store.secrets import MissingSecret
from chalicelib.usecases.alerts import fan_out
from chalicelib.wiring import Services
from ops.keys import organiser_keys
from tests.abuse.scenarios import ALL_ADDRESSES, SIGNED, SUBSCRIBED, prepare_every_status
from tests.world import World

TABLES = ("signatures", "subscribers", "petitions")
PERSONAL = re.compile(
    r"alena|darya|iryna|maria|nadia|sonia|example\.org|Ганна|198\.51", re.IGNORECASE
)
HEX_INDEX = re.compile(r"[0-9a-f]{32}")


@pytest.fixture(scope="module")
def stolen(shared_world: World) -> World:
    """A petition with an address of every status, a sent alert, and a day of forms."""
    shared_world.reset()
    shared_world.publish()
    prepare_every_status(shared_world)
    fan_out.start_alert(shared_world.services, shared_world.publish_update().id)
    shared_world.deliver_all()
    return shared_world


def _items(world: World) -> list[dict[str, Any]]:
    return [item for table in TABLES for item in world.stored_items(table)]


def _readable(item: Mapping[str, Any]) -> str:
    """An item as text, its bytes decoded as well."""
    parts = [repr(item)]
    parts += [value.decode("latin-1") for value in item.values() if isinstance(value, bytes)]
    return "\n".join(parts)


# The tables.


def test_the_tables_hold_no_personal_data_in_plain_text(stolen: World) -> None:
    """Elsewhere: names and addresses are stored as typed."""
    assert len(_items(stolen)) > 15
    # A petition holds the organiser's own address.
    readable = [
        item
        for item in _items(stolen)
        if PERSONAL.search(_readable(item)) and not item["pk"].startswith("petition")
    ]
    assert readable == []


def test_unsealed_attributes_are_the_documented_ones(stolen: World) -> None:
    """The list in docs/security.md; a new attribute is added there and here."""
    unsealed = {
        table: {name for item in stolen.stored_items(table) for name in item} - {"pk", "sk"}
        for table in ("signatures", "subscribers")
    }

    assert unsealed["signatures"] == {
        *("state", "sealed", "country", "language", "confirmed_at"),
        "why",
        *("withdrawn_at", "expires_at"),
    }
    assert unsealed["subscribers"] == {
        *("state", "sealed_address", "language", "frequency", "subscribed_at"),
        *("unsubscribed_at", "expires_at"),
        "blocked_at",
    }


def test_the_tables_cannot_be_joined(stolen: World) -> None:
    """No index of one table occurs in another."""
    indexes = {
        table: {
            item["sk"] for item in stolen.stored_items(table) if HEX_INDEX.fullmatch(item["sk"])
        }
        for table in ("signatures", "subscribers")
    }
    limit_indexes = {
        item["sk"] for item in stolen.stored_items("petitions") if item["pk"].startswith("limit#")
    }

    assert all(indexes.values())
    assert indexes["signatures"].isdisjoint(indexes["subscribers"])
    assert limit_indexes.isdisjoint(indexes["signatures"] | indexes["subscribers"])


def test_a_known_address_cannot_be_looked_up_without_the_index_key(
    stolen: World,
) -> None:
    """Elsewhere: a hash without a key, or with a default key, can be computed by anybody."""
    stored_indexes = {item["sk"] for item in _items(stolen)}
    for key in (b"", b"\0" * 32, b"secret", b"changeme", os.urandom(32)):
        for kind in (sealing.SIGNATURE, sealing.SUBSCRIBER, sealing.SUPPRESSION):
            for slug in ("", "open-door"):
                for email in ALL_ADDRESSES:
                    assert blind_indexes.blind_index(key, kind, slug, email) not in stored_indexes


def test_the_service_does_not_start_without_its_keys(stolen: World) -> None:
    """There is no default key and no plain-text fallback."""
    settings = dataclasses.replace(stolen.services.settings, secrets_path="/zaklik/missing")
    services = Services(settings=settings, now=stolen.clock.now)
    for name in ("index_key", "token_keys", "mailer_public_key", "mailer_private_key"):
        with pytest.raises(MissingSecret):
            getattr(services.secrets, name)


def test_a_withdrawal_leaves_only_an_expiring_tombstone(stolen: World) -> None:
    """Elsewhere: anonymised records kept hashes, tokens and network addresses."""
    [tombstone] = [item for item in stolen.signatures() if item["state"] == "withdrawn"]

    assert set(tombstone) == {"pk", "sk", "state", "withdrawn_at", "expires_at"}
    days = tombstone["expires_at"] / 86400 - tombstone["withdrawn_at"] / 86400_000
    assert days == pytest.approx(stolen.services.settings.link_days + 1, abs=0.01)


def test_limits_and_their_keys_expire_within_two_days(stolen: World) -> None:
    limits = [
        i for i in stolen.stored_items("petitions") if i["pk"].startswith(("limit#", "limit-key"))
    ]
    now = stolen.clock.now().timestamp()

    assert len(limits) > 3
    assert all(item["expires_at"] <= now + 2 * 86400 for item in limits)


def test_without_the_key_of_the_day_limits_reveal_no_network(
    stolen: World,
) -> None:
    networks = ["198.51.100.0/24", "127.0.0.0/24"]
    hashes = {
        item["sk"]
        for item in stolen.stored_items("petitions")
        if item["pk"].startswith("limit#posts")
    }
    others = [stolen.services.secrets.index_key, b"\0" * 32]

    assert hashes
    assert not hashes & {daily_keys.keyed_hash(key, text) for key in others for text in networks}
    key = daily_keys.get_key(
        stolen.services.petitions, stolen.clock.now().date(), now=stolen.clock.now()
    )
    assert hashes & {daily_keys.keyed_hash(key, text) for text in networks}


# One key each.


def test_the_index_key_and_the_tables_only_confirm_a_known_address(
    stolen: World,
) -> None:
    """The thief gets a yes or no for an address and a petition."""
    key = stolen.services.secrets.index_key
    stored_indexes = {item["sk"] for item in stolen.stored_items("signatures")}

    def signed(email: str, slug: str = "open-door") -> bool:
        return blind_indexes.blind_index(key, sealing.SIGNATURE, slug, email) in stored_indexes

    assert signed(SIGNED)
    assert not signed(SUBSCRIBED)
    assert not signed(SIGNED, "window")
    # All indexes have one length.
    assert {len(name) for name in stored_indexes} == {32}


def test_token_keys_unseal_nothing(stolen: World) -> None:
    token_keys = stolen.services.secrets.token_keys
    derived = [token_keys.derive(key_id, p) for key_id in token_keys.keys for p in Purpose]
    sealed = [
        (bytes(item[name]), sealing.info(kind, "open-door"))
        for name, kind in (("sealed", sealing.SIGNATURE), ("sealed_address", sealing.SUBSCRIBER))
        for item in _items(stolen)
        if name in item
    ]

    assert len(sealed) >= 3
    for secret in derived:
        for ciphertext, context in sealed:
            with pytest.raises(UnsealFailed):
                unsealing.unseal(ciphertext, X25519PrivateKey.from_private_bytes(secret), context)


def test_the_mailers_key_unseals_no_signature(stolen: World) -> None:
    mailer = stolen.services.secrets.mailer_private_key
    for item in stolen.signatures():
        if "sealed" not in item:
            continue
        for kind in (sealing.SIGNATURE, sealing.SUBSCRIBER, sealing.MAIL):
            with pytest.raises(UnsealFailed):
                unsealing.unseal(bytes(item["sealed"]), mailer, sealing.info(kind, "open-door"))


def test_all_secrets_of_the_service_together_unseal_no_signature(stolen: World) -> None:
    """The organisers' private key is not stored by the service."""
    ssm = stolen.services._ssm
    path = stolen.services.settings.secrets_path
    stored = ssm.get_parameters_by_path(Path=path, Recursive=True, WithDecryption=True)
    values = {item["Name"]: item["Value"] for item in stored["Parameters"]}
    raw = stolen.organiser_key.private_bytes_raw()
    organisers = base64.b64encode(raw).decode()

    assert len(values) >= 4
    assert organisers not in json.dumps([values, stolen.environment])
    assert not any(raw.decode("latin-1") in _readable(item) for item in _items(stolen))


def test_a_removed_token_key_makes_no_valid_link(stolen: World) -> None:
    """Token keys rotate by their number."""
    removed = TokenKeys(current=200, keys={200: os.urandom(32)})
    forged = tokens.issue(removed, Purpose.BLOCK, {"slug": "open-door"}, stolen.clock.now())

    with pytest.raises(BrokenToken):
        tokens.read(
            stolen.services.secrets.token_keys, Purpose.BLOCK, forged, now=stolen.clock.now()
        )


def test_the_organisers_key_file_needs_its_passphrase() -> None:
    text = organiser_keys.new_key("correct horse battery")

    with pytest.raises(organiser_keys.WrongPassphrase):
        organiser_keys.open_key(text, "Correct horse battery")


# The mailbox of one person.


def test_links_of_one_mailbox_show_and_change_nothing_of_others(stolen: World) -> None:
    mine = stolen.ask_for_own_page(SIGNED)
    before = {i["sk"]: i for i in [*stolen.signatures(), *stolen.subscriptions()]}
    page = stolen.get(mine).body.decode()

    # The page names the organiser's address.
    assert not PERSONAL.search(page.replace("desk@example.org", ""))
    claims = tokens.read(
        stolen.services.secrets.token_keys,
        Purpose.MANAGE,
        mine.rpartition("/")[2],
        now=stolen.clock.now(),
    ).values
    stolen.post(mine, {"do": "delete"})
    after = {i["sk"]: i for i in [*stolen.signatures(), *stolen.subscriptions()]}
    changed = {sk for sk in after if after[sk] != before.get(sk)}
    assert changed <= {claims["signature"], claims["subscriber"]}
    assert claims["signature"] in changed
