"""The digest of an export's lines: a chain of SHA-256 over sections of a thousand lines.

SHA-256 itself cannot be interrupted and taken up by another process. Between two sections this
digest can: it is 32 bytes then. A browser, too, can only hash what it holds whole.
"""

import hashlib
from typing import Any, Final

SECTION_LINES: Final = 1000


class SectionDigest:
    """The digest of the lines that are added, or of those after whole sections of `digest`.

    With d(0) = b"", the digest of section n is d(n) = SHA-256(d(n-1) + its lines, line ends
    included). A section has 1,000 lines, the last one may have fewer.
    """

    def __init__(self, digest: bytes = b"") -> None:
        self._start(digest)

    def add(self, line: bytes) -> None:
        """Add a line, with its line end."""
        if self._line_count == SECTION_LINES:
            self._start(self.digest())
        self._hash.update(line)
        self._line_count += 1

    @property
    def is_whole(self) -> bool:
        """Whether the last line has ended a section: `digest` can then be taken up later."""
        return self._line_count in (0, SECTION_LINES)

    def digest(self) -> bytes:
        """The digest of all lines so far: 32 bytes, b"" without any."""
        return self._hash.digest() if self._line_count else self._before

    def _start(self, digest: bytes) -> None:
        self._before = digest
        self._hash: Any = hashlib.sha256(digest)
        self._line_count = 0
