"""An export opens with its key, whole and unaltered, or not at all."""

import base64
import csv
import gzip
import hashlib
import io
import stat
import tracemalloc
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ops.keys import unsealing
from ops.keys.unsealing import BadExport, neutralise, unseal
from tests.ops.conftest import KeyFile, export_lines, signature

WriteExport = Callable[..., Path]


def rows(path: Path) -> list[list[str]]:
    """The cells of a spreadsheet, the heading among them."""
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def refused(source: Path, key_file: KeyFile) -> str:
    """Why an export is not opened; nothing of it may be left behind."""
    target = source.with_name("signatures.csv")
    before = set(source.parent.iterdir())
    with pytest.raises(BadExport) as caught:
        unseal(source, [key_file.private_key], target)
    assert set(source.parent.iterdir()) == before
    return str(caught.value)


def test_the_spreadsheet_holds_every_signature(
    write_export: WriteExport, tmp_path: Path, key_file: KeyFile
) -> None:
    target = tmp_path / "signatures.csv"

    opened = unseal(write_export(signature(1), signature(2)), [key_file.private_key], target)

    assert (opened.slug, opened.count) == ("open-door", 2)
    assert rows(target) == [
        list(unsealing.COLUMNS),
        ["Ніна 1", "nina1@example.org", "PL", "be", "2026-03-08T12:00:00+00:00"],
        ["Ніна 2", "nina2@example.org", "PL", "be", "2026-03-08T12:00:00+00:00"],
    ]


def test_the_spreadsheet_is_private_and_as_excel_wants_it(
    write_export: WriteExport, tmp_path: Path, key_file: KeyFile
) -> None:
    target = tmp_path / "signatures.csv"

    unseal(write_export(), [key_file.private_key], target)

    raw = target.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 3
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_an_export_without_signatures_is_a_heading_alone(tmp_path: Path, key_file: KeyFile) -> None:
    source, target = tmp_path / "none.zaklik", tmp_path / "none.csv"
    source.write_bytes(gzip.compress(b"".join(export_lines([], key_file.public_key))))

    assert unseal(source, [key_file.private_key], target).count == 0
    assert rows(target) == [list(unsealing.COLUMNS)]


def test_signatures_from_before_a_change_of_key_open_with_both_keys(
    tmp_path: Path, key_file: KeyFile
) -> None:
    source, target = tmp_path / "both.zaklik", tmp_path / "both.csv"
    old = X25519PrivateKey.generate()
    new_lines = export_lines([signature(1), signature(2)], key_file.public_key)
    old_lines = export_lines([signature(3)], old.public_key().public_bytes_raw())
    body = [*new_lines[1:3], old_lines[1]]
    digest = hashlib.sha256(b"".join(body)).hexdigest()
    manifest = f'{{"count":3,"sha256":"{digest}"}}\n'.encode()
    source.write_bytes(gzip.compress(b"".join([new_lines[0], *body, manifest])))

    assert "Signature 3 cannot be opened" in refused(source, key_file)
    assert unseal(source, [old, key_file.private_key], target).count == 3


def test_a_wrong_key_is_refused_with_the_right_one_named(
    write_export: WriteExport, tmp_path: Path, key_file: KeyFile
) -> None:
    with pytest.raises(BadExport, match="sealed to another") as caught:
        unseal(write_export(), [X25519PrivateKey.generate()], tmp_path / "signatures.csv")

    assert base64.b64encode(key_file.public_key).decode() in str(caught.value)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_is_refused(
    write_export: WriteExport, key_file: KeyFile, kept: float
) -> None:
    source = write_export(*(signature(number) for number in range(20)))
    raw = source.read_bytes()
    source.write_bytes(raw[: int(len(raw) * kept)])

    assert "cut off" in refused(source, key_file)


def test_a_file_that_was_cut_and_packed_again_is_refused(
    write_export: WriteExport, key_file: KeyFile
) -> None:
    assert "cut off" in refused(write_export(change=lambda lines: lines[:-1]), key_file)


def test_no_altered_byte_goes_unnoticed(write_export: WriteExport, key_file: KeyFile) -> None:
    source = write_export(signature(1))
    raw = source.read_bytes()
    # The bytes before are gzip's header, some of which mean nothing.
    for place in range(10, len(raw), 7):
        source.write_bytes(raw[:place] + bytes([raw[place] ^ 0x20]) + raw[place + 1 :])
        # Before gzip's trailer of 8 bytes, bits may fill up the last byte of the compressed data.
        fills_up = place == len(raw) - 9 and _same_content(source.read_bytes(), raw)
        assert fills_up or refused(source, key_file)


