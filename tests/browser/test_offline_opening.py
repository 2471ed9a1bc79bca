"""A list opens in a browser without a network, with the same bytes as by the command."""

import gzip
import io
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Browser, Page, expect

from chalicelib.crypto.unsealing import PrivateKey
from ops.keys import organiser_keys, wrapped_keys
from ops.keys.organiser_keys import OrganiserKey
from ops.keys.unsealing import spreadsheet
from ops.keys.unsealing.sealed_export import BadExport, SealedExport
from ops.keys.unsealing.verification import COLUMNS
from tests import builders
from tests.browser import accessibility, offline
from tests.ops import folders
from tests.sealed_exports import (
    SLUG,
    TRUSTED,
    Line,
    attested_line,
    export,
    index,
    record,
    signature_line,
    signature_lines,
)

ORGANISER: Final = OrganiserKey(private=folders.ANNA.private, name="Anna", trusted={SLUG: TRUSTED})
WRAPPED: Final = [
    {
        "public_key": b64encode(builders.ORGANISER_KEY.public_bytes).decode(),
        "wraps": [
            {
                "organiser": folders.public(ORGANISER).fingerprint,
                "sealed": b64encode(
                    wrapped_keys.wrap(
                        builders.ORGANISER_KEY, folders.public(ORGANISER), SLUG
                    ).sealed
                ).decode(),
            }
        ],
    }
]
OTHER_KEY: Final = PrivateKey(b"\x09" * 32)
OTHER_SEED: Final = b"\x13" * 32
_OPEN: Final = """async ([raw, seed, fingerprint, trusted, options]) => {
  const file = new File([fromBase64(raw)], 'list.zaklik');
  const organiser = {...(await privateKey(fromHex(seed))), fingerprint,
    trusted: {'open-door': verificationBytes(trusted)}};
  const library = byId('library').textContent;
  const writer = options.rows ? new XlsxWriter(COLUMNS, options.rows) : new CsvWriter(COLUMNS);
  const {keepsGoing, workers = 2} = options;
  const opened = await openExport(file, [organiser], {library, writer, workers, keepsGoing});
  const bytesOf = async (blob) => toBase64(new Uint8Array(await blob.arrayBuffer()));
  return [opened.count, await bytesOf(opened.spreadsheet), await bytesOf(opened.report)];
}"""


