"""Attacker: a forger who can write to the tables and the bucket, or alter an export.

Has no secret of ours: no key by which the service attests, and no private key. Protected: the list
of signers, and that one petition's damaged items stop nobody else.
"""

import base64
import csv
import gzip
import io
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from chalicelib.crypto import attestation, sealing
from chalicelib.crypto.sealing import SIGNATURE
from chalicelib.domain.petitions.petition import VerificationKeys
from chalicelib.store import keys
from chalicelib.store.integrity import tallies
from chalicelib.store.signatures import signature_revisions, signatures
from chalicelib.usecases.integrity import tallying
from chalicelib.usecases.petitions import statistics
from chalicelib.usecases.signatures.moderating import Moderator
from ops.keys.unsealing import spreadsheet
from ops.keys.unsealing.sealed_export import BadExport, SealedExport
from ops.keys.unsealing.spreadsheet import Unsealed
from ops.keys.unsealing.verification import Reason
from tests import builders
from tests.abuse.scenarios import post_form
from tests.ops.pseudo_terminal import zaklik
from tests.routes.requests import SLUG, post
from tests.world import World

OTHER: Final = "window"
FORGERS_SEED: Final = b"\x66" * 32
BUCKET: Final = "3f"
INDEX: Final = f"01{BUCKET}" + "0" * 30
Attribute = Mapping[str, Any]


@pytest.fixture(scope="module")
def restore(shared_world: World) -> Callable[[], None]:
    """Restores two petitions with the same organisers, with two signatures and one."""
    world = shared_world
    world.reset()
    world.publish()
    world.publish(builders.petition(slug=OTHER))
    world.sign_and_confirm(email="hanna@example.org")
    world.sign_and_confirm(email="alena@example.org")
    post_form("sign", slug=OTHER, name="Hanna", email="hanna@example.org", country="PL")
    world.deliver_all()
    post(world.link())
    world.deliver_all()
    return world.snapshot()


