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

from chalicelib.crypto import sealing, tokens, unsealing
from chalicelib.crypto.keyring import Keyring, RingKey
from chalicelib.crypto.tokens import Purpose
from chalicelib.crypto.unsealing import PrivateKey, UnsealFailed
from chalicelib.domain.errors import BrokenToken
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.subscriber import Frequency
from chalicelib.people import blind_indexes
from chalicelib.store import keys, preferences
from chalicelib.store.limits import daily_keys
from chalicelib.store.secrets import MissingSecret
from chalicelib.usecases.alerts import starting
from chalicelib.wiring import Services
from ops.keys import organiser_keys
from tests.abuse.scenarios import ALL_ADDRESSES, SIGNED, SUBSCRIBED, prepare_every_status
from tests.world import TABLES, World

PERSONAL = re.compile(
    r"alena|darya|iryna|maria|nadia|sonia|example\.org|Ганна|198\.51", re.IGNORECASE
)
HEX_INDEX = re.compile(r"[0-9a-f]{34}")


@pytest.fixture(scope="module")
def stolen(shared_world: World) -> World:
    """A petition with an address of every status, a sent alert, and a day of forms.

    One subscriber has changed the frequency after the alert.
    """
    shared_world.reset()
    shared_world.publish()
    prepare_every_status(shared_world)
    starting.start_update(shared_world.services, shared_world.publish_update().id)
    shared_world.deliver_all()
    services = shared_world.services
    assert preferences.save(
        services.subscribers,
        services.petitions,
        "open-door",
        blind_indexes.subscriber_index(services, "open-door", email_address.parse(SUBSCRIBED)),
        language="en",
        frequency=Frequency.WEEKLY,
    )
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
        *("state", "sealed", "attestation", "country", "confirmed_on"),
        *("why", "revision"),
        *("withdrawn_at", "expires_at"),
    }
    assert unsealed["subscribers"] == {
        *("state", "sealed_address", "sealed_to", "language", "frequency", "ways"),
        *("subscribed_on", "unsubscribed_at", "expires_at"),
        *("reason", "since"),
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
        item["sk"] for item in stolen.stored_items("limits") if item["pk"].startswith("limit#")
    }

    assert all(indexes.values())
    assert indexes["signatures"].isdisjoint(indexes["subscribers"])
    assert limit_indexes.isdisjoint(indexes["signatures"] | indexes["subscribers"])


def test_a_known_address_cannot_be_looked_up_without_the_index_key(
    stolen: World,
) -> None:
    """Elsewhere: a hash without a key, or with a default key, can be computed by anybody.

    The salts are in a table, so the thief has them.
    """
    stored_indexes = {item["sk"] for item in _items(stolen)}
    salts = [item["salt"] for item in stolen.stored_items("limits") if "salt" in item]
    for root in (b"", b"\0" * 32, b"secret", b"changeme", os.urandom(32)):
        for key in [root, *(blind_indexes.petition_key(root, salt) for salt in salts)]:
            for kind in ("signature", "subscriber", "suppression"):
                for email in ALL_ADDRESSES:
                    index = blind_indexes.blind_index(1, key, kind, email)
                    assert index not in stored_indexes


SECRETS = (
    *("index_keys", "token_keys", "permanent_token_keys", "job_keys", "limit_peppers"),
    *("attestation_keys", "mailer_public_keys", "mailer_private_keys"),
)


def test_the_service_does_not_start_without_its_keys(stolen: World) -> None:
    """There is no default key and no plain-text fallback."""
    settings = dataclasses.replace(stolen.services.settings, secrets_path="/zaklik/missing")
    services = Services(settings=settings, now=stolen.clock.now)
    for name in SECRETS:
        with pytest.raises(MissingSecret):
            getattr(services.secrets, name)


def test_a_withdrawal_leaves_only_an_expiring_tombstone(stolen: World) -> None:
    """Elsewhere: anonymised records kept hashes, tokens and network addresses."""
    [tombstone] = [item for item in stolen.signatures() if item["state"] == "withdrawn"]

    assert set(tombstone) == {"pk", "sk", "state", "withdrawn_at", "expires_at"}
    days = tombstone["expires_at"] / 86400 - tombstone["withdrawn_at"] / 86400_000
    assert days == pytest.approx(stolen.services.settings.link_days + 1, abs=0.01)


