"""The digest of an export's lines can be taken up by another process between two sections."""

import hashlib

import pytest

from chalicelib.crypto.section_digest import SECTION_LINES, SectionDigest
from tests.sealed_exports import digest_of


def lines(count: int) -> list[bytes]:
    """Lines that all differ."""
    return [b'{"index":%d}\n' % number for number in range(count)]


def digest(added: list[bytes], before: bytes = b"") -> SectionDigest:
    """The digest of lines, after sections of the digest `before`."""
    made = SectionDigest(before)
    for line in added:
        made.add(line)
    return made


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2000, 2500])
def test_it_is_a_chain_over_sections_of_a_thousand_lines(count: int) -> None:
    assert digest(lines(count)).digest() == digest_of(lines(count))


def test_up_to_a_thousand_lines_it_is_their_sha256() -> None:
    assert digest(lines(1000)).digest() == hashlib.sha256(b"".join(lines(1000))).digest()


def test_it_is_taken_up_where_a_section_ends_and_only_there() -> None:
    first = digest(lines(2 * SECTION_LINES))

    assert first.is_whole
    assert digest(lines(7), first.digest()).digest() == digest_of(lines(2000) + lines(7))
    assert not digest(lines(7)).is_whole
