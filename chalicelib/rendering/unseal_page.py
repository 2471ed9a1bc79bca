"""The page that opens lists and makes keys without a network, as the build has assembled it."""

from functools import cache
from typing import Final

from chalicelib.rendering.build_output import existing

FILE: Final = "unseal.html"


@cache
def text() -> str:
    """The page (HTML), the same bytes as `zaklik unseal-page` writes."""
    return existing(FILE).read_text("utf-8")


@cache
def policy() -> str:
    """The Content-Security-Policy that the page names in its own head."""
    return text().partition('Content-Security-Policy" content="')[2].partition('"')[0]
