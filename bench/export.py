"""Exports of 10,000 and 100,000 signatures, with --full of a million: time, memory, slices.

The signatures come page by page from a client that answers as DynamoDB and S3 do, without holding
them in memory: `python -m bench.export`. Jobs, queue and secrets are moto's. Each size runs in a
process of its own, because the most memory that one has held cannot be reset.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import IO, Any, Final

from botocore.client import BaseClient

from bench.instruments import call_recorder, capacity_units, moto_service
from bench.instruments.call_recorder import Arguments
from bench.instruments.reporting import figure, table
from chalicelib.crypto import attestation, sealing
from chalicelib.crypto.attestation import ATTESTATION_BYTES
from chalicelib.crypto.sealing import SIGNATURE
from chalicelib.domain.organisers.jobs import Job
from chalicelib.store import keys
from chalicelib.store.petitions import petitions
from chalicelib.usecases.exports import exporting, ordering
from tests.world import World

SIZES: Final = (10_000, 100_000)
FULL_SIZE: Final = 1_000_000
STORED_BYTES: Final = SIGNATURE.sealed_bytes + ATTESTATION_BYTES
DAY: Final = date(2026, 3, 8)
STORED: Final = 1000
"""Signatures that are sealed; a larger table holds them again under other indexes."""
PEER: Final = "Pytition, 500,000 rows of plain data: 16.3 s, 646 MB (31,000 rows a second)"
_BUCKETS: Final = f"{moto_service.SLUG}#"
_PLACES: Final = 16**30
"""An index has thirty digits for its place in a bucket, after its root key and its bucket."""


@dataclass(kw_only=True)
class FakeAws:
    """Answers for a table of `size` signatures, and for the bucket of exports.

    `stored` has the seal and the attestation of each signature, one after the other; it begins
    again when they are fewer. The parts of the file are written to `file`.
    """

    stored: IO[bytes]
    stored_count: int
    size: int
    file: IO[bytes]
    queries: int = 0
    read_units: float = 0.0
    parts: list[int] = field(default_factory=list)

    def make(self, client: BaseClient, operation: str, arguments: Arguments) -> Any:
        """Answer a query of signatures, and S3; make every other call."""
        match call_recorder.service_of(client), operation:
            case "dynamodb", "Query" if _pk_of(arguments).startswith(_BUCKETS):
                return self._page(_pk_of(arguments), arguments)
            case "s3", "CreateMultipartUpload":
                self.file.seek(0)
                self.file.truncate()
                return {"UploadId": "upload"}
            case "s3", "UploadPart":
                self.parts.append(self.file.write(arguments["Body"]))
                return {"ETag": str(len(self.parts))}
            case "s3", _:
                return {}
            case _:
                return call_recorder.let_through(client, operation, arguments)

    def _page(self, pk: str, arguments: Arguments) -> Any:
        bucket = keys.BUCKETS.index(pk.rpartition("#")[2])
        held = len(range(bucket, self.size, len(keys.BUCKETS)))
        after = arguments.get("ExclusiveStartKey")
        start = int(after["sk"]["S"], 16) % _PLACES + 1 if after else 0
        # A page holds a megabyte at most.
        end = min(held, start + min(arguments["Limit"], 1024 * 1024 // STORED_BYTES))
        items = [self._item(pk, bucket + place * len(keys.BUCKETS)) for place in range(start, end)]
        self.queries += 1
        self.read_units += capacity_units.query_units(items, consistent=False)
        last = {"pk": items[-1]["pk"], "sk": items[-1]["sk"]} if end < held else None
        return {"Items": items, **({"LastEvaluatedKey": last} if last else {})}

    def _item(self, pk: str, number: int) -> dict[str, Any]:
        self.stored.seek(number % self.stored_count * STORED_BYTES)
        return {
            "pk": {"S": pk},
            "sk": {"S": index_of(number)},
            "state": {"S": "confirmed"},
            "sealed": {"B": self.stored.read(SIGNATURE.sealed_bytes)},
            "attestation": {"B": self.stored.read(ATTESTATION_BYTES)},
            "confirmed_on": {"S": DAY.isoformat()},
        }


def index_of(number: int) -> str:
    """The blind index of a signature: numbers go round all buckets."""
    place, bucket = divmod(number, len(keys.BUCKETS))
    return f"01{bucket:02x}{place:030x}"


def export(world: World, aws: FakeAws) -> tuple[Job, int]:
    """Export all signatures; the job, and the number of its slices."""
    job, slices = world.start_export(moto_service.SLUG), 0
    with call_recorder.through(aws.make):
        while job.is_open:
            exporting.run_slice(world.services, moto_service.SLUG, job.id)
            job = ordering.get(world.services, moto_service.SLUG, job.id)
            slices += 1
    if job.counts.get("signatures") != aws.size:
        raise moto_service.UnexpectedAnswer(f"{job.counts} instead of {aws.size}: {job.detail}")
    return job, slices


def store(world: World, file: IO[bytes], count: int) -> None:
    """Seal and attest so many signatures: a seal fits its index alone."""
    petition = petitions.get(world.services.petitions, moto_service.SLUG)
    seed = world.services.secrets.attestation_keys.current(world.services.now()).raw
    for number in range(count):
        index = index_of(number)
        record = {
            "name": f"Ганна {number}",
            "email": moto_service.address(number),
            "country": "PL",
            "language": "be",
            "confirmed_at": f"{DAY.isoformat()}T12:00:00+00:00",
        }
        context = sealing.info(SIGNATURE, petition.slug, index)
        sealed = sealing.seal(record, SIGNATURE, petition.public_key, context)
        statement = attestation.signature_statement(petition.slug, index, sealed, DAY)
        file.write(sealed + attestation.attest(seed, statement))


def measure(size: int) -> Mapping[str, float]:
    """Export so many signatures in this process."""
    with (
        moto_service.published_petition() as world,
        tempfile.TemporaryFile() as stored,
        tempfile.TemporaryFile() as file,
    ):
        world.services.now = lambda: world.clock.moment + timedelta(seconds=time.monotonic())
        store(world, stored, STORED)
        aws = FakeAws(stored=stored, stored_count=STORED, size=size, file=file)
        before, started = _peak_memory(), time.perf_counter()
        _, slices = export(world, aws)
        return {
            "seconds": time.perf_counter() - started,
            "before": before,
            "peak": _peak_memory(),
            "slices": slices,
            "parts": len(aws.parts),
            "largest": max(aws.parts),
            "file": sum(aws.parts),
        }


def main() -> None:
    """Print a line for each size."""
    if "--size" in sys.argv:
        print(json.dumps(measure(int(sys.argv[-1]))))
        return
    rows = []
    for size in (*SIZES, *((FULL_SIZE,) if "--full" in sys.argv else ())):
        words = [sys.executable, "-m", "bench.export", "--size", str(size)]
        run = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
        sizes = [f"{run[name] / 1024**2:,.1f} MB" for name in ("before", "peak", "file", "largest")]
        counts = [figure(run[name]) for name in ("slices", "parts")]
        rate = figure(size / run["seconds"])
        rows.append((figure(size), f"{run['seconds']:.1f} s", rate, *sizes, *counts))
    heads = ("rows", "time", "rows a second", "memory before", "peak", "file", "largest part")
    print(table((*heads, "slices", "parts"), rows))
    print(PEER)


def _peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _pk_of(arguments: Arguments) -> str:
    return str(arguments["ExpressionAttributeValues"][":pk"]["S"])


if __name__ == "__main__":
    main()
