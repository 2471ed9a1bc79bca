"""The files of exports, in a bucket of S3 that deletes them after seven days.

A file is uploaded in parts. Nobody sees it before the upload is complete; an upload that is left
alone is deleted by the bucket after a day.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from chalicelib.domain.errors import Unavailable
from chalicelib.store.dynamodb.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEPT: Final = timedelta(days=7)
"""How long the bucket keeps a file: the rule of its lifecycle in `.chalice/resources.json`."""
MIN_PART_BYTES: Final = 5 * 1024 * 1024
"""The least size of each part but the last (S3 user guide, "multipart upload limits")."""
_GONE: Final = frozenset({"NoSuchUpload", "InvalidPart", "InvalidPartOrder"})
"""S3's words for an upload, or parts of it, that it no longer knows."""
_ABSENT: Final = frozenset({"403", "404", "AccessDenied", "NoSuchKey", "NotFound"})
"""For a file: S3 answers 403 for an absent one to roles that may not list the bucket."""
_PASSING: Final = frozenset({"OperationAborted", "RequestTimeout"})
"""Errors that pass, though their HTTP status is 4xx (S3 API reference, "List of error codes")."""


class UploadGone(Exception):
    """S3 no longer knows the upload, its parts, or the file."""


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A bucket and its client."""

    name: str
    client: "S3Client"


@dataclass(frozen=True, kw_only=True)
class UploadedPart:
    """A part of a file, by its number, and S3's tag of its content. Numbers may have gaps."""

    number: int
    tag: str


def key_of(slug: str, job_id: str) -> str:
    """The key of the file of an export."""
    return f"exports/{slug}/{job_id}.zaklik"


def begin(bucket: Bucket, key: str) -> str:
    """Begin an upload; its id. Raises Unavailable."""
    with _translated():
        answer = bucket.client.create_multipart_upload(
            Bucket=bucket.name, Key=key, ContentType="application/gzip"
        )
    return answer["UploadId"]


def put_part(bucket: Bucket, key: str, upload_id: str, number: int, data: bytes) -> UploadedPart:
    """Upload a part, in place of one of that number. Raises UploadGone, Unavailable."""
    with _translated():
        answer = bucket.client.upload_part(
            Bucket=bucket.name, Key=key, UploadId=upload_id, PartNumber=number, Body=data
        )
    return UploadedPart(number=number, tag=answer["ETag"])


def complete(
    bucket: Bucket, key: str, upload_id: str, parts: Sequence[UploadedPart], *, size: int
) -> None:
    """Make a file of `size` bytes of the parts. Safe to repeat. Raises UploadGone, Unavailable."""
    try:
        with _translated():
            bucket.client.complete_multipart_upload(
                Bucket=bucket.name,
                Key=key,
                UploadId=upload_id,
                MultipartUpload={
                    "Parts": [{"PartNumber": part.number, "ETag": part.tag} for part in parts]
                },
            )
    except UploadGone:
        # An earlier call may have completed it, whose answer nobody has heard.
        if _find_size(bucket, key) != size:
            raise


def remove(bucket: Bucket, key: str, upload_id: str) -> None:
    """Delete a file, and before it its upload ("" for none), so that none can come after it.

    Safe to repeat. Raises Unavailable.
    """
    if upload_id:
        try:
            with _translated():
                bucket.client.abort_multipart_upload(
                    Bucket=bucket.name, Key=key, UploadId=upload_id
                )
        except UploadGone:
            # It was completed or removed before.
            pass
    with _translated():
        bucket.client.delete_object(Bucket=bucket.name, Key=key)


def link_to(bucket: Bucket, key: str, *, file_name: str, lifetime: timedelta) -> str:
    """A link by which everybody who has it can fetch the file. No call."""
    return bucket.client.generate_presigned_url(
        "get_object",
        Params={
            "Bucket": bucket.name,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        },
        ExpiresIn=int(lifetime.total_seconds()),
    )


def chunks_of(bucket: Bucket, key: str) -> Iterator[bytes]:
    """The content of a file, piece by piece. Raises Unavailable; UploadGone if there is none."""
    with _translated(_ABSENT):
        answer = bucket.client.get_object(Bucket=bucket.name, Key=key)
        yield from answer["Body"].iter_chunks(1024 * 1024)


def _find_size(bucket: Bucket, key: str) -> int | None:
    """The size of a file in bytes, or None. Raises Unavailable."""
    try:
        with _translated(_ABSENT):
            return bucket.client.head_object(Bucket=bucket.name, Key=key)["ContentLength"]
    except UploadGone:
        return None


@contextmanager
def _translated(gone: Collection[str] = _GONE) -> Iterator[None]:
    """Raise UploadGone for these errors of S3 in the block, Unavailable for passing ones."""
    try:
        with translated():
            yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in gone:
            raise UploadGone from error
        if code in _PASSING:
            raise Unavailable from error
        raise
