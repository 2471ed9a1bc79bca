"""An export opens only as the service attested it; each other line is named and left out."""

import csv
import gzip
import io
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import tracemalloc
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.crypto import attestation
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.compiling import ROOT
from ops.errors import CannotContinue
from ops.keys.unsealing import spreadsheet
from ops.keys.unsealing.damaged_gzip import lines_before_fault
from ops.keys.unsealing.sealed_export import BadExport, SealedExport
from ops.keys.unsealing.spreadsheet import MAX_SHOWN, Unsealed, report_path
from ops.keys.unsealing.verification import COLUMNS, Reason
from tests import builders
from tests.sealed_exports import (
    TRUSTED,
    Line,
    attested_line,
    export,
    export_lines,
    index,
    record,
    signature_line,
    signature_lines,
    to_bytes,
)

OTHER_KEY = PrivateKey(b"\x09" * 32)
OTHER_SEED = b"\x13" * 32
HEADING = list(COLUMNS)
ROW_1 = ["Ніна 1", "nina1@example.org", "PL", "be", "2026-03-08T12:00:00+00:00"]
ROW_2 = ["Ніна 2", "nina2@example.org", "PL", "be", "2026-03-08T12:00:00+00:00"]
ROW_3 = ["Ніна 3", "nina3@example.org", "PL", "be", "2026-03-08T12:00:00+00:00"]


def rows(path: Path) -> list[list[str]]:
    """The cells of a spreadsheet, the heading among them."""
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def unseal(
    raw: bytes,
    folder: Path,
    *,
    keys: Sequence[PrivateKey] = (builders.ORGANISER_KEY,),
    trusted: VerificationKeys = TRUSTED,
    **options: Any,
) -> Unsealed:
    """Unseal the bytes of an export to `signatures.csv` in a folder."""
    target = folder / "signatures.csv"
    return spreadsheet.unseal(SealedExport(io.BytesIO(raw)), keys, trusted, target, **options)


def refused(raw: bytes, folder: Path, **options: Any) -> str:
    """Why an export is not opened; nothing of it may be left behind."""
    with pytest.raises(BadExport) as caught:
        unseal(raw, folder, **options)
    assert list(folder.iterdir()) == []
    return str(caught.value)


def only_finding(lines: Sequence[Line | bytes], folder: Path, **options: Any) -> Reason:
    """The one finding of an export. All other lines must be opened."""
    unsealed = unseal(export(lines), folder, **options)
    [finding] = unsealed.first
    assert unsealed.findings == {finding.reason: 1}
    assert (
        unsealed.count == len(lines) - unsealed.refused == len(rows(folder / "signatures.csv")) - 1
    )
    assert [row[0] for row in rows(report_path(folder / "signatures.csv"))] == [
        "reason",
        finding.reason,
    ]
    return finding.reason


# Good exports.


def test_the_spreadsheet_holds_every_signature(tmp_path: Path) -> None:
    unsealed = unseal(export(signature_lines(2)), tmp_path)

    assert (unsealed.count, unsealed.refused, unsealed.first) == (2, 0, [])
    assert rows(tmp_path / "signatures.csv") == [HEADING, ROW_1, ROW_2]
    assert [path.name for path in tmp_path.iterdir()] == ["signatures.csv"]


def test_the_spreadsheet_is_private_and_as_excel_wants_it(tmp_path: Path) -> None:
    unseal(export(signature_lines(2)), tmp_path)

    target = tmp_path / "signatures.csv"
    raw = target.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 3
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_an_export_without_signatures_is_a_heading_alone(tmp_path: Path) -> None:
    assert unseal(export([]), tmp_path).count == 0
    assert rows(tmp_path / "signatures.csv") == [HEADING]


def test_signatures_sealed_to_a_former_key_open_with_it(tmp_path: Path) -> None:
    lines = [signature_line(record(1), 1, key=OTHER_KEY), signature_line(record(2), 2)]

    both = unseal(export(lines), tmp_path, keys=[builders.ORGANISER_KEY, OTHER_KEY])

    assert both.count == 2
    assert only_finding(lines, tmp_path) is Reason.OTHER_KEY


