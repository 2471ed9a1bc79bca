"""The export: the sealed file of confirmed signatures, attested by the exporter."""

import base64
import gzip
import io
import json
from typing import Any

import pytest

from chalicelib.crypto import attestation
from chalicelib.crypto.sealing import SIGNATURE, info
from chalicelib.crypto.unsealing import unseal
from chalicelib.domain.errors import NotFound
from chalicelib.store import keys
from chalicelib.usecases.exports import exporting
from chalicelib.usecases.exports.exporting import MAX_NAMED, Export
from tests import builders
from tests.sealed_exports import digest_of
from tests.world import World

SLUG = "open-door"
KEYS = [{"public_key": "AAAA", "wraps": []}]


def export(world: World) -> tuple[Export, list[bytes]]:
    """Export the usual petition; the result, and the lines of the file."""
    file = io.BytesIO()
    exported = exporting.export(world.services, SLUG, file, petition_keys=KEYS)
    return exported, gzip.decompress(file.getvalue()).splitlines(keepends=True)


def manifest_of(lines: list[bytes]) -> dict[str, Any]:
    return dict(json.loads(json.loads(lines[-1])["manifest"]))


def damage(world: World, number: int) -> str:
    """Store an item that is no signature; its blind index."""
    index = f"01{number:032x}"
    world.services.signatures.put(keys.signature(SLUG, index), {"state": "confirmed"})
    return index


def test_the_export_holds_every_confirmed_signature_sealed(world: World) -> None:
    for number in range(5):
        world.sign_and_confirm(email=f"s{number}@example.org")

    exported, lines = export(world)

    assert (exported.count, exported.held, exported.damaged) == (5, 0, 0)
    assert len(lines) == 7
    assert json.loads(lines[0]) == {
        "format": "zaklik-export/1",
        "petition": SLUG,
        "exported_at": "2026-03-08T12:00:00+00:00",
        "keys": KEYS,
    }
    assert b"example.org" not in b"".join(lines)


def test_the_organisers_key_unseals_every_line(world: World) -> None:
    world.sign_and_confirm(email="hanna@example.org")

    _, [_, line, _] = export(world)
    values = json.loads(line)
    context = info(SIGNATURE, SLUG, values["index"])
    opened = unseal(base64.b64decode(values["sealed"]), [builders.ORGANISER_KEY], context)

    assert opened["email"] == "hanna@example.org"


def test_the_lines_are_in_the_order_of_buckets_and_indexes(world: World) -> None:
    for number in range(12):
        world.sign_and_confirm(email=f"s{number}@example.org")

    _, [_, *lines, _] = export(world)

    indexes = [json.loads(line)["index"] for line in lines]
    assert indexes == sorted(indexes, key=lambda index: (index[2:4], index))


def test_the_manifest_names_the_lines_and_is_attested(world: World) -> None:
    world.sign_and_confirm()

    _, lines = export(world)

    text = json.loads(lines[-1])["manifest"]
    attested = base64.b64decode(json.loads(lines[-1])["attestation"])
    [key] = world.services.secrets.export_public_keys.keys
    assert attestation.is_attested(
        attestation.manifest_statement(text.encode()), attested, [key.raw]
    )
    assert json.loads(text) == {
        "petition": SLUG,
        "count": 1,
        "held": 0,
        "damaged": 0,
        "sha256": digest_of(lines[:-1]).hex(),
    }


def test_withdrawn_and_held_signatures_are_not_exported(world: World) -> None:
    world.sign_and_confirm(email="stays@example.org")
    world.sign_and_confirm(email="program@example.org", website="https://buy.example")
    world.sign_and_confirm(email="goes@example.org")
    world.withdraw("goes@example.org")

    exported, lines = export(world)

    assert (exported.count, exported.held, len(lines)) == (1, 1, 3)
    assert manifest_of(lines)["held"] == 1


def test_the_export_without_signatures_has_a_manifest(world: World) -> None:
    _, lines = export(world)

    assert len(lines) == 2
    assert manifest_of(lines)["count"] == 0


def test_damaged_items_are_named_in_the_file_and_stop_no_other(world: World) -> None:
    world.sign_and_confirm()
    damaged = [damage(world, number) for number in range(1, 2 * MAX_NAMED)]

    exported, [_, *lines, _] = export(world)

    assert (exported.count, exported.damaged) == (1, len(damaged))
    assert exported.named == damaged[:MAX_NAMED]
    values = [json.loads(line) for line in lines]
    assert [line["damaged"] for line in values if "damaged" in line] == damaged
    assert len([line for line in values if "sealed" in line]) == 1


def test_a_copy_in_another_partition_is_damaged(world: World) -> None:
    """Otherwise one signature could be exported, and counted, 256 times."""
    world.sign_and_confirm()
    [item] = world.signatures()
    other = next(bucket for bucket in keys.BUCKETS if not item["pk"].endswith(bucket))
    copy = {name: value for name, value in item.items() if name not in ("pk", "sk")}
    world.services.signatures.put({"pk": keys.bucket(SLUG, other), "sk": item["sk"]}, copy)

    exported, _ = export(world)

    assert (exported.count, exported.damaged, exported.named) == (1, 1, [item["sk"]])


def test_progress_is_reported_for_every_bucket(world: World) -> None:
    progress: list[tuple[int, int]] = []
    world.sign_and_confirm()

    exporting.export(
        world.services,
        SLUG,
        io.BytesIO(),
        petition_keys=KEYS,
        progress=lambda buckets, count: progress.append((buckets, count)),
    )

    assert [buckets for buckets, _ in progress] == list(range(1, 257))
    assert progress[-1] == (256, 1)


def test_a_petition_that_does_not_exist_cannot_be_exported(world: World) -> None:
    with pytest.raises(NotFound):
        exporting.export(world.services, "no-such-door", io.BytesIO(), petition_keys=KEYS)
