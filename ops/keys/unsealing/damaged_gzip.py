"""Reads a gzip file (RFC 1952) that is cut off or damaged, up to its first fault."""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Final

_PIECE_BYTES: Final = 8192
_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS


def lines_before_fault(compressed: IO[bytes], *, max_bytes: int) -> Iterator[bytes]:
    """Every whole line before the first fault.

    The last line of a file without a fault may lack its end. More than `max_bytes` without a line
    end are a fault, too.
    """
    rest = b""
    with suppress(EOFError, zlib.error):
        for chunk in _decompressed(compressed):
            *lines, rest = (rest + chunk).split(b"\n")
            yield from (line + b"\n" for line in lines)
            if len(rest) > max_bytes:
                return
        if rest:
            yield rest


def _decompressed(compressed: IO[bytes]) -> Iterator[bytes]:
    """All bytes before the first fault. Raises EOFError or zlib.error there."""
    decompressor = zlib.decompressobj(wbits=_GZIP_FORMAT)
    while piece := compressed.read(_PIECE_BYTES):
        before = decompressor.copy()
        try:
            whole = decompressor.decompress(piece)
        except zlib.error:
            # A call that fails gives nothing, not even what stands before the fault.
            yield from (before.decompress(bytes([byte])) for byte in piece)
            raise
        yield whole
        if decompressor.unused_data:
            raise EOFError("something follows the end")
    if not decompressor.eof:
        raise EOFError("the end is missing")