def test_signatures_attested_by_two_keys_are_opened_when_both_are_trusted(tmp_path: Path) -> None:
    lines = [signature_line(record(1), 1, seed=OTHER_SEED), signature_line(record(2), 2)]
    other = attestation.public_key(OTHER_SEED)
    both = VerificationKeys(attestation=(other, *TRUSTED.attestation), export=TRUSTED.export)

    assert unseal(export(lines), tmp_path, trusted=both).count == 2
    assert only_finding(lines, tmp_path) is Reason.OTHER_ATTESTER


# Single lines.


def _changed(line: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**line, **changes}.items() if value is not ...}


def _with_flipped_byte(line: dict[str, Any], name: str, place: int) -> dict[str, Any]:
    raw = bytearray(b64decode(line[name]))
    raw[place] ^= 1
    return {**line, name: b64encode(raw).decode()}


LINE = signature_line(record(2), 2)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"?\n", Reason.DAMAGED),
        (b"[" * 5000 + b"\n", Reason.DAMAGED),
        (b"7\n", Reason.DAMAGED),
        (b"[]\n", Reason.DAMAGED),
        (b"{}\n", Reason.DAMAGED),
        (b'"index"\n', Reason.DAMAGED),
        (b"\xff\xfe\n", Reason.DAMAGED),
        *((_changed(LINE, **{name: ...}), Reason.DAMAGED) for name in LINE),
        *((_changed(LINE, **{name: 7}), Reason.DAMAGED) for name in LINE),
        *((_changed(LINE, **{name: None}), Reason.DAMAGED) for name in LINE),
        *((_changed(LINE, **{name: "Ж=="}), Reason.DAMAGED) for name in LINE),
        (_changed(LINE, sealed=LINE["sealed"][4:]), Reason.DAMAGED),
        (_changed(LINE, sealed="\n" + LINE["sealed"]), Reason.DAMAGED),
        (_changed(LINE, attestation="AAAA"), Reason.DAMAGED),
        (_changed(LINE, index=index(2).upper() + "A"), Reason.DAMAGED),
        (_changed(LINE, index=index(2)[2:]), Reason.DAMAGED),
        (_changed(LINE, confirmed_on="2026-13-08"), Reason.DAMAGED),
        (_with_flipped_byte(LINE, "sealed", -1), Reason.NOT_ATTESTED),
        (_with_flipped_byte(LINE, "attestation", -1), Reason.NOT_ATTESTED),
        (_with_flipped_byte(LINE, "attestation", 0), Reason.OTHER_ATTESTER),
        (_changed(LINE, confirmed_on="2026-03-09"), Reason.NOT_ATTESTED),
        (_changed(LINE, index=index(8)), Reason.NOT_ATTESTED),
        (signature_line(record(2), 2, slug="other-door"), Reason.NOT_ATTESTED),
        (signature_line(record(2), 2, seed=OTHER_SEED), Reason.OTHER_ATTESTER),
        (signature_line(record(2), 2, key=OTHER_KEY), Reason.OTHER_KEY),
        (signature_line(record(2), 2, sealed_as=index(9)), Reason.NOT_OPENED),
        (attested_line(b64decode(LINE["sealed"])[:-1] + b"?", 2), Reason.NOT_OPENED),
        (attested_line(b"\x02" + b64decode(LINE["sealed"])[1:], 2), Reason.NOT_OPENED),
        (signature_line([], 2), Reason.INCOMPLETE),
        (signature_line("name", 2), Reason.INCOMPLETE),
        (signature_line(None, 2), Reason.INCOMPLETE),
        *(
            (signature_line(_changed(record(2), **{name: ...}), 2), Reason.INCOMPLETE)
            for name in COLUMNS
        ),
        *((signature_line(record(2, **{name: 7}), 2), Reason.INCOMPLETE) for name in COLUMNS),
        (signature_line(record(2, name=""), 2), Reason.INCOMPLETE),
        (signature_line(record(2, email="nobody"), 2), Reason.INCOMPLETE),
        (signature_line(record(2, confirmed_at="noon"), 2), Reason.INCOMPLETE),
        (signature_line(record(2, confirmed_at="2026-03-08T12:00:00"), 2), Reason.INCOMPLETE),
        (signature_line(record(2, confirmed_at="2026-03-09T12:00:00+00:00"), 2), Reason.OTHER_DAY),
        (signature_line(record(2, confirmed_at="2026-03-08T23:59:00-01:00"), 2), Reason.OTHER_DAY),
        (signature_line(record(2, confirmed_at="2026-03-09"), 2), Reason.OTHER_DAY),
        (signature_line(record(2, confirmed_at="2026-03-99"), 2), Reason.INCOMPLETE),
        (signature_line(record(2, confirmed_at="20260308"), 2), Reason.INCOMPLETE),
        ({"damaged": index(2)}, Reason.UNREADABLE),
    ],
)
def test_a_bad_line_is_named_and_stops_no_other(
    tmp_path: Path, line: Line | bytes, reason: Reason
) -> None:
    lines = [signature_line(record(1), 1), line, signature_line(record(3), 3)]

    assert only_finding(lines, tmp_path) is reason
    assert rows(tmp_path / "signatures.csv") == [HEADING, ROW_1, ROW_3]


