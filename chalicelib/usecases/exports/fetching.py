"""Reads the file of an export, for people whose own credentials allow that."""

from collections.abc import Iterator, Sequence

from chalicelib.domain.organisers.jobs import Job
from chalicelib.store import export_files
from chalicelib.store.export_files import UploadGone
from chalicelib.usecases.exports.packing import Packed
from chalicelib.wiring import Services


class FileGone(Exception):
    """The bucket has deleted the file."""


def chunks_of(services: Services, job: Job) -> Iterator[bytes]:
    """The file of an export, piece by piece. Raises FileGone, Unavailable."""
    try:
        yield from export_files.chunks_of(
            services.export_files, export_files.key_of(job.slug, job.id)
        )
    except UploadGone as error:
        raise FileGone from error


def damaged_in(job: Job) -> Sequence[str]:
    """The blind indexes of the first damaged items: text that anybody may have written."""
    return Packed.from_values(job.checkpoint["packed"]).named
