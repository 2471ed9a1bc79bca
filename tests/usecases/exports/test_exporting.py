"""The export: the sealed file of confirmed signatures."""

import base64
import gzip
import io
import json
from typing import Any

import pytest

from chalicelib.crypto.sealing import SIGNATURE, info
from chalicelib.crypto.unsealing import unseal
from chalicelib.domain.errors import NotFound
from chalicelib.usecases.exports import exporting
from tests import builders
from tests.world import World


def lines_of(world: World) -> list[dict[str, Any]]:
    file = io.BytesIO()
    exporting.export(world.services, "open-door", file)
    return [json.loads(line) for line in gzip.decompress(file.getvalue()).splitlines()]


def test_the_export_holds_every_confirmed_signature_sealed(world: World) -> None:
    for number in range(5):
        world.sign_and_confirm(email=f"s{number}@example.org")

    head, *sealed, manifest = lines_of(world)

    assert head["petition"] == "open-door"
    assert manifest["count"] == len(sealed) == 5
    assert "example.org" not in json.dumps(sealed)


def test_the_organisers_key_unseals_every_line(world: World) -> None:
    world.sign_and_confirm(email="hanna@example.org")

    _, sealed, _ = lines_of(world)
    opened = json.loads(
        unseal(
            base64.b64decode(sealed["sealed"]),
            builders.ORGANISER_KEY,
            info(SIGNATURE, "open-door"),
        )
    )

    assert opened["email"] == "hanna@example.org"


def test_withdrawn_signatures_are_not_exported(world: World) -> None:
    world.sign_and_confirm(email="stays@example.org")
    world.sign_and_confirm(email="goes@example.org")
    world.withdraw("goes@example.org")

    _, *sealed, manifest = lines_of(world)

    assert len(sealed) == manifest["count"] == 1


def test_the_export_without_signatures_has_a_manifest(world: World) -> None:
    head, manifest = lines_of(world)

    assert head["format"] == exporting.FORMAT
    assert manifest["count"] == 0


def test_progress_is_reported_for_every_bucket(world: World) -> None:
    progress: list[tuple[int, int]] = []
    world.sign_and_confirm()

    exporting.export(
        world.services,
        "open-door",
        io.BytesIO(),
        progress=lambda buckets, count: progress.append((buckets, count)),
    )

    assert [buckets for buckets, _ in progress] == list(range(1, 257))
    assert progress[-1] == (256, 1)


def test_a_petition_that_does_not_exist_cannot_be_exported(world: World) -> None:
    with pytest.raises(NotFound):
        exporting.export(world.services, "no-such-door", io.BytesIO())