@pytest.fixture(scope="module", params=["browser", "library"])
def page(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The page from disk, with the KEM of the browser or of the library."""
    path = offline.written(tmp_path_factory.mktemp("page"), request.param)
    with offline.opened(browser, path) as opened:
        yield opened


def sealed(lines: Sequence[Line | bytes], **changes: Any) -> bytes:
    """An export of these lines that the organiser's key opens."""
    return export(lines, **{"petition_keys": WRAPPED, **changes})


def given(raw: bytes, options: Any) -> Sequence[Any]:
    """What `_OPEN` takes: the export, and the organiser's opened key."""
    trusted = {
        "attestation": [b64encode(key).decode() for key in TRUSTED.attestation],
        "export": [b64encode(key).decode() for key in TRUSTED.export],
    }
    organiser = folders.public(ORGANISER).fingerprint
    return [b64encode(raw).decode(), ORGANISER.private.seed.hex(), organiser, trusted, options]


def opened_in(page: Page, raw: bytes, **options: Any) -> tuple[int, bytes, bytes]:
    """The number of signatures, the spreadsheet and the report that the browser makes."""
    count, rows, report = page.evaluate(_OPEN, given(raw, options))
    return count, b64decode(rows), b64decode(report)


def opened_by_command(
    raw: bytes, folder: Path, *, keep_going: bool = False
) -> tuple[int, bytes, bytes]:
    """The same by the command. A report without findings is not written."""
    target = folder / "list.csv"
    unsealed = spreadsheet.unseal(
        SealedExport(io.BytesIO(raw)),
        [builders.ORGANISER_KEY],
        TRUSTED,
        target,
        keep_going=keep_going,
    )
    report = spreadsheet.report_path(target)
    return unsealed.count, target.read_bytes(), report.read_bytes() if report.exists() else b""


def _lines_of(raw: bytes) -> list[bytes]:
    return gzip.decompress(raw).splitlines(keepends=True)


def _without(line: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key != name}


def _flipped(line: dict[str, Any], name: str, place: int) -> dict[str, Any]:
    raw = bytearray(b64decode(line[name]))
    raw[place] ^= 1
    return {**line, name: b64encode(raw).decode()}


LINE: Final = signature_line(record(2), 2)
CORRECTED: Final = record(3, confirmed_at="2026-03-08")
BAD: Final[Sequence[Line | bytes]] = [
    b"?\n",
    b"[" * 5000 + b"\n",
    b"7\n",
    b"[]\n",
    b"{}\n",
    b'"index"\n',
    b"\xff\xfe\n",
    b"\n",
    *(_without(LINE, name) for name in LINE),
    *({**LINE, name: 7} for name in LINE),
    *({**LINE, name: None} for name in LINE),
    *({**LINE, name: "Ж=="} for name in LINE),
    *({**LINE, name: ""} for name in LINE),
    *({**LINE, name: [LINE[name]]} for name in LINE),
    {**LINE, "sealed": LINE["sealed"][4:]},
    {**LINE, "sealed": "\n" + LINE["sealed"]},
    {**LINE, "sealed": " " + LINE["sealed"][:-1]},
    {**LINE, "index": index(2).upper() + "A"},
    {**LINE, "confirmed_on": "2026-02-30"},
    {**LINE, "confirmed_on": "20260308"},
    {**LINE, "confirmed_on": "2026-03-09"},
    {**LINE, "index": index(8)},
    {"damaged": '=HYPERLINK("https://evil.example")'},
    {"damaged": None, **LINE},
    {"index": None, "damaged": index(4)},
    _flipped(LINE, "sealed", -1),
    _flipped(LINE, "attestation", -1),
    _flipped(LINE, "attestation", 0),
    signature_line(record(2), 2, slug="other-door"),
    signature_line(record(2), 2, seed=OTHER_SEED),
    signature_line(record(2), 2, key=OTHER_KEY),
    signature_line(record(2), 2, sealed_as=index(9)),
    attested_line(b64decode(LINE["sealed"])[:-1] + b"?", 2),
    attested_line(b"\x02" + b64decode(LINE["sealed"])[1:], 2),
    signature_line([], 2),
    signature_line("name", 2),
    signature_line(None, 2),
    signature_line(7, 2),
    *(signature_line(_without(record(2), name), 2) for name in COLUMNS),
    *(signature_line(record(2, **{name: 7}), 2) for name in COLUMNS),
    signature_line(record(2, name=""), 2),
    signature_line(record(2, email="nobody"), 2),
    *(
        signature_line(record(2, confirmed_at=moment), 2)
        for moment in (
            "noon", "", "2026-03-08T12:00:00", "2026-03-08 12:00:00+00:00", "2026-03-99",
            "20260308", "2026-03-08T12:00+00:00", "2026-03-08T24:00:00+00:00",
            "2026-03-09T12:00:00+00:00", "2026-03-08T23:59:00-01:00", "2026-03-09",
            "2026-03-08T12:00:61Z", "2026-03-08T12:00:00+24:00",
        )
    ),
]  # fmt: skip
"""Lines that are refused, or would be if they stood where they do not: one a reason and way."""
GOOD: Final = [
    signature_line(record(number, **changes), number)
    for number, changes in enumerate(
        [
            {"name": "=1+1", "email": "a.b+c@gmail.com"},
            {"name": '"quoted"; semi, comma', "email": "ab@googlemail.com"},
            {"name": "\u200b＠cmd", "country": ""},
            {"name": "−5", "email": "x-y@yandex.by", "language": "-"},
            {"name": "a\r\nb\ttab", "email": "X.Y@ya.ru"},
            {"name": "\tx", "email": "someone@anna.fastmail.com"},
            {"name": "x", "email": "anna+tag@fastmail.com"},
            {"name": "Зміцер 𠀋 😀", "email": "+@example.org"},
            {"name": " \u00a0=x", "email": "İ@example.org"},
            {"name": "\x01\x0b", "email": "@gmail.com"},
            {"confirmed_at": "2026-03-09T00:59:59+01:00", "email": "..@gmail.com"},
            {"confirmed_at": "2026-03-08T12:00:00.123456+00:00", "email": "a@b@proton.me"},
            {"confirmed_at": "2026-03-08", "email": "a.b-c@pm.me"},
        ],
        start=101,
    )
]


def test_every_row_and_finding_is_that_of_the_command(page: Page, tmp_path: Path) -> None:
    one, two, three = signature_lines(3)
    raw = sealed([one, *BAD, two, one, two, three, *GOOD, GOOD[0], GOOD[2]])

    count, rows, report = opened_in(page, raw)

    assert (count, rows, report) == opened_by_command(raw, tmp_path)
    assert count == 3 + len(GOOD)


def test_lists_longer_than_a_section_keep_their_order(page: Page, tmp_path: Path) -> None:
    lines = signature_lines(12)
    filler = [{"damaged": index(number)} for number in range(2500)]
    raw = sealed([*lines[:4], *filler, *lines[4:], lines[3]])

    assert opened_in(page, raw) == opened_by_command(raw, tmp_path)


def test_a_section_that_is_checked_sooner_does_not_overtake(page: Page) -> None:
    lengths = page.evaluate(
        """async () => {
          const slow = `checkLine = async (verifier, line) => {
            if (line.length > 2) await new Promise((go) => setTimeout(go, 30));
            return line.length;
          };`;
          const verifier = {slug: 'open-door', seeds: [], attestationKeys: []};
          const pool = new WorkerPool(byId('library').textContent + slow, verifier, 1);
          const answers = [pool.check(utf8('slow\\n')), pool.check(utf8('x\\n'))];
          const lengths = await Promise.all(answers);
          pool.end();
          return lengths;
        }"""
    )

    assert lengths == [[5], [2]]


@pytest.mark.parametrize("lines", [[], signature_lines(1)])
def test_a_short_list_opens(page: Page, tmp_path: Path, lines: list[Line]) -> None:
    raw = sealed(lines)

    count, rows, report = opened_in(page, raw)

    assert (count, rows) == opened_by_command(raw, tmp_path)[:2]
    assert report.decode("utf-8-sig").count("\r\n") == 1


def _cut(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"", "not an export"),
        (b"nothing", "not an export"),
        (_cut(sealed(signature_lines(2))), "cut off"),
        (sealed(signature_lines(2)) + b"x", "altered or damaged: it cannot be read"),
        (sealed([b"x" * 20_000]), "altered or damaged: it cannot be read"),
        (sealed(signature_lines(1), sha256="0" * 64), "not those that were exported"),
        (sealed(signature_lines(1), count=2), "another number of lines"),
        (sealed(signature_lines(1), petition="other-door"), "manifest is that of another"),
        (sealed(signature_lines(1), seed=OTHER_SEED), "not attested by a key"),
        (sealed(signature_lines(1), petition_keys=[]), "does not open"),
        (sealed(signature_lines(1), petition_keys=[7]), "beginning of the export"),
        (sealed(signature_lines(1), slug="Other door"), "not an export"),
    ],
)
def test_a_list_that_the_command_refuses_is_refused(
    page: Page, tmp_path: Path, raw: bytes, refusal: str
) -> None:
    said = page.evaluate(
        f"(given) => ({_OPEN})(given).catch((error) => [error instanceof Refused, error.message])",
        given(raw, {}),
    )

    assert said[0] is True
    assert refusal in said[1]
    if "beginning of" not in refusal and "does not open" not in refusal:
        with pytest.raises(BadExport):
            opened_by_command(raw, tmp_path)


