"""The export: the sealed file of confirmed signatures, attested by the exporter, made in slices."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.s3 import models as moto_s3

from chalicelib.crypto import attestation, petition_key_files, section_digest
from chalicelib.crypto.sealing import SIGNATURE, info
from chalicelib.crypto.unsealing import unseal
from chalicelib.domain.organisers.jobs import Job, JobState
from chalicelib.store import export_files, keys
from chalicelib.usecases.exports import exporting, ordering
from chalicelib.usecases.exports.packing import MAX_NAMED
from ops.local import moto_internals
from tests import builders
from tests.faults import AwsCalls, Crash, Fault, intercepted, lagging_replica, recorded
from tests.ops import folders
from tests.sealed_exports import digest_of
from tests.world import World

SLUG = "open-door"
SIGNERS = 7
CALLS = ("dynamodb.Query", "s3.UploadPart", "s3.CompleteMultipartUpload", "dynamodb.PutItem")


def lines_of(world: World, job: Job) -> list[bytes]:
    """The lines of an export's file."""
    return gzip.decompress(world.file_of(job)).splitlines(keepends=True)


def export(world: World) -> tuple[Job, list[bytes]]:
    """Export the usual petition; its job, and the lines of the file."""
    job = world.run_export()
    assert job.state is JobState.DONE, job.detail
    return job, lines_of(world, job)


def manifest_of(lines: list[bytes]) -> dict[str, Any]:
    return dict(json.loads(json.loads(lines[-1])["manifest"]))


def addresses(lines: list[bytes]) -> set[str]:
    """The addresses that the organisers read in a file."""
    opened = set()
    for line in lines[1:-1]:
        values = json.loads(line)
        context = info(SIGNATURE, SLUG, values["index"])
        seal = base64.b64decode(values["sealed"])
        opened.add(unseal(seal, [builders.ORGANISER_KEY], context)["email"])
    return opened


def damage(world: World, number: int) -> str:
    """Store an item that is no signature; its blind index."""
    index = f"01{number:032x}"
    world.services.signatures.put(keys.signature(SLUG, index), {"state": "confirmed"})
    return index


def run_slices(world: World, job: Job, count: int) -> None:
    """Run some slices of an export."""
    for _ in range(count):
        exporting.run_slice(world.services, job.slug, job.id)


def bucket_is_empty() -> bool:
    """Whether neither a file nor an upload is in the bucket of exports."""
    return not any(
        [*bucket.keys.values(), *bucket.multiparts] for bucket in moto_internals._buckets().values()
    )


@pytest.fixture(scope="module")
def signed(shared_world: World) -> Callable[[], None]:
    """A function that brings back a petition with some signatures and no export."""
    shared_world.reset()
    shared_world.publish()
    for number in range(SIGNERS):
        shared_world.sign_and_confirm(email=f"s{number}@example.org")
    return shared_world.snapshot()