@pytest.fixture
def petitions(
    shared_world: World, restore: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> World:
    """The two petitions."""
    restore()
    read_used_buckets_only(shared_world, monkeypatch)
    return shared_world


def read_used_buckets_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the buckets with signatures, and BUCKET: all 256 take moto half a second."""
    used = {item["sk"][2:4] for item in world.stored_items("signatures")}
    monkeypatch.setattr(keys, "BUCKETS", tuple(sorted(used | {BUCKET})))


def trusted(world: World) -> VerificationKeys:
    """The keys that organisers trust."""
    secrets = world.services.secrets
    return VerificationKeys(
        attestation=tuple(key.raw for key in secrets.attestation_public_keys.keys),
        export=tuple(key.raw for key in secrets.export_public_keys.keys),
    )


def export(world: World, slug: str = SLUG) -> bytes:
    return world.file_of(world.run_export(slug))


def unseal(world: World, raw: bytes, folder: Path) -> tuple[Unsealed, list[str]]:
    """Unseal an export; the result, and the addresses in the spreadsheet."""
    target = folder / "signatures.csv"
    unsealed = spreadsheet.unseal(
        SealedExport(io.BytesIO(raw)), [world.organiser_key], trusted(world), target
    )
    with target.open(encoding="utf-8-sig", newline="") as file:
        return unsealed, sorted(row["email"] for row in csv.DictReader(file))


def store(world: World, slug: str, index: str, attributes: Mapping[str, Attribute]) -> None:
    """Put an item with DynamoDB's typed values into the table of signatures."""
    key = {name: {"S": value} for name, value in keys.signature(slug, index).items()}
    table = world.services.signatures
    table.client.put_item(TableName=table.name, Item={**attributes, **key})


def attributes_of(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in (keys.PK, keys.SK)}


BOTH: Final = ["alena@example.org", "hanna@example.org"]


# Signatures that nobody gave.


def _forged_seal(index: str) -> dict[str, Any]:
    """A record that the forger has sealed to the petition's public key, and attested."""
    record = {
        "name": "Nobody",
        "email": "nobody@example.org",
        "country": "PL",
        "language": "en",
        "confirmed_at": "2026-03-08T12:00:00+00:00",
    }
    context = sealing.info(SIGNATURE, SLUG, index)
    sealed = sealing.seal(record, SIGNATURE, builders.ORGANISER_KEY.public_bytes, context)
    statement = attestation.signature_statement(SLUG, index, sealed, date(2026, 3, 8))
    return {
        "state": "confirmed",
        "sealed": sealed,
        "attestation": attestation.attest(FORGERS_SEED, statement),
        "confirmed_on": "2026-03-08",
    }


def test_a_signature_that_the_service_did_not_store_is_left_out(
    petitions: World, tmp_path: Path
) -> None:
    """Everybody can seal to the petition's public key. Nobody else can attest."""
    petitions.services.signatures.put(keys.signature(SLUG, INDEX), _forged_seal(INDEX))

    unsealed, addresses = unseal(petitions, export(petitions), tmp_path)

    assert addresses == BOTH
    assert unsealed.findings == {Reason.OTHER_ATTESTER: 1}


def test_an_attestation_that_names_the_key_of_the_service_is_no_attestation(
    petitions: World, tmp_path: Path
) -> None:
    forged = _forged_seal(INDEX)
    [key] = trusted(petitions).attestation
    forged["attestation"] = sealing.key_id(key) + forged["attestation"][4:]
    petitions.services.signatures.put(keys.signature(SLUG, INDEX), forged)

    unsealed, addresses = unseal(petitions, export(petitions), tmp_path)

    assert (addresses, unsealed.findings) == (BOTH, {Reason.NOT_ATTESTED: 1})


def test_a_signature_cannot_be_copied_to_another_petition_index_or_day(
    petitions: World, tmp_path: Path
) -> None:
    table = petitions.services.signatures
    [foreign] = petitions.signatures(OTHER)
    own, other = petitions.signatures(SLUG)
    table.put(keys.signature(SLUG, foreign["sk"]), attributes_of(foreign))
    table.put(keys.signature(SLUG, INDEX), attributes_of(own))
    table.put(
        keys.signature(SLUG, other["sk"]), {**attributes_of(other), "confirmed_on": "2026-03-07"}
    )

    unsealed, addresses = unseal(petitions, export(petitions), tmp_path)

    assert len(addresses) == 1
    assert unsealed.findings == {Reason.NOT_ATTESTED: 3}


def test_a_signature_that_is_copied_to_every_bucket_counts_once(
    petitions: World, tmp_path: Path
) -> None:
    item = petitions.signatures(SLUG)[0]
    for bucket in keys.BUCKETS:
        key = {keys.PK: keys.bucket(SLUG, bucket), keys.SK: item["sk"]}
        petitions.services.signatures.put(key, attributes_of(item))
    petitions.deliver_all()

    tallying.reconcile(petitions.services, settling_seconds=0)
    unsealed, addresses = unseal(petitions, export(petitions), tmp_path)

    assert petitions.count() == 2
    assert addresses == BOTH
    assert unsealed.findings == {Reason.UNREADABLE: len(keys.BUCKETS) - 1}


def test_the_exchange_of_two_seals_is_noticed(petitions: World, tmp_path: Path) -> None:
    one, other = petitions.signatures(SLUG)
    for item, seal in ((one, other), (other, one)):
        petitions.services.signatures.put(
            keys.signature(SLUG, item["sk"]), {**attributes_of(item), "sealed": seal["sealed"]}
        )

    unsealed, addresses = unseal(petitions, export(petitions), tmp_path)

    assert (addresses, unsealed.findings) == ([], {Reason.NOT_ATTESTED: 2})


# What no attestation can show: docs/security.md says so, and so does the command.


def test_a_deleted_signature_is_not_missed(petitions: World, tmp_path: Path) -> None:
    item = petitions.signatures(SLUG)[0]
    petitions.services.signatures.delete(keys.signature(SLUG, item["sk"]))

    unsealed, addresses = unseal(petitions, export(petitions), tmp_path)

    assert (len(addresses), unsealed.refused) == (1, 0)


def test_a_withdrawn_signature_that_is_put_back_from_a_copy_is_still_attested(
    petitions: World, tmp_path: Path
) -> None:
    copies = petitions.signatures(SLUG)
    petitions.withdraw("alena@example.org")
    for item in copies:
        petitions.services.signatures.put(keys.signature(SLUG, item["sk"]), attributes_of(item))

    unsealed, addresses = unseal(petitions, export(petitions), tmp_path)

    assert (addresses, unsealed.refused) == (BOTH, 0)


# A file that was altered or made.


def test_an_export_of_the_forger_is_refused(petitions: World, tmp_path: Path) -> None:
    """A shorter list, a longer one, or all lines anew, attested by another key."""
    header, *lines, last = gzip.decompress(export(petitions)).splitlines(keepends=True)
    manifest = json.loads(json.loads(last)["manifest"])
    shorter = [header, *lines[1:]]
    text = json.dumps({**manifest, "count": 1})
    statement = attestation.manifest_statement(text.encode())
    attested = base64.b64encode(attestation.attest(FORGERS_SEED, statement)).decode()
    forged_last = json.dumps({"manifest": text, "attestation": attested}).encode() + b"\n"

    for forged in ([*shorter, forged_last], [*shorter, last], [header, *lines, lines[0], last]):
        with pytest.raises(BadExport):
            unseal(petitions, gzip.compress(b"".join(forged)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_export_of_another_petition_opens_as_that_one(petitions: World, tmp_path: Path) -> None:
    unsealed, addresses = unseal(petitions, export(petitions, OTHER), tmp_path)

    assert addresses == ["hanna@example.org"]
    assert SealedExport(io.BytesIO(export(petitions, OTHER))).header.slug == OTHER
    assert unsealed.refused == 0


# Items that no reader can read.


def _random_attributes(source: random.Random) -> dict[str, Attribute]:
    """Some attributes of a signature, with random bytes in them."""
    names = ["state", "sealed", "attestation", "confirmed_on", "country", "signals", "why"]
    return {
        name: {"B": source.randbytes(source.randint(0, 2000))}
        for name in source.sample(names, source.randint(0, len(names)))
    }


def _complete(world: World) -> dict[str, Attribute]:
    """The typed attributes of a good signature."""
    table = world.services.signatures
    key = {name: {"S": world.signatures(SLUG)[0][name]} for name in (keys.PK, keys.SK)}
    item = table.client.get_item(TableName=table.name, Key=key)["Item"]
    return {**attributes_of(item), "signals": {"L": []}, "why": {"S": "they came in one minute"}}


WRONG: Final[Sequence[Attribute]] = (
    {"S": ""},
    {"S": "x" * 2000},
    {"S": "\x1b[2J\u202e=1+1"},
    {"N": "0"},
    {"N": "-1"},
    {"N": "1.5"},
    {"N": "99999999999999999999999999999999999999"},
    {"N": "4000000000"},
    {"B": b""},
    {"B": b"\xff" * 2000},
    {"BOOL": True},
    {"NULL": True},
    {"L": []},
    {"L": [{"N": "1"}, {"S": "x"}]},
    {"L": [{"L": [{"M": {}}]}]},
    {"M": {}},
    {"M": {"state": {"S": "confirmed"}}},
    {"SS": ["confirmed"]},
    {"NS": ["1.5"]},
    {"BS": [b"x"]},
)


def _damaged_items(world: World) -> Iterator[dict[str, Attribute]]:
    """Random bytes; each attribute missing in turn; each with each wrong value."""
    source, complete = random.Random(1), _complete(world)
    for _ in range(200):
        yield _random_attributes(source)
    for name in ("state", "sealed", "attestation", "confirmed_on"):
        yield {other: value for other, value in complete.items() if other != name}
    for name in complete:
        for value in WRONG:
            yield {**complete, name: value}


def test_damaged_items_are_counted_and_named_and_stop_nothing(
    petitions: World, tmp_path: Path
) -> None:
    stored = list(_damaged_items(petitions))
    for number, attributes in enumerate(stored):
        store(petitions, SLUG, f"01{BUCKET}{number:030x}", attributes)
    petitions.deliver_all()

    repaired = tallying.reconcile(petitions.services, settling_seconds=0)
    status = statistics.status(petitions.services, SLUG)
    held = Moderator(services=petitions.services, slug=SLUG).held()
    exported = petitions.run_export(SLUG)
    unsealed, addresses = unseal(petitions, petitions.file_of(exported), tmp_path)

    assert addresses == BOTH
    # Some hold a whole signature, but under another index than its own.
    assert set(unsealed.findings) == {Reason.UNREADABLE, Reason.NOT_ATTESTED}
    assert unsealed.findings[Reason.UNREADABLE] == exported.counts["damaged"]
    assert unsealed.refused == len(stored)
    assert len(held.damaged) + held.confirmed.total() == len(stored) + 2
    assert status.tally.count == petitions.count() < len(stored)
    assert set(repaired) <= {SLUG}
    assert petitions.get(f"/en/{SLUG}").status_code == 200
    assert petitions.get("/en").status_code == 200


def test_damaged_items_of_one_petition_change_nothing_of_another(
    petitions: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, attributes in enumerate(_damaged_items(petitions)):
        store(petitions, SLUG, f"01{BUCKET}{number:030x}", attributes)
    petitions.services.petitions.put(keys.tally(SLUG), {"count": "many"})
    post_form("sign", slug=OTHER, name="Ada", email="ada@example.org", country="PL")
    petitions.deliver_all()
    post(petitions.link())
    petitions.deliver_all()
    read_used_buckets_only(petitions, monkeypatch)

    unsealed, addresses = unseal(petitions, export(petitions, OTHER), tmp_path)

    assert tallying.reconcile(petitions.services, settling_seconds=0).keys() <= {SLUG}
    assert petitions.count(OTHER) == 2
    assert (addresses, unsealed.refused) == (["ada@example.org", "hanna@example.org"], 0)


def _numbers() -> st.SearchStrategy[str]:
    whole = st.integers(-(10**37), 10**37)
    fractions = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000)
    return (whole | fractions.filter(lambda number: abs(number) < Decimal(10**30))).map(str)


attribute_values: Final = st.recursive(
    st.fixed_dictionaries({"S": st.text(max_size=40)})
    | st.fixed_dictionaries({"N": _numbers()})
    | st.fixed_dictionaries({"B": st.binary(max_size=2000)})
    | st.fixed_dictionaries({"BOOL": st.booleans()})
    | st.just({"NULL": True})
    | st.fixed_dictionaries({"SS": st.lists(st.text(min_size=1), min_size=1, unique=True)})
    | st.fixed_dictionaries({"NS": st.lists(_numbers(), min_size=1, unique=True)}),
    lambda inner: (
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"M": st.dictionaries(st.text(min_size=1), inner, max_size=3)})
    ),
    max_leaves=5,
)
many_examples: Final = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_commands_name_damaged_items_and_go_on(
    petitions: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that a forger writes steers the operator's terminal."""
    for name, value in petitions.environment.items():
        monkeypatch.setenv(name, value)
    hostile = "x\x1b[2J[link=https://evil.example]\u202e"
    complete = _complete(petitions)
    store(petitions, SLUG, f"01{BUCKET}\x1b[2J", {"state": {"S": "confirmed"}})
    store(petitions, SLUG, INDEX, {**complete, "state": {"S": "held"}, "why": {"S": hostile}})
    petitions.deliver_all()

    for words in (("petition", "status"), ("signature", "held")):
        result = zaklik(*words, SLUG)
        assert result.exit_code == 0
        assert "1 item of the table cannot be read as a signature" in result.stderr
        assert f"  01{BUCKET}\N{REPLACEMENT CHARACTER}[2J" in result.stdout
        assert "1 signature held" in result.stdout
        assert not {"\x1b", "\u202e"} & set(result.output)


@many_examples
@given(
    name=st.sampled_from(
        [
            *("state", "sealed", "attestation", "confirmed_on", "country"),
            *("signals", "why", "revision"),
        ]
    ),
    value=attribute_values,
)
def test_no_value_of_an_attribute_stops_a_reader(
    petitions: World, name: str, value: Attribute
) -> None:
    # A withdrawn signature is no damaged one.
    assume(value != {"S": "withdrawn"})
    store(petitions, SLUG, INDEX, {**_complete(petitions), name: value})
    table = petitions.services.signatures

    count = signatures.count_in(table, SLUG, BUCKET)
    [exported] = signatures.sealed_in(table, SLUG, BUCKET)
    [summary] = signatures.summaries_in(table, SLUG, BUCKET)
    signature_revisions.revisions_of(table, SLUG, [INDEX])
    petitions.deliver_all()

    assert (exported.index, summary.index) == (INDEX, INDEX)
    assert sum(count.confirmed.values()) + count.damaged <= 1


@many_examples
@given(
    name=st.sampled_from(
        [
            *("count", "repairs", "country#PL", "country#", "country#zz", "fence#x", "other"),
            *("public_count", "public_countries", "public_since", "public_looked_at"),
        ]
    ),
    value=attribute_values,
)
@example(name="count", value={"N": "1.5"})
@example(name="count", value={"BOOL": True})
@example(name="country#PL", value={"S": "40"})
@example(name="fence#x", value={"S": "7@99999999999999999999"})
@example(name="fence#x", value={"S": "7@"})
@example(name="public_countries", value={"M": {"PL": {"S": "40"}}})
@example(name="public_looked_at", value={"N": "99999999999999999999"})
def test_no_value_in_a_tally_stops_the_page_the_stream_or_the_repair(
    petitions: World, name: str, value: Attribute
) -> None:
    table = petitions.services.petitions
    key = {part: {"S": text} for part, text in keys.tally(SLUG).items()}
    table.client.put_item(TableName=table.name, Item={**key, name: value})

    assert petitions.get(f"/en/{SLUG}").status_code == 200
    assert statistics.status(petitions.services, SLUG).tally.slug == SLUG
    tallying.reconcile(petitions.services, settling_seconds=0)
    tally = tallies.get(table, SLUG)
    assert (tally.count, dict(tally.countries)) == (2, {"PL": 2})


def test_the_stream_counts_on_when_a_tally_is_damaged(
    petitions: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    petitions.services.petitions.put(keys.tally(SLUG), {"count": "many", "fence#s": 7})

    petitions.sign_and_confirm(email="ada@example.org")

    assert petitions.count() == 1
    read_used_buckets_only(petitions, monkeypatch)
    tallying.reconcile(petitions.services, settling_seconds=0)
    assert petitions.count() == 3


@pytest.mark.parametrize("pk", ["open-door", "#3f", "Open Door#3f", "#", "open-door#40"])
def test_the_stream_counts_on_past_an_item_in_no_partition_of_ours(
    petitions: World, pk: str
) -> None:
    petitions.services.signatures.put(
        {keys.PK: pk, keys.SK: INDEX}, {"state": "confirmed", "country": "PL"}
    )

    petitions.sign_and_confirm(email="ada@example.org")

    assert petitions.count() == 3