def test_the_moment_is_of_the_attested_day_in_utc(tmp_path: Path) -> None:
    late = record(1, confirmed_at="2026-03-09T00:59:59+01:00")

    assert unseal(export([signature_line(late)]), tmp_path).count == 1


def test_a_corrected_signature_has_its_day_alone(tmp_path: Path) -> None:
    corrected = record(1, confirmed_at="2026-03-08")

    assert unseal(export([signature_line(corrected)]), tmp_path).count == 1
    assert rows(tmp_path / "signatures.csv")[1][-1] == "2026-03-08"


@given(st.binary(max_size=200))
def test_no_line_ends_in_a_traceback(line: bytes) -> None:
    lines = SealedExport(io.BytesIO(export([line.replace(b"\n", b"") + b"\n"])))
    lines.verify(TRUSTED.export)

    assert len(list(lines.lines())) == 1


def test_the_same_index_twice_is_written_once(tmp_path: Path) -> None:
    one, two, three = signature_lines(3)

    for lines in ([one, one, two], [one, two, one], [one, three, two]):
        assert only_finding(lines, tmp_path) is Reason.REPEATED


def test_a_forged_line_does_not_keep_out_the_signature_whose_index_it_names(
    tmp_path: Path,
) -> None:
    one, two, three = signature_lines(3)
    forged = [_with_flipped_byte(line, "sealed", -1) for line in (three, one)]

    unsealed = unseal(export([*forged, one, two, three]), tmp_path)

    assert (unsealed.count, unsealed.findings) == (3, {Reason.NOT_ATTESTED: 2})


def test_two_signatures_of_one_mailbox_are_written_and_named(tmp_path: Path) -> None:
    spellings = ["nina.k@gmail.com", "Other@example.org", "NinaK+door@googlemail.com"]
    lines = [
        signature_line(record(number, email=email), number)
        for number, email in enumerate(spellings, start=1)
    ]

    unsealed = unseal(export(lines), tmp_path)

    [double] = unsealed.first
    assert (unsealed.count, unsealed.refused) == (3, 0)
    assert (double.reason, double.row, double.line) == (Reason.DOUBLE, "4", 4)
    assert rows(tmp_path / "signatures.csv")[int(double.row) - 1][1] == spellings[2]
    assert rows(report_path(tmp_path / "signatures.csv"))[1][2] == "4"


# The report.


def test_the_report_names_every_line_and_no_person(tmp_path: Path) -> None:
    bad = [signature_line(record(n), n, seed=OTHER_SEED) for n in range(1, 2 * MAX_SHOWN)]

    unsealed = unseal(export([*bad, signature_line(record(99), 99)]), tmp_path)

    report = report_path(tmp_path / "signatures.csv")
    assert report.name == "signatures.csv.report.csv"
    assert [row[1:] for row in rows(report)[1:]] == [
        [str(number + 1), "", index(number)] for number in range(1, 2 * MAX_SHOWN)
    ]
    assert b"nina" not in report.read_bytes()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert unsealed.findings.total() == 2 * MAX_SHOWN - 1
    assert len(unsealed.first) == MAX_SHOWN


