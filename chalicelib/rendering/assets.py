"""Style sheets and scripts, with their hashes and the names under which they are served."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from chalicelib.rendering import urls
from chalicelib.rendering.build_output import existing, read_json

COLOURS: Final = "colours.css"
COLOURS_IN_THE_DARK: Final = "colours-dark.css"
_COLOUR: Final = re.compile(r"--([\w-]+):(#[0-9a-f]{3,6})\b")


@cache
def style(name: str) -> str:
    """A style sheet, without comments and spaces."""
    return existing(name).read_text("utf-8")


@cache
def colours(*, dark: bool = False) -> Mapping[str, str]:
    """Colours in hexadecimal by the names that style sheets give them, such as `on-band`."""
    by_day = dict(_COLOUR.findall(style(COLOURS)))
    return {**by_day, **dict(_COLOUR.findall(style(COLOURS_IN_THE_DARK)))} if dark else by_day


@cache
def style_hash(style_sheet: str) -> str:
    """The hash of a style sheet in the form of a Content-Security-Policy."""
    digest = hashlib.sha256(style_sheet.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def static(name: str) -> str:
    """The path of a script of `templates/static/`: `page.js` is at `/static/page-3f9a….js`."""
    return urls.static(_static_names()[name])


def find_static(served_name: str) -> str | None:
    """The text of the script that is served under a name, or None."""
    if served_name not in _static_names().values():
        return None
    return existing(f"static/{served_name}").read_text("utf-8")


@cache
def _static_names() -> Mapping[str, str]:
    """The served names of scripts, by the names of their sources."""
    return dict(read_json("static.json"))
