"""Styles of mails, written into their elements: some mail programs read no style sheet.

What differs in the dark and on phones is in the style sheet of `templates/emails/layout.html`.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from chalicelib.rendering import assets

_SERIF: Final = "Georgia,'Noto Serif','Times New Roman',serif"
_SANS: Final = "-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
_MONO: Final = "ui-monospace,Menlo,Consolas,monospace"
_STYLES: Final[Mapping[str, str]] = {
    "a": "color:var(--accent);text-underline-offset:3px",
    "blockquote": "margin:0 0 16px;padding:2px 0 2px 16px;border-left:3px solid var(--line)",
    "body": f"margin:0;padding:0;background:var(--paper);color:var(--ink);font:17px/1.6 {_SANS}",
    "code": f"font:15px/1.5 {_MONO}",
    "h1": f"margin:0 0 20px;font:600 28px/1.25 {_SERIF};color:var(--ink)",
    "h2": f"margin:32px 0 12px;font:600 21px/1.3 {_SERIF};color:var(--ink)",
    "h3": f"margin:24px 0 8px;font:600 18px/1.35 {_SERIF};color:var(--ink)",
    "hr": "margin:32px 0 20px;border:0;border-top:1px solid var(--line)",
    "li": "margin:0 0 6px",
    "ol": "margin:0 0 16px;padding:0 0 0 24px",
    "p": "margin:0 0 16px",
    "pre": f"margin:0 0 16px;white-space:pre-wrap;font:15px/1.5 {_MONO}",
    "ul": "margin:0 0 16px;padding:0 0 0 24px",
    ".address": "font-size:13px;line-height:1.45;overflow-wrap:anywhere;word-break:break-word",
    ".band": (
        "padding:14px 32px;border-radius:12px 12px 0 0;background:var(--band);"
        f"color:var(--on-band);font:600 18px/1.35 {_SERIF}"
    ),
    ".button": (
        "display:inline-block;padding:14px 28px;border-radius:10px;background:var(--accent);"
        "color:var(--on-accent);font-weight:600;text-decoration:none"
    ),
    ".card": "padding:32px;background:var(--card);border-radius:0 0 12px 12px",
    ".code": (
        "display:inline-block;margin:0 0 12px;padding:8px 18px;border-radius:10px;"
        f"background:var(--tint);font:600 26px/1.4 {_MONO};letter-spacing:3px"
    ),
    ".foot": "padding:20px 32px 32px;font-size:15px;line-height:1.55;color:var(--soft)",
    ".link": "color:var(--soft);text-decoration:none",
    ".letter": "width:100%;max-width:600px;margin:0 auto",
    ".line": (
        "height:8px;border-radius:12px 12px 0 0;background:var(--band);font-size:0;line-height:0"
    ),
    ".main": "margin:24px 0",
    ".preheader": "display:none;max-height:0;overflow:hidden;mso-hide:all",
    ".small": "margin:0 0 16px;font-size:15px;line-height:1.55;color:var(--soft)",
    ".warm": "background:var(--warm);color:var(--on-warm)",
}
"""CSS by element, and by class after the element's own; colours by their names."""
_COLOUR: Final = re.compile(r"var\(--([\w-]+)\)")
_STYLE_SHEET: Final = re.compile(r"<style>.*?</style>", re.DOTALL)
_TAG: Final = re.compile(r"<([a-z][a-z0-9]*)((?:[^<>\"]|\"[^\"]*\")*)>")
_CLASSES: Final = re.compile(r' class="([^"]*)"')


@cache
def styles() -> Mapping[str, str]:
    """CSS by element and by class, such as `.button`, with colours as mail programs read them."""
    return {name: _with_colours(style, assets.colours()) for name, style in _STYLES.items()}


def written_into(html: str) -> str:
    """The HTML with a style attribute for each element and class that has a style.

    The colours in its style sheet are those of the dark.
    """
    in_the_dark = assets.colours(dark=True)
    html = _STYLE_SHEET.sub(lambda sheet: _with_colours(sheet[0], in_the_dark), html, count=1)
    return _TAG.sub(_styled, html)


def _with_colours(style: str, colours: Mapping[str, str]) -> str:
    """Colours in place of their names: mail programs know no variables."""
    return _COLOUR.sub(lambda name: colours[name[1]], style)


def _styled(tag: re.Match[str]) -> str:
    names = _CLASSES.search(tag[2])
    selectors = [tag[1], *(f".{name}" for name in names[1].split())] if names else [tag[1]]
    found = [styles()[selector] for selector in selectors if selector in styles()]
    return f'<{tag[1]}{tag[2]} style="{";".join(found)}">' if found else tag[0]