def test_an_index_in_the_report_is_no_formula(tmp_path: Path) -> None:
    unseal(export([{"damaged": '=HYPERLINK("https://evil.example")'}]), tmp_path)

    assert rows(report_path(tmp_path / "signatures.csv"))[1][3].startswith("'=HYPERLINK")


def test_the_report_of_an_earlier_run_does_not_stay(tmp_path: Path) -> None:
    unseal(export([b"?\n"]), tmp_path)
    assert report_path(tmp_path / "signatures.csv").exists()

    unseal(export(signature_lines(1)), tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["signatures.csv"]


# The whole file.


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, part: float) -> None:
    raw = export(signature_lines(20))

    assert "cut off" in refused(raw[: int(len(raw) * part)], tmp_path)


def test_no_altered_byte_goes_unnoticed(tmp_path: Path) -> None:
    raw = export(signature_lines(1))
    # The bytes before are gzip's header, some of which mean nothing.
    altered = [_flip(raw, place) for place in range(10, len(raw), 7)]
    # Compressed data can say the same in several ways, and bits that fill up a byte say nothing.
    altered = [each for each in altered if not _same_content(each, raw)]

    assert len(altered) > len(raw) // 7 - 10
    for each in altered:
        refused(each, tmp_path)


def test_no_altered_byte_of_the_content_goes_unnoticed(tmp_path: Path) -> None:
    content = gzip.decompress(export(signature_lines(1)))

    for place in range(0, len(content), 7):
        refused(gzip.compress(_flip(content, place), compresslevel=1), tmp_path)


def _flip(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 0x20]) + raw[place + 1 :]


def _same_content(one: bytes, other: bytes) -> bool:
    try:
        return gzip.decompress(one) == gzip.decompress(other)
    except (OSError, EOFError, zlib.error):
        return False


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[:-1], "cut off"),
        (lambda lines: [lines[0], *lines[2:]], "another number of lines"),
        (lambda lines: [*lines[:-1], lines[1], lines[-1]], "another number of lines"),
        (lambda lines: [lines[0], lines[2], lines[1], lines[3]], "not those that were exported"),
        (lambda lines: [lines[0].replace(b"12:00", b"13:00"), *lines[1:]], "not those that were"),
        (lambda lines: [lines[0].replace(b"open", b"shut"), *lines[1:]], "of another petition"),
        (lambda lines: [*lines, lines[1]], "something follows"),
        (lambda lines: [*lines, b"\n"], "something follows"),
        (lambda lines: [*lines, lines[-1]], "another number of lines"),
        (
            lambda lines: [*lines[:-1], lines[-1].replace(b'2, \\"', b'3, \\"')],
            "its manifest is not",
        ),
        (lambda lines: [*lines[:-1], to_bytes({"manifest": 7, "attestation": ""})], "cut off"),
        (lambda lines: [*lines[:-1], to_bytes({"manifest": "{}"})], "cut off"),
        (
            lambda lines: [*lines[:-1], to_bytes({"manifest": "{}", "attestation": ""})],
            "not attested",
        ),
        (lambda lines: [*lines[:1], b"x" * 20_000 + b"\n", *lines[1:]], "cannot be read"),
    ],
)
def test_a_file_of_other_lines_is_refused(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], words: str
) -> None:
    lines = change(export_lines(signature_lines(2)))

    assert words in refused(gzip.compress(b"".join(lines)), tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": OTHER_SEED}, "keys check"),
        ({"petition": "other-door"}, "of another petition"),
        ({"count": 3}, "another number of lines"),
        ({"count": 1, "damaged": 0}, "another number of lines"),
        ({"sha256": "0" * 64}, "not those that were exported"),
    ],
)
def test_an_export_whose_manifest_is_not_its_own_is_refused(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    assert words in refused(export(signature_lines(2), **changes), tmp_path)


def test_an_attestation_of_a_signature_is_none_of_an_export(tmp_path: Path) -> None:
    """Each kind of key is trusted for its own kind of statement."""
    trusted = VerificationKeys(attestation=TRUSTED.export, export=TRUSTED.attestation)

    assert "keys check" in refused(export(signature_lines(2)), tmp_path, trusted=trusted)


def test_without_a_trusted_key_nothing_is_opened(tmp_path: Path) -> None:
    assert "keys check" in refused(export(signature_lines(2)), tmp_path, trusted=VerificationKeys())
    attested_by_none = VerificationKeys(export=TRUSTED.export)
    assert unseal(export(signature_lines(2)), tmp_path, trusted=attested_by_none).count == 0


def test_a_file_that_changes_after_it_was_verified_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO(export(signature_lines(2)))
    other = export(signature_lines(1), exported_at=builders.NOW + timedelta(days=1))

    verified = SealedExport(file)
    verified.verify(TRUSTED.export)
    file.seek(0)
    file.truncate()
    file.write(other)

    with pytest.raises(BadExport, match="has changed"):
        list(verified.lines())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"name,email\r\n",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"hello\n", mtime=0),
        gzip.compress(b'{"format":"zaklik-export/2"}\n', mtime=0),
        gzip.compress(b'{"format":"zaklik-export/1","petition":7}\n', mtime=0),
        gzip.compress(export_lines([])[0].replace(b"open-door", b"../etc"), mtime=0),
        gzip.compress(export_lines([])[0].replace(b"+00:00", b""), mtime=0),
        gzip.compress(b"x" * 2_000_000, mtime=0),
    ],
)
def test_a_foreign_file_is_no_export(tmp_path: Path, raw: bytes) -> None:
    assert "not an export" in refused(raw, tmp_path)


