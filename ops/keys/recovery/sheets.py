"""Recovery sheets: a page to print, from which an organiser's key can be made again."""

from datetime import date
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined

from chalicelib.crypto import sealing
from chalicelib.crypto.unsealing import PrivateKey
from chalicelib.rendering import qr_codes
from ops.keys.recovery import codes

_TEMPLATE: Final = Path(__file__).with_name("sheet.html")


def render(private: PrivateKey, *, name: str, key_file: Path, made_on: date) -> str:
    """The page (HTML) for a key: its recovery code, as text and as a QR code, and what to do."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    lines = codes.lines_of(private)
    return environment.from_string(_TEMPLATE.read_text("utf-8")).render(
        name=name,
        key_file=key_file.name,
        sheet_file=path_beside(key_file).name,
        made_on=f"{made_on:%-d %B %Y}",
        fingerprint=sealing.grouped(sealing.fingerprint(private.public_bytes)),
        lines=[line.split() for line in lines],
        qr=qr_codes.svg(" ".join(lines)),
    )


def path_beside(key_file: Path) -> Path:
    """The file of the sheet of a key file: `anna-recovery.html` beside `anna.key`."""
    return key_file.with_name(f"{key_file.stem}-recovery.html")
