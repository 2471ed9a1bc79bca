"""The page `unseal.html`, opened from disk in a browser without a network."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page

from ops import offline_page

Kem = Literal["browser", "library"]
"""Which of both implementations of the KEM is used: the browser's own, or the page's."""
PASSPHRASE: Final = "gravel teapot anthem lunar"
_LIBRARY_KEM: Final = "chosenKem = Promise.resolve(libraryKem);"


def written(folder: Path, kem: Kem = "browser") -> Path:
    """The file of the page. With the library's KEM, the browser's is hidden from page and workers.

    What is hidden changes the scripts, and so the digests in the policy.
    """
    path = folder / "unseal.html"
    path.write_text(
        offline_page.assemble(after_library=_LIBRARY_KEM if kem == "library" else ""), "utf-8"
    )
    return path


@contextmanager
def opened(browser: Browser, path: Path) -> Iterator[Page]:
    """The page without a network. It must ask for nothing and have no error."""
    context: BrowserContext = browser.new_context(offline=True, accept_downloads=True)
    page = context.new_page()
    asked: list[str] = []
    faults: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.goto(path.as_uri())
    yield page
    context.close()
    assert [url for url in asked if not url.startswith(("blob:", path.as_uri()))] == []
    assert faults == []


def choose(place: Page | Locator, label: str, files: Sequence[tuple[str, bytes]]) -> None:
    """Choose files of these names and contents in the input of a label."""
    payloads: list[FilePayload] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": raw} for name, raw in files
    ]
    place.get_by_label(label).set_input_files(payloads)


def saved(page: Page, name: str) -> bytes:
    """What the browser saves by the link of a name."""
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Save {name}", exact=True).click()
    assert download.value.suggested_filename == name
    return Path(download.value.path()).read_bytes()