# Memory, and runs that are stopped.


def test_memory_does_not_grow_with_the_number_of_signatures(tmp_path: Path) -> None:
    source = tmp_path / "signatures.zaklik"
    source.write_bytes(export(signature_lines(3_000)))
    reported: list[tuple[int, int]] = []
    with source.open("rb") as file:
        tracemalloc.start()
        try:
            unsealed = spreadsheet.unseal(
                SealedExport(file),
                [builders.ORGANISER_KEY],
                TRUSTED,
                tmp_path / "signatures.csv",
                progress=lambda position, count: reported.append((count, position)),
            )
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert unsealed.count == 3_000
    assert len(rows(tmp_path / "signatures.csv")) == 3_001
    assert peak < 2_000_000
    assert [count for count, _ in reported if count] == list(range(1, 3_001))
    assert reported[-1][1] <= source.stat().st_size


def test_stopping_half_way_leaves_no_half_spreadsheet(tmp_path: Path) -> None:
    def stop(_position: int, _count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unseal(export(signature_lines(2)), tmp_path, progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keep_going", [False, True])
def test_several_processes_write_what_one_writes(tmp_path: Path, keep_going: bool) -> None:
    one, two, three, *others = signature_lines(700)
    lines: list[Line | bytes] = [
        b"?\n",
        one,
        two,
        {"damaged": index(2)},
        two,
        three,
        *others,
        others[-1],
    ]
    raw = export(lines)
    results = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        folder.mkdir()
        unsealed = unseal(raw, folder, processes=processes, keep_going=keep_going)
        results.append((unsealed, [path.read_bytes() for path in sorted(folder.iterdir())]))

    assert results[0] == results[1]
    assert results[0][0].count == 700
    assert results[0][0].refused == 4


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _children() -> list[int]:
    return [process.pid for process in multiprocessing.active_children() if process.pid]


def test_a_killed_process_ends_the_run_and_leaves_nothing(tmp_path: Path) -> None:
    def kill(_position: int, count: int) -> None:
        if count == 1:
            os.kill(_children()[0], signal.SIGKILL)

    with pytest.raises(CannotContinue, match="Nothing was written"):
        unseal(export(signature_lines(2_000)), tmp_path, processes=2, progress=kill)

    assert list(tmp_path.iterdir()) == []
    assert _children() == []


def test_stopping_half_way_ends_the_other_processes(tmp_path: Path) -> None:
    def stop(_position: int, count: int) -> None:
        if count == 1:
            assert _children()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unseal(export(signature_lines(600)), tmp_path, processes=2, progress=stop)

    assert list(tmp_path.iterdir()) == []
    assert _children() == []


# Exports that are opened though they are damaged.


@pytest.mark.parametrize(
    ("change", "fault", "count"),
    [
        (lambda raw: raw[: len(raw) * 3 // 4], "cut off", range(10, 16)),
        (lambda raw: raw[:-8], "cut off", [20]),
        (lambda raw: raw[:-6] + b"\0" + raw[-5:], "cannot be read", [20]),
        (lambda raw: gzip.compress(b"".join(_lines_of(raw)[:-1])), "cut off", [20]),
        (lambda raw: gzip.compress(b"".join(_lines_of(raw)[:-2])), "cut off", [19]),
        (lambda raw: gzip.compress(b"".join(_without(_lines_of(raw), 5))), "number of lines", [19]),
        (lambda raw: export(signature_lines(20), seed=OTHER_SEED), "keys check", [20]),
        (lambda raw: export(signature_lines(20), petition="other-door"), "another petition", [20]),
        (lambda raw: export([*signature_lines(20), b"x" * 20_000 + b"\n"]), "be read", [20]),
    ],
)
def test_on_request_a_damaged_export_is_opened_as_far_as_it_goes(
    tmp_path: Path, change: Callable[[bytes], bytes], fault: str, count: Sequence[int]
) -> None:
    unsealed = unseal(change(export(signature_lines(20))), tmp_path, keep_going=True)

    assert fault in unsealed.fault
    assert unsealed.count in count
    assert (unsealed.lines, unsealed.refused) == (unsealed.count + 1, 0)
    assert rows(tmp_path / "signatures.csv")[1:3] == [ROW_1, ROW_2]


def test_on_request_damage_within_an_export_costs_only_its_lines(tmp_path: Path) -> None:
    lines = export_lines(signature_lines(20))
    lines[5] = lines[5].replace(b'"sealed"', b'"healed"')
    lines[9] = lines[9][:-40] + b"\n"

    unsealed = unseal(gzip.compress(b"".join(lines)), tmp_path, keep_going=True)

    assert "not those that were exported" in unsealed.fault
    assert (unsealed.count, unsealed.findings) == (18, {Reason.DAMAGED: 2})


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (lambda lines: _without(lines, 5), "1 of 20 exported signatures are missing here"),
        (lambda lines: [*lines[:5], b"?\n", *lines[6:]], "1 of 20 exported"),
        (lambda lines: [lines[0], *export_lines(signature_lines(20))[1:]], "0 of 20 exported"),
        (lambda lines: lines[:-1], "is not known"),
        (lambda lines: [*lines[:-1], lines[-1].replace(b"20", b"10")], "is not known"),
    ],
)
def test_on_request_the_report_says_how_many_signatures_are_missing(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], missing: str
) -> None:
    raw = gzip.compress(b"".join([*change(export_lines(signature_lines(20))), b"\n"]))

    unsealed = unseal(raw, tmp_path, keep_going=True)

    assert missing in unsealed.missing
    *_, last = rows(tmp_path / "signatures.csv.report.csv")
    assert last == [unsealed.missing, "", "", ""]


def test_on_request_damage_of_the_file_costs_nothing_that_stands_before_it() -> None:
    lines = [b"%064x\n" % number**9 for number in range(1000)]
    raw = gzip.compress(b"".join(lines))

    for place in range(20, len(raw), 1499):
        damaged = raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :]
        found = list(lines_before_fault(io.BytesIO(damaged), max_bytes=1_000_000))
        assert b"".join(found) == _lines_before_fault(damaged)