def test_limits_and_their_values_expire_within_two_days(stolen: World) -> None:
    limits = [i for i in stolen.stored_items("limits") if i["pk"].startswith("limit")]
    now = stolen.clock.now().timestamp()

    assert len(limits) > 3
    assert all(item["expires_at"] <= now + 2 * 86400 for item in limits)


def test_the_tables_of_noon_do_not_say_who_was_mailed_and_from_where(stolen: World) -> None:
    """Elsewhere: the key of a hash lies beside it, and all networks are tried in a minute.

    The thief has every table as it is in the middle of a day, the value of the day among them.
    """
    networks = ["198.51.100.0/24", "127.0.0.0/24", "2001:db8:7:7::/64"]
    hashes = {i["sk"] for i in stolen.stored_items("limits") if i["pk"].startswith("limit#")}
    in_tables = [
        value for item in _items(stolen) for value in item.values() if isinstance(value, bytes)
    ]
    tried = [b"", bytes(32), *in_tables]
    tried += [daily_keys.peppered(pepper, value) for value in in_tables for pepper in (b"", value)]
    keyed = {daily_keys.keyed_hash(k, text) for k in tried for text in (*networks, *ALL_ADDRESSES)}

    assert not hashes & keyed
    # With the pepper from Parameter Store the same attack succeeds, until the value expires.
    pepper = stolen.services.secrets.limit_peppers[1]
    values = [i["value"] for i in stolen.stored_items("limits") if i["pk"] == "limit-value"]
    with_pepper = {
        daily_keys.keyed_hash(daily_keys.peppered(pepper, value), text)
        for value in values
        for text in (*networks, *ALL_ADDRESSES)
    }
    assert hashes & with_pepper


# Lengths and times.


def test_no_length_says_who_is_in_a_table(stolen: World) -> None:
    """Elsewhere: a sealed text is as long as its address, and excludes everybody else."""
    lengths: dict[str, set[int]] = {}
    for table in ("signatures", "subscribers"):
        for item in stolen.stored_items(table):
            for name, value in item.items():
                if isinstance(value, bytes):
                    lengths.setdefault(name, set()).add(len(value))

    assert {name: len(found) for name, found in lengths.items()} == {
        "sealed": 1,
        "attestation": 1,
        "sealed_address": 1,
        "sealed_to": 1,
    }


def test_no_table_of_people_holds_the_moment_of_an_act(stolen: World) -> None:
    """Elsewhere: the millisecond of a signature is compared with a recording of a network.

    A tombstone has two moments until it expires: an older link must not restore the record.
    """
    for item in [*stolen.stored_items("signatures"), *stolen.stored_items("subscribers")]:
        numbers = {name for name, value in item.items() if isinstance(value, int | float)}
        moments = numbers - {"revision"}
        ended = item.get("state") in ("withdrawn", "unsubscribed")
        assert moments <= ({"withdrawn_at", "unsubscribed_at", "expires_at"} if ended else set())
        days = [item.get(name) for name in ("confirmed_on", "subscribed_on", "since")]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days if day)


def test_a_deleted_salt_makes_backups_mute(stolen: World) -> None:
    """All keys of the service and a backup of all tables with recovery say nothing any more."""
    restore = stolen.snapshot()
    backup = {i["sk"] for i in [*stolen.signatures(), *stolen.subscriptions()]}
    stolen.services.limits.delete(keys.index_salt("open-door"))
    stolen.restart()

    # The service knows no other way to an index than this, whatever it is told.
    indexes = {
        index
        for email in ALL_ADDRESSES
        for index in dataclasses.astuple(
            blind_indexes.indexes_of(stolen.services, "open-door", email_address.parse(email))
        )[1:3]
    }
    restore()

    assert backup
    assert not backup & indexes


# One key each.


