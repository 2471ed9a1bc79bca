"""What does a reader download to see the petition? Bytes, requests, third parties, by language."""

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from bench.instruments import moto_service, reporting
from bench.instruments.reporting import Chapter, Progress, figure

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
    """Bytes of one page, raw and compressed; requests to show it, and those to third parties."""

    raw: int
    gzip: int
    requests: int
    third_parties: int


class _ResourceParser(HTMLParser):
    """Collects every address that a browser fetches by itself."""

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
    reader = _ResourceParser()
    reader.feed(page)
    return [address for address in reader.fetched if not address.startswith(("data:", "#"))]


def weigh(page: str) -> Weight:
    """Weigh a page."""
    body = page.encode()
    fetched = fetched_by(page)
    return Weight(
        raw=len(body),
        gzip=len(gzip.compress(body, compresslevel=6, mtime=0)),
        requests=1 + len(fetched),
        third_parties=sum(bool(urlsplit(address).netloc) for address in fetched),
    )


def measure(progress: Progress) -> Mapping[str, Weight]:
    """The weight of the petition page in each language."""
    weights = {}
    with moto_service.published_petition() as world:
        for code in moto_service.LANGUAGES:
            progress(code)
            world.services.cache.clear()
            weights[code] = weigh(
                moto_service.answer(moto_service.event("GET", f"/{code}/{moto_service.SLUG}"))
            )
    return weights


def chapter(weights: Mapping[str, Weight]) -> Chapter:
    """The weights beside the budget."""
    heads = ("language", "raw", "gzip -6", "of the budget", "requests", "third parties")
    rows = [
        (
            code,
            figure(weight.raw),
            figure(weight.gzip),
            f"{weight.gzip / BUDGET_BYTES:.0%}",
            figure(weight.requests),
            figure(weight.third_parties),
        )
        for code, weight in weights.items()
    ]
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


if __name__ == "__main__":
    reporting.show("page", lambda progress: chapter(measure(progress)))
