"""What does a reader download to see the petition? Bytes, requests, third parties, by language."""

import gzip
import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from bench import reporting, stage
from bench.reporting import Chapter, Say, figure

BUDGET_BYTES: Final = 14 * 1024
"""What a server may send in its first round trip: ten segments (RFC 6928) of 1,460 bytes."""

_FETCHED: Final = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "image": ("href",),
    "img": ("src", "srcset"),
    "input": ("src",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "use": ("href",),
    "video": ("src", "poster"),
}
_FETCHED_LINKS: Final = frozenset(
    {"icon", "stylesheet", "preload", "modulepreload", "prefetch", "preconnect", "manifest"}
)
_IN_STYLE: Final = re.compile(r"""(?:url\(|@import)\s*['"]?([^'")\s;]+)""")


@dataclass(frozen=True, kw_only=True)
class Weight:
    """What one page weighs. `brotli` is None where that library is not installed."""

    raw: int
    gzip: int
    brotli: int | None
    requests: int
    third_parties: int


class _Reader(HTMLParser):
    """Notes every address that a browser fetches without being asked."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        self.fetched += _IN_STYLE.findall(values.get("style", ""))
        names = _FETCHED.get(tag, ())
        if tag == "link" and _FETCHED_LINKS & set(values.get("rel", "").split()):
            names = ("href",)
        for name in names:
            parts = values.get(name, "").split(",") if name == "srcset" else [values.get(name, "")]
            self.fetched += [part.split()[0] for part in parts if part.strip()]

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.fetched += _IN_STYLE.findall(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"


def fetched_by(page: str) -> Sequence[str]:
    """The addresses that a browser fetches to show a page; what the page itself holds is none."""
    reader = _Reader()
    reader.feed(page)
    return [address for address in reader.fetched if not address.startswith(("data:", "#"))]


def weigh(page: str) -> Weight:
    """Weigh a page."""
    body = page.encode()
    fetched = fetched_by(page)
    squeeze = _brotli()
    return Weight(
        raw=len(body),
        gzip=len(gzip.compress(body, compresslevel=6, mtime=0)),
        brotli=len(squeeze(body)) if squeeze else None,
        requests=1 + len(fetched),
        third_parties=sum(bool(urlsplit(address).netloc) for address in fetched),
    )


def measure(say: Say) -> Mapping[str, Weight]:
    """The weight of the petition page in each language."""
    weights = {}
    with stage.stage() as world:
        for code in stage.LANGUAGES:
            say(code)
            world.services.cache.clear()
            weights[code] = weigh(stage.answer(stage.event("GET", f"/{code}/{stage.SLUG}")))
    return weights


def chapter(weights: Mapping[str, Weight]) -> Chapter:
    """What the weights say."""
    with_brotli = all(weight.brotli is not None for weight in weights.values())
    heads = ["language", "raw", "gzip -6", *(["brotli"] if with_brotli else [])]
    heads += ["of the budget", "requests", "third parties"]
    rows = []
    for code, weight in weights.items():
        squeezed = [figure(weight.gzip), *([figure(weight.brotli or 0)] if with_brotli else [])]
        share = f"{weight.gzip / BUDGET_BYTES:.0%}"
        others = [share, figure(weight.requests), figure(weight.third_parties)]
        rows.append([code, figure(weight.raw), *squeezed, *others])
    text = f"""
The petition that ships with the service, with all demands, its form and one update; bytes of the
body, style sheet included. *Requests* are the page and all that a browser fetches to show it:
scripts, pictures, fonts, style sheets. The budget is {figure(BUDGET_BYTES)} bytes compressed:
what fits into the first round trip of a new connection. Cyrillic letters take two bytes each, and
compress well.

{reporting.table(heads, rows)}
"""
    return Chapter(
        title="What a reader downloads",
        command=reporting.command("page"),
        text=text,
        broken=_broken(weights),
    )


def _broken(weights: Mapping[str, Weight]) -> Sequence[str]:
    heavy = [code for code, weight in weights.items() if weight.gzip > BUDGET_BYTES]
    busy = [code for code, weight in weights.items() if weight.requests > 2]
    leaking = [code for code, weight in weights.items() if weight.third_parties]
    return [
        *(f"the page in {code} is over its budget of {BUDGET_BYTES} bytes" for code in heavy),
        *(f"the page in {code} takes more than two requests" for code in busy),
        *(f"the page in {code} asks third parties" for code in leaking),
    ]


def _brotli() -> Callable[[bytes], bytes] | None:
    try:
        compress: Callable[[bytes], bytes] = importlib.import_module("brotli").compress
    except ImportError:
        return None
    return compress


if __name__ == "__main__":
    reporting.show("page", lambda say: chapter(measure(say)))
