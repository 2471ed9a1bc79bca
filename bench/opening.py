"""How long does a browser take to open a list, and how much memory, with `unseal.html`?"""

import os
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, expect

from bench.instruments import chromium, reporting
from bench.instruments.reporting import Chapter, Progress, figure, table
from ops.keys import organiser_keys, wrapped_keys
from ops.keys.organiser_keys import OrganiserKey
from tests import builders
from tests.browser import offline
from tests.browser.offline import Kem
from tests.ops import folders
from tests.sealed_exports import SLUG, TRUSTED, export, record, signature_line

SIZES: Final = (10_000, 100_000)
_SHORT_SIZE: Final = 500
_FEATURE: Final = "WebCryptoPQC"
"""What Chromium 150 has the hybrid KEM behind; later ones have it by default."""
_TITLE: Final = "What opening a list in a browser takes"
_TIMEOUT_MILLISECONDS: Final = 1_800_000
_ORGANISER: Final = OrganiserKey(private=folders.ANNA.private, name="", trusted={SLUG: TRUSTED})
_KEMS: Final[Sequence[tuple[Kem, str]]] = (("browser", "of Chromium"), ("library", "in the page"))


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A list of `rows` that was opened, with which KEM, in which form; peak memory in bytes."""

    rows: int
    kem: str
    form: str
    seconds: float
    memory: int


@dataclass
class _Memory:
    """The most memory that the processes below this one have held at once (PSS, bytes)."""

    peak: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch during the block."""
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()
        yield
        self._stopped.set()
        watch.join()

    def _watch(self) -> None:
        while not self._stopped.wait(0.5):
            self.peak = max(self.peak, _memory_below(os.getpid()))


def _memory_below(parent: int) -> int:
    """The memory of all processes below one: shared pages count in shares."""
    parents = {int(path.parent.name): _parent(path) for path in Path("/proc").glob("[0-9]*/stat")}
    below, fresh = set[int](), {parent}
    while fresh:
        fresh = {child for child, its_parent in parents.items() if its_parent in fresh}
        below |= fresh
    return sum(map(_proportional_size, below))


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text("utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _proportional_size(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def measure(progress: Progress, *, short: bool = False) -> Sequence[Opened] | None:
    """Open lists of growing size. None where there is no Chromium."""
    if not chromium.path():
        return None
    opened = []
    with tempfile.TemporaryDirectory() as name:
        for rows in (_SHORT_SIZE,) if short else SIZES:
            progress(f"sealing {rows:,} signatures")
            source = Path(name) / f"{rows}.zaklik"
            source.write_bytes(_export(rows))
            for kem, where in _KEMS:
                for form in ("XLSX", "CSV"):
                    progress(f"opening {rows:,} rows as {form}, KEM {where}")
                    page = offline.written(Path(name), kem)
                    opened.append(_open(page, source, rows, where, form, hidden=kem == "library"))
    return opened


def _export(rows: int) -> bytes:
    wrap = wrapped_keys.wrap(builders.ORGANISER_KEY, folders.public(_ORGANISER), SLUG)
    return export(
        [signature_line(record(number), number) for number in range(1, rows + 1)],
        petition_keys=[
            {
                "public_key": b64encode(builders.ORGANISER_KEY.public_bytes).decode(),
                "wraps": [{"organiser": wrap.organiser, "sealed": b64encode(wrap.sealed).decode()}],
            }
        ],
    )


def _open(path: Path, source: Path, rows: int, where: str, form: str, *, hidden: bool) -> Opened:
    """Open a list as an organiser does."""
    memory = _Memory()
    with memory.watched(), chromium.running(_FEATURE) as browser:
        seconds = _seconds(browser, path, source, rows, form, hidden=hidden)
    return Opened(rows=rows, kem=where, form=form, seconds=seconds, memory=memory.peak)


def _seconds(
    browser: Browser, path: Path, source: Path, rows: int, form: str, *, hidden: bool
) -> float:
    key = organiser_keys.lock(_ORGANISER, offline.PASSPHRASE)
    with offline.opened(browser, path) as page:
        has_kem = page.evaluate("kem().then((chosen) => chosen === browserKem)")
        assert hidden or has_kem, "this Chromium lacks the KEM"
        page.get_by_label("The list that was exported").set_input_files(source)
        offline.choose(page, "Your key file, or several", [("own.key", key.encode())])
        page.get_by_label("Passphrase of own.key").fill(offline.PASSPHRASE)
        page.get_by_label(f"({form})").check()
        started = time.perf_counter()
        page.get_by_role("button", name="Open the list").click()
        heading = page.get_by_role("heading", name=f"{rows:,} signatures")
        expect(heading).to_be_visible(timeout=_TIMEOUT_MILLISECONDS)
        return time.perf_counter() - started


def chapter(opened: Sequence[Opened] | None) -> Chapter:
    """Rows a second, and memory."""
    command = reporting.command("opening")
    if opened is None:
        return Chapter(title=_TITLE, command=command, text=f"\n{chromium.NONE_HERE}")
    rows = [
        (
            figure(each.rows),
            each.kem,
            each.form,
            figure(each.seconds),
            figure(each.rows / each.seconds),
            figure(round(each.memory / 1024**2)),
        )
        for each in opened
    ]
    text = f"""
An organiser opens a list with `unseal.html`, without a network: the manifest is verified, then
every signature is verified and opened, in one worker for each of {os.cpu_count()} cores. The KEM is
Chromium's own where it has it, elsewhere the one in the page. Seconds begin with the click, and so
hold the passphrase. Memory is that of all of Chromium's processes together.

{table(("rows", "KEM", "file", "seconds", "rows a second", "MiB"), rows)}"""
    return Chapter(title=_TITLE, command=command, text=text)


if __name__ == "__main__":
    reporting.show("opening", lambda progress: chapter(measure(progress)))