def _lines_before_fault(raw: bytes) -> bytes:
    """All whole lines, decompressed byte by byte."""
    decompressor, found = zlib.decompressobj(wbits=31), b""
    with suppress(zlib.error):
        for byte in raw:
            found += decompressor.decompress(bytes([byte]))
    return found[: found.rfind(b"\n") + 1]


def test_on_request_a_good_export_is_verified_as_ever(tmp_path: Path) -> None:
    assert unseal(export(signature_lines(2)), tmp_path, keep_going=True).fault == ""


def _lines_of(raw: bytes) -> list[bytes]:
    return gzip.decompress(raw).splitlines(keepends=True)


def _without(lines: list[bytes], place: int) -> list[bytes]:
    return lines[:place] + lines[place + 1 :]


KILLED_RUN = """
import multiprocessing
import sys
from pathlib import Path
from chalicelib.domain.petitions.petition import VerificationKeys
from chalicelib.crypto.unsealing import PrivateKey
from ops.keys.unsealing import spreadsheet
from ops.keys.unsealing.damaged_gzip import lines_before_fault
from ops.keys.unsealing.sealed_export import SealedExport

def wait(position, count):
    if count == 1500:
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        sys.stdin.read()

with open("signatures.zaklik", "rb") as file:
    seed, attestation, export = map(bytes.fromhex, sys.argv[1:])
    trusted = VerificationKeys(attestation=(attestation,), export=(export,))
    export = SealedExport(file)
    target = Path("signatures.csv")
    if __name__ == "__main__":
        keys = [PrivateKey(seed)]
        spreadsheet.unseal(export, keys, trusted, target, processes=2, progress=wait)
"""


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="no files without a name here")
def test_a_killed_run_leaves_no_name_behind(tmp_path: Path) -> None:
    """Elsewhere files without a name do not exist: see tests/ops/test_atomic_write.py."""
    lines = [*signature_lines(20), {"damaged": index(21)}]
    lines += [signature_line(record(number), number) for number in range(22, 2_000)]
    (tmp_path / "signatures.zaklik").write_bytes(export(lines))
    keys = [builders.ORGANISER_KEY.seed, *TRUSTED.attestation, *TRUSTED.export]
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_RUN, *(key.hex() for key in keys)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        children = [int(pid) for pid in process.stdout.readline().split()]
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=60) == -signal.SIGKILL

    assert len(children) == 2
    while any(map(_is_running, children)):
        os.sched_yield()
    assert [path.name for path in tmp_path.iterdir()] == ["signatures.zaklik"]


