"""Writes the previews of an update as files, beside a page that shows them all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined

from chalicelib.domain.petitions.update import Update
from chalicelib.routes.pages.update_previews import UpdatePreview
from chalicelib.usecases.alerts.composing import MAX_HTML_BYTES
from ops.atomic_write import atomic_write

INDEX: Final = "index.html"
_TEMPLATE: Final = Path(__file__).with_name("update_preview.html")


def write(folder: Path, update: Update, previews: Sequence[UpdatePreview]) -> Path:
    """Write the files of the previews into a folder; the path of the one that shows them all."""
    folder.mkdir(parents=True, exist_ok=True)
    for preview in previews:
        _write(folder / f"{preview.language}-page.html", preview.page)
        _write(folder / f"{preview.language}-mail.html", preview.html)
        _write(folder / f"{preview.language}-mail.txt", preview.text)
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    index = environment.from_string(_TEMPLATE.read_text("utf-8")).render(
        update_id=update.id, previews=previews, max_html_bytes=MAX_HTML_BYTES
    )
    _write(folder / INDEX, index)
    return folder / INDEX


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text.encode())