@pytest.fixture
def sliced(
    shared_world: World, signed: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """Parts of two lines, and a slice for every two steps."""
    signed()
    monkeypatch.setattr(section_digest, "SECTION_LINES", 2)
    monkeypatch.setattr(export_files, "MIN_PART_BYTES", 0)
    monkeypatch.setattr(moto_s3, "S3_UPLOAD_PART_MIN_SIZE", 0)
    used = {item["sk"][2:4] for item in shared_world.signatures()}
    monkeypatch.setattr(keys, "BUCKETS", tuple(sorted(used)))
    monkeypatch.setattr(exporting, "PARTS", len(used))
    client = shared_world.services.organisers.client
    with intercepted(
        client, "after-call.dynamodb.PutItem", lambda **_: shared_world.clock.advance(seconds=8)
    ):
        yield shared_world


# The file.


def test_the_export_holds_every_confirmed_signature_sealed(world: World) -> None:
    for number in range(5):
        world.sign_and_confirm(email=f"s{number}@example.org")

    job, lines = export(world)

    assert job.counts == {"signatures": 5, "held": 0, "damaged": 0}
    assert len(lines) == 7
    assert json.loads(lines[0]) == {
        "format": "zaklik-export/1",
        "petition": SLUG,
        "exported_at": "2026-03-08T12:00:00+00:00",
        "keys": petition_key_files.to_values(folders.KEYS),
    }
    assert b"example.org" not in b"".join(lines)
    assert addresses(lines) == {f"s{number}@example.org" for number in range(5)}


def test_the_lines_are_in_the_order_of_buckets_and_indexes(sliced: World) -> None:
    _, [_, *lines, _] = export(sliced)

    indexes = [json.loads(line)["index"] for line in lines]
    assert len(indexes) == SIGNERS
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

    job, lines = export(world)

    assert (job.counts["signatures"], job.counts["held"], len(lines)) == (1, 1, 3)
    assert manifest_of(lines)["held"] == 1


def test_the_export_without_signatures_has_a_manifest(world: World) -> None:
    _, lines = export(world)

    assert len(lines) == 2
    assert manifest_of(lines)["count"] == 0


def test_damaged_items_are_named_in_the_file_and_stop_no_other(world: World) -> None:
    world.sign_and_confirm()
    damaged = [damage(world, number) for number in range(1, 2 * MAX_NAMED)]

    job, [_, *lines, _] = export(world)

    assert (job.counts["signatures"], job.counts["damaged"]) == (1, len(damaged))
    assert job.checkpoint["packed"]["named"] == damaged[:MAX_NAMED]
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

    job, _ = export(world)

    assert (job.counts["signatures"], job.counts["damaged"]) == (1, 1)


# Slices.


def test_many_slices_make_one_file_as_one_slice_does(sliced: World) -> None:
    with recorded(AwsCalls()) as calls:
        job, lines = export(sliced)

    assert calls.made.count("s3.UploadPart") > 3
    assert calls.made.count("sqs.SendMessage") > 3
    assert addresses(lines) == {f"s{number}@example.org" for number in range(SIGNERS)}
    assert job.done_parts == len(keys.BUCKETS)


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("call", [*CALLS, "s3.CreateMultipartUpload", "sqs.SendMessage"])
def test_an_export_goes_on_after_any_fault_of_any_call(
    sliced: World, call: str, fault: Fault
) -> None:
    job = sliced.start_export()
    with recorded(AwsCalls(at=call, fault=fault)) as calls:
        for _ in range(60):
            try:
                handled = sliced.deliver_messages()
            except Crash:
                handled = 1
            sliced.make_messages_visible()
            if not handled and sliced.is_idle():
                break

    assert calls.at == -1, "the fault did not happen"
    done = ordering.get(sliced.services, SLUG, job.id)
    assert done.state is JobState.DONE, done.detail
    assert addresses(lines_of(sliced, done)) == {f"s{n}@example.org" for n in range(SIGNERS)}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("turn", [0, 2])
def test_of_two_workers_at_once_one_makes_the_file(sliced: World, call: str, turn: int) -> None:
    """The second runs at some call of the first one, from its beginning to its end."""
    job = sliced.start_export()
    seen: list[str] = []

    def meanwhile(**_: Any) -> None:
        seen.append(call)
        if len(seen) == turn + 1:
            run_slices(sliced, job, 20)

    service, operation = call.split(".")
    client = {
        "dynamodb": sliced.services.organisers.client,
        "s3": sliced.services.export_files.client,
    }[service]
    with intercepted(client, f"before-call.{service}.{operation}", meanwhile):
        sliced.deliver_all()

    done = ordering.get(sliced.services, SLUG, job.id)
    assert done.state is JobState.DONE
    assert addresses(lines_of(sliced, done)) == {f"s{n}@example.org" for n in range(SIGNERS)}


def test_who_asks_again_lets_the_open_export_go_on(sliced: World) -> None:
    lost = sliced.start_export()
    moto_internals.messages_of(moto_internals.queues()["zaklik-exports.fifo"]).clear()

    job = sliced.run_export()

    assert job.id == lost.id
    assert job.state is JobState.DONE


def test_a_message_that_comes_twice_changes_nothing(sliced: World) -> None:
    job, _ = export(sliced)

    exporting.run_slice(sliced.services, SLUG, job.id)
    sliced.deliver_all()

    assert ordering.get(sliced.services, SLUG, job.id) == job


@pytest.mark.parametrize("operation", ["UploadPart", "CompleteMultipartUpload"])
def test_a_lost_upload_ends_the_export_and_says_so(sliced: World, operation: str) -> None:
    def lost(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "NoSuchUpload"}}, operation)

    job = sliced.start_export()
    with intercepted(sliced.services.export_files.client, f"before-call.s3.{operation}", lost):
        sliced.deliver_all()

    ended = ordering.get(sliced.services, SLUG, job.id)
    assert ended.state is JobState.FAILED
    assert "Start another export" in ended.detail
    assert bucket_is_empty()


def refusing(code: str) -> Callable[..., None]:
    """A handler by which S3 refuses a call."""

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code}}, "CreateMultipartUpload")

    return refuse


def test_an_upload_that_is_not_allowed_is_the_operators_to_mend(sliced: World) -> None:
    job, client = sliced.start_export(), sliced.services.export_files.client
    with intercepted(client, "before-call.s3.CreateMultipartUpload", refusing("AccessDenied")):
        sliced.deliver_messages()

    ended = ordering.get(sliced.services, SLUG, job.id)
    assert ended.state is JobState.FAILED
    assert "The operator finds it" in ended.detail


def test_an_upload_for_which_s3_has_waited_too_long_is_made_again(sliced: World) -> None:
    job, client = sliced.start_export(), sliced.services.export_files.client
    with intercepted(client, "before-call.s3.UploadPart", refusing("RequestTimeout")):
        sliced.deliver_messages()
    sliced.make_messages_visible()
    sliced.deliver_all()

    assert ordering.get(sliced.services, SLUG, job.id).state is JobState.DONE


def test_an_error_ends_the_export_and_leaves_nothing_in_the_bucket(
    sliced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = sliced.start_export()
    with monkeypatch.context() as patch:
        patch.setattr(exporting, "_attested", lambda *_: {"manifest": object()})
        for _ in range(20):
            sliced.deliver_messages()
            sliced.make_messages_visible()

    ended = ordering.get(sliced.services, SLUG, job.id)
    assert ended.state is JobState.FAILED
    assert "run-export" in ended.detail
    assert bucket_is_empty()


@pytest.mark.parametrize("slices", [0, 1, 3])
def test_a_cancelled_export_leaves_nothing_in_the_bucket(sliced: World, slices: int) -> None:
    job = sliced.start_export()
    run_slices(sliced, job, slices)

    ended = ordering.cancel(sliced.services, SLUG, job.id)
    sliced.deliver_all()

    assert ended.state is JobState.CANCELLED
    assert bucket_is_empty()


def test_an_export_holds_what_was_shared_just_before(world: World) -> None:
    job = world.start_export()

    with lagging_replica(world.services.petitions.client, keys.petition_key_file(SLUG)):
        world.deliver_all()

    assert ordering.get(world.services, SLUG, job.id).state is JobState.DONE


def test_an_export_without_a_key_file_is_not_made(world: World) -> None:
    job = world.start_export()
    world.services.petitions.delete(keys.petition_key_file(SLUG))
    world.deliver_all()

    ended = ordering.get(world.services, SLUG, job.id)
    assert ended.state is JobState.FAILED
    assert "Publish the petition again" in ended.detail
    assert bucket_is_empty()