def _packed(*lines: bytes) -> bytes:
    return gzip.compress(b"".join(lines), mtime=0)


def _damaged_at(raw: bytes, *places: int) -> bytes:
    damaged = bytearray(raw)
    for place in places:
        damaged[place] ^= 0xFF
    return bytes(damaged)


LONG: Final = sealed([*signature_lines(60), {"damaged": index(90)}])
LONG_LINES: Final = _lines_of(LONG)
BROKEN: Final = {
    "cut": LONG[: len(LONG) // 2],
    "cut at its end": LONG[:-8],
    "one byte": _damaged_at(LONG, len(LONG) // 2),
    "two bytes": _damaged_at(LONG, len(LONG) // 3, len(LONG) * 2 // 3),
    "a byte of its check sum": _damaged_at(LONG, -6),
    "more behind it": LONG + b"x",
    "another file behind it": LONG + LONG,
    "no manifest": _packed(*LONG_LINES[:-1]),
    "a line less": _packed(*LONG_LINES[:5], *LONG_LINES[6:]),
    "a line of nothing": _packed(*LONG_LINES[:5], b"?\n", *LONG_LINES[6:]),
    "two manifests": _packed(*LONG_LINES[:9], LONG_LINES[-1], *LONG_LINES[9:]),
    "a line without an end": _packed(*LONG_LINES, LONG_LINES[3].rstrip()),
    "a line that is too long": _packed(*LONG_LINES[:30], b"x" * 20_000 + b"\n", *LONG_LINES[30:]),
    "a foreign manifest": sealed(signature_lines(20), seed=OTHER_SEED),
    "another petition": sealed(signature_lines(20), petition="other-door"),
}
"""Exports that are not verified as a whole."""


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_on_request_a_damaged_list_opens_as_far_as_by_the_command(
    page: Page, tmp_path: Path, raw: bytes
) -> None:
    opened = opened_in(page, raw, keepsGoing=True)

    assert opened == opened_by_command(raw, tmp_path, keep_going=True)
    assert "missing here" in opened[2].decode().splitlines()[-1]


def test_on_request_a_good_list_is_verified_as_ever(page: Page, tmp_path: Path) -> None:
    raw = sealed([*signature_lines(3), b"?\n"])

    assert opened_in(page, raw, keepsGoing=True) == opened_by_command(raw, tmp_path)


def test_an_organiser_opens_what_can_be_read_after_a_word_of_warning(page: Page) -> None:
    lines = [*LONG_LINES[:5], b"?\n", *LONG_LINES[6:]]
    key = organiser_keys.lock(ORGANISER, offline.PASSPHRASE).encode()
    page.goto(page.url.partition("#")[0])
    rest = page.get_by_role("button", name="Open what can be read")

    offline.choose(page, "The list that was exported", [("door.zaklik", _packed(*lines))])
    offline.choose(page, "Your key file, or several", [("anna.key", key)])
    page.get_by_label("Passphrase of anna.key").fill(offline.PASSPHRASE)
    expect(rest).to_be_hidden()
    page.get_by_label("Passphrase of anna.key").press("Enter")
    expect(page.locator("#list [role=alert]")).to_contain_text("not those that were exported")
    expect(page.get_by_text("others can be missing")).to_be_visible()
    rest.press("Enter")

    expect(page.get_by_role("heading", name="59 signatures of “open-door”")).to_be_focused()
    expect(rest).to_be_hidden()
    said = page.locator("#list-result .note").inner_text()
    assert "61 lines could be read, and 1 of 60 exported signatures are missing here." in said
    assert "The list is the one that was exported" not in page.locator("main").inner_text()
    [sheet] = sheets_of(offline.saved(page, "door.xlsx"))
    assert len(sheet) == 60
    assert b"1 of 60" in offline.saved(page, "door.xlsx.report.csv")


def test_a_spreadsheet_holds_text_alone_and_goes_on_in_further_sheets(page: Page) -> None:
    lines = [*GOOD, signature_line(record(1, name="_x0041_ <b>&amp;"), 201)]

    _, raw, _ = opened_in(page, sealed(lines), rows=6)

    sheets = sheets_of(raw)
    assert [len(sheet) for sheet in sheets] == [6, 6, 5]
    assert [sheet[0] for sheet in sheets] == [list(COLUMNS)] * 3
    names = [row[0] for sheet in sheets for row in sheet[1:]]
    assert names[0] == "=1+1"
    assert names[9] == "_x0001__x000B_"
    assert names[13] == "_x005F_x0041_ <b>&amp;"
    assert {row[1] for sheet in sheets for row in sheet[1:]} >= {"İ@example.org", "@gmail.com"}


def sheets_of(raw: bytes) -> list[list[list[str]]]:
    """The rows of each sheet of an XLSX file. Every cell must be text in its place."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    sheets = []
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        for name in sorted(each for each in archive.namelist() if "worksheets/" in each):
            tree = ET.fromstring(archive.read(name))  # noqa: S314 - it is our own
            cells = [list(row) for row in tree.iter(f"{space}row")]
            assert {cell.get("t") for row in cells for cell in row} == {"inlineStr"}
            sheets.append([["".join(cell.itertext()) for cell in row] for row in cells])
    return sheets


def test_an_organiser_opens_a_list_with_the_keyboard_and_saves_it(page: Page) -> None:
    forged = _flipped(LINE, "sealed", -1)
    key = organiser_keys.lock(ORGANISER, offline.PASSPHRASE).encode()
    page.goto(page.url.partition("#")[0])

    offline.choose(
        page,
        "The list that was exported",
        [("door.zaklik", sealed([*signature_lines(1), forged, signature_line(CORRECTED, 3)]))],
    )
    offline.choose(page, "Your key file, or several", [("anna.key", key)])
    page.get_by_label("Passphrase of anna.key").fill("another")
    page.keyboard.press("Enter")
    expect(page.locator("#list [role=alert]")).to_contain_text("anna.key: The passphrase does not")
    expect(page.get_by_label("Passphrase of anna.key")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(offline.PASSPHRASE)
    page.get_by_role("button", name="Open the list").press("Space")

    expect(page.get_by_role("heading", name="2 signatures of “open-door”")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Done")).to_contain_text("2 signatures")
    assert "1 line left out: not attested" in page.locator(".findings").inner_text()
    assert page.get_by_role("table", name="By country").inner_text().split() == [
        "By", "country", "Poland", "2",
    ]  # fmt: skip
    [sheet] = sheets_of(offline.saved(page, "door.xlsx"))
    assert [row[0] for row in sheet] == ["name", "Ніна 1", "Ніна 3"]
    assert b"not attested" in offline.saved(page, "door.xlsx.report.csv")


def test_a_key_file_that_knows_no_keys_of_the_service_opens_nothing(page: Page) -> None:
    key = organiser_keys.lock(replace(ORGANISER, trusted={}), offline.PASSPHRASE).encode()
    page.goto(page.url.partition("#")[0])

    offline.choose(page, "The list that was exported", [("door.zaklik", sealed([]))])
    offline.choose(page, "Your key file, or several", [("anna.key", key)])
    page.get_by_label("Passphrase of anna.key").fill(offline.PASSPHRASE)
    page.get_by_role("button", name="Open the list").click()

    expect(page.locator("#list [role=alert]")).to_contain_text("does not know yet by which keys")


@pytest.mark.parametrize("phase", ["Verifying", "Opening"])
def test_opening_can_be_stopped_in_the_middle_of_a_file(page: Page, phase: str) -> None:
    stopped = page.evaluate(
        """async ([raw, seed, fingerprint, trusted, {phase}]) => {
          const stop = new AbortController();
          const organiser = {...(await privateKey(fromHex(seed))), fingerprint,
            trusted: {'open-door': verificationBytes(trusted)}};
          const progress = (at) => { if (at.phase === phase) stop.abort(); };
          const options = {library: byId('library').textContent, writer: new CsvWriter(COLUMNS),
            signal: stop.signal, progress};
          const file = new File([fromBase64(raw)], 'x');
          const error = await openExport(file, [organiser], options).catch((each) => each);
          return error.name;
        }""",
        given(sealed(signature_lines(150)), {"phase": phase}),
    )

    assert stopped == "AbortError"


@pytest.mark.parametrize("part", ["list", "keys", "petition"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_each_part(page: Page, part: str, scheme: accessibility.Scheme) -> None:
    page.goto(f"{page.url.partition('#')[0]}#{part}")

    for width in (accessibility.NARROWEST, 390, 1280):
        assert accessibility.violations_on(page, width=width, scheme=scheme) == []
    assert accessibility.structure_faults(page) == []


@pytest.mark.parametrize(
    ("part", "tasks"),
    [
        ("keys", ["Make your key", "Public half and recovery", "Make a key again"]),
        ("petition", ["Make the key", "Prove that", "Let one more organiser", "Change the key"]),
    ],
)
def test_a_screen_reader_names_the_task_to_which_a_field_belongs(
    page: Page, part: str, tasks: list[str]
) -> None:
    page.goto(f"{page.url.partition('#')[0]}#{part}")

    fields = page.locator(f"#part-{part} input[id]:not([id=petition-file])")
    in_tasks = [page.get_by_role("group", name=task).locator("input").count() for task in tasks]

    assert fields.count() == sum(in_tasks)