KILLED_RUNS = """
import os, random, signal, sys, time
from pathlib import Path
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.domain.petitions.petition import VerificationKeys
from ops.keys.unsealing import spreadsheet
from ops.keys.unsealing.damaged_gzip import lines_before_fault
from ops.keys.unsealing.sealed_export import SealedExport

seed, attestation, export_key = map(bytes.fromhex, sys.argv[1:])
trusted = VerificationKeys(attestation=(attestation,), export=(export_key,))
target = Path("signatures.csv")

def unseal():
    with open("signatures.zaklik", "rb") as file:
        spreadsheet.unseal(SealedExport(file), [PrivateKey(seed)], trusted, target)

started = time.monotonic()
unseal()
seconds, whole = time.monotonic() - started, target.read_bytes()
ended = 0
for number in range(24):
    target.unlink(missing_ok=True)
    process = os.fork()
    if not process:
        unseal()
        os._exit(0)
    # The last runs are killed about when the file gets its name.
    time.sleep(seconds * random.uniform(0 if number < 12 else 0.8, 1.1))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    names = set(os.listdir()) - {"signatures.zaklik"}
    assert names in (set(), {"signatures.csv"}), names
    assert not names or target.read_bytes() == whole
    ended += bool(names)
print(ended)
"""


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="no files without a name here")
def test_a_run_killed_at_any_moment_leaves_the_whole_table_or_none(tmp_path: Path) -> None:
    (tmp_path / "signatures.zaklik").write_bytes(export(signature_lines(60)))
    keys = [builders.ORGANISER_KEY.seed, *TRUSTED.attestation, *TRUSTED.export]

    finished = subprocess.run(
        [sys.executable, "-c", KILLED_RUNS, *(key.hex() for key in keys)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert int(finished.stdout) < 24