def _same_content(one: bytes, other: bytes) -> bool:
    try:
        return gzip.decompress(one) == gzip.decompress(other)
    except (OSError, EOFError, zlib.error):
        return False


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: [lines[0], lines[1], lines[3]], "says 2 signatures and holds 1"),
        (lambda lines: [lines[0], lines[2], lines[1], lines[3]], "not those that were exported"),
        (lambda lines: [*lines, lines[1]], "follows its last line"),
        (lambda lines: [lines[0], b"?\n", *lines[1:]], "not readable"),
        (lambda lines: [lines[0], b"[]\n", *lines[1:]], "not readable"),
        (lambda lines: [lines[0], b'{"sealed": 7}\n', *lines[1:]], "Signature 1 cannot be"),
        (lambda lines: [lines[0], b'{"sealed": "AQAA"}\n', *lines[1:]], "Signature 1 cannot be"),
    ],
)
def test_lines_that_were_tampered_with_are_refused(
    write_export: WriteExport,
    key_file: KeyFile,
    change: Callable[[list[bytes]], list[bytes]],
    words: str,
) -> None:
    assert words in refused(write_export(change=change), key_file)


@pytest.mark.parametrize("record", [{"name": "x"}, {}])
def test_a_record_that_is_no_signature_is_refused(
    write_export: WriteExport, key_file: KeyFile, record: dict[str, str]
) -> None:
    assert "Signature 1 cannot be opened" in refused(write_export(record), key_file)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"name,email\r\n",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"hello\n", mtime=0),
        gzip.compress(b'{"format":"zaklik-export/2"}\n', mtime=0),
        gzip.compress(b'{"format":"zaklik-export/1","petition":7,"public_key":"AAAA"}\n', mtime=0),
        gzip.compress(b"x" * 1_000_000, mtime=0),
    ],
)
def test_a_foreign_file_is_no_export(tmp_path: Path, key_file: KeyFile, raw: bytes) -> None:
    source = tmp_path / "foreign"
    source.write_bytes(raw)

    assert "not an export" in refused(source, key_file)


def test_memory_does_not_grow_with_the_number_of_signatures(
    write_export: WriteExport, tmp_path: Path, key_file: KeyFile
) -> None:
    source = write_export(*(signature(number) for number in range(5_000)))
    reported: list[tuple[int, int]] = []
    tracemalloc.start()
    try:
        opened = unseal(
            source,
            [key_file.private_key],
            tmp_path / "signatures.csv",
            progress=lambda position, count: reported.append((position, count)),
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert opened.count == 5_000
    assert len(rows(tmp_path / "signatures.csv")) == 5_001
    assert peak < 2_000_000
    assert reported == sorted(reported)
    assert reported[-1][0] <= source.stat().st_size


def test_stopping_half_way_leaves_no_half_spreadsheet(
    write_export: WriteExport, tmp_path: Path, key_file: KeyFile
) -> None:
    source = write_export()
    before = set(tmp_path.iterdir())

    def stop(_position: int, _count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unseal(source, [key_file.private_key], tmp_path / "signatures.csv", progress=stop)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+48 22", "-1", "@SUM(A1)", "\t=1", "\rx", "\nx", "  =1", "\u00a0=1"),
        *("\ufeff=1", "＝1", "＋1", "－1", "＠x", "﹦1", "\u200b＝1", "\u22121"),
    ],
)
def test_what_a_spreadsheet_could_run_becomes_text(cell: str) -> None:
    assert neutralise(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "Ніна", "O'Brien", "a=b", "x-y@example.org", " Ann", "7"])
def test_ordinary_cells_stay_as_they_are(cell: str) -> None:
    assert neutralise(cell) == cell


@given(st.text(max_size=40))
def test_no_cell_begins_like_a_formula_and_none_is_lost(cell: str) -> None:
    safe = neutralise(cell)

    shown = [c for c in safe if unicodedata.category(c)[0] not in "ZC"]
    first = unicodedata.normalize("NFKC", "".join(shown[:1]))[:1]
    assert first not in set("=+-@")
    assert safe[:1] not in set("\t\r\n")
    assert safe in (cell, "'" + cell)


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=20), min_size=1))
def test_cells_come_back_from_the_file_as_they_were_written(cells: list[str]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerow(
        [neutralise(cell) for cell in cells]
    )

    [read] = csv.reader(io.StringIO(written.getvalue(), newline=""))

    assert [cell.removeprefix("'") for cell in read] == [cell.removeprefix("'") for cell in cells]