def test_the_index_key_and_the_tables_only_confirm_a_known_address(
    stolen: World,
) -> None:
    """The thief gets a yes or no for an address and a petition."""
    root = stolen.services.secrets.index_keys[1]
    salts = {i["sk"]: i["salt"] for i in stolen.stored_items("limits") if "salt" in i}
    stored_indexes = {item["sk"] for item in stolen.stored_items("signatures")}

    def signed(email: str, salt: bytes) -> bool:
        key = blind_indexes.petition_key(root, salt)
        return blind_indexes.blind_index(1, key, "signature", email) in stored_indexes

    assert signed(SIGNED, salts["open-door"])
    assert not signed(SUBSCRIBED, salts["open-door"])
    assert not signed(SIGNED, os.urandom(32))
    # All indexes have one length.
    assert {len(name) for name in stored_indexes} == {34}


def test_token_keys_unseal_nothing(stolen: World) -> None:
    secrets = stolen.services.secrets
    raw = [
        key.raw for ring in (secrets.token_keys, secrets.permanent_token_keys) for key in ring.keys
    ]
    derived = [tokens.derive(key, purpose) for key in raw for purpose in Purpose]
    sealed = [
        (item[name], sealing.info(kind, "open-door", item["sk"]))
        for name, kind in (("sealed", sealing.SIGNATURE), ("sealed_address", sealing.SUBSCRIBER))
        for item in _items(stolen)
        if name in item
    ]

    assert len(sealed) >= 3
    for secret in [*raw, *derived]:
        for ciphertext, context in sealed:
            with pytest.raises(UnsealFailed):
                unsealing.unseal(ciphertext, [PrivateKey(secret)], context)


def test_the_mailers_key_unseals_no_signature(stolen: World) -> None:
    for item in stolen.signatures():
        if "sealed" not in item:
            continue
        for kind in (sealing.SIGNATURE, sealing.SUBSCRIBER, sealing.MAIL):
            context = sealing.info(kind, "open-door", item["sk"])
            with pytest.raises(UnsealFailed):
                unsealing.unseal(item["sealed"], stolen.services.mailer_keys, context)


def test_the_key_of_expiring_links_makes_no_permanent_one(stolen: World) -> None:
    """The function that mails alerts has only the keys of links that never expire."""
    secrets, now = stolen.services.secrets, stolen.clock.now()
    claims = {"slug": "open-door", "email": SIGNED}
    expiring = tokens.issue(secrets.token_keys, Purpose.BLOCK, claims, now)
    permanent = tokens.issue(secrets.permanent_token_keys, Purpose.CONFIRM_SIGNATURE, claims, now)

    assert stolen.post(f"/en/block/{expiring}", {}).status_code == 404
    assert stolen.post(f"/en/confirm/{permanent}", {}).status_code == 404


def test_all_secrets_of_the_service_together_unseal_no_signature(stolen: World) -> None:
    """The organisers' private key is not stored by the service."""
    ssm = stolen.services._ssm
    path = stolen.services.settings.secrets_path
    stored = ssm.get_parameters_by_path(Path=path, Recursive=True, WithDecryption=True)
    values = {item["Name"]: item["Value"] for item in stored["Parameters"]}
    raw = stolen.organiser_key.seed
    organisers = base64.b64encode(raw).decode()

    assert len(values) >= 4
    assert organisers not in json.dumps([values, stolen.environment])
    assert not any(raw.decode("latin-1") in _readable(item) for item in _items(stolen))


def test_a_removed_token_key_makes_no_valid_link(stolen: World) -> None:
    """Token keys rotate by their number."""
    key = RingKey(id=200, raw=os.urandom(32), used_from=stolen.clock.now())
    removed = Keyring(keys=(key,))
    forged = tokens.issue(removed, Purpose.BLOCK, {"slug": "open-door"}, stolen.clock.now())

    with pytest.raises(BrokenToken):
        tokens.read(
            stolen.services.secrets.permanent_token_keys,
            Purpose.BLOCK,
            forged,
            now=stolen.clock.now(),
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

    # The page names the organiser's address, and all countries.
    own = re.sub(r"<option.*?</option>", "", page).replace("desk@example.org", "")
    assert not PERSONAL.search(own)
    mine_alone = blind_indexes.indexes_of(stolen.services, "open-door", email_address.parse(SIGNED))
    stolen.post(mine, {"do": "delete"})
    after = {i["sk"]: i for i in [*stolen.signatures(), *stolen.subscriptions()]}
    changed = {sk for sk in after if after[sk] != before.get(sk)}
    assert changed <= {mine_alone.signature, mine_alone.subscriber}
    assert mine_alone.signature in changed
