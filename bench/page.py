"""What does a reader download to see the petition? Bytes, requests, third parties, by language."""

import gzip
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from bench.instruments import moto_service, reporting
from bench.instruments.moto_service import Content
from bench.instruments.reporting import Chapter, Progress, figure
from tests.browser import window

BUDGET_BYTES: Final = 14 * 1024
"""What a server may send in its first round trip: ten segments (RFC 6928) of 1,460 bytes."""
PICTURE_BYTES: Final = 25 * 1024

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
    """Bytes of a page with its style sheet and scripts, raw and compressed, and of its picture.

    `requests` are those of the page, its scripts and pictures; some may go to third parties.
    """

    raw: int
    gzip: int
    picture: int
    requests: int
    pictures: int
    third_parties: int

    @property
    def transferred(self) -> int:
        """Bytes that reach a browser that compresses as everybody does."""
        return self.gzip + self.picture


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


def weigh(page: str, fetch: Callable[[str], Content]) -> Weight:
    """Weigh a page and what it fetches from its own site."""
    fetched = fetched_by(page)
    own = [fetch(address) for address in fetched if not urlsplit(address).netloc]
    texts = [page.encode(), *(each.body for each in own if not each.is_picture)]
    pictures = [each.body for each in own if each.is_picture]
    return Weight(
        raw=sum(map(len, texts)),
        gzip=sum(len(gzip.compress(text, compresslevel=9, mtime=0)) for text in texts),
        picture=sum(len(picture) for picture in pictures),
        requests=1 + len(fetched),
        pictures=len(pictures),
        third_parties=len(fetched) - len(own),
    )


def measure(progress: Progress) -> Mapping[str, Weight]:
    """The weight of the petition page in each language."""
    weights = {}
    with moto_service.published_petition() as world:
        world.reset()
        window.publish(world)
        # As large as it gets: with numbers, also of countries.
        world.raise_tally(without_country=1000, PL=1234, LT=640, DE=48)
        world.set_figures()
        for code in moto_service.LANGUAGES:
            progress(code)
            page = moto_service.answer(moto_service.event("GET", f"/{code}/{window.SLUG}"))
            weights[code] = weigh(page, moto_service.content)
    return weights


def chapter(weights: Mapping[str, Weight]) -> Chapter:
    """The weights beside the budget."""
    heads = (
        "language",
        "raw",
        "gzip -9",
        "of the budget",
        "picture",
        "requests",
        "third parties",
    )
    rows = [
        (
            code,
            figure(weight.raw),
            figure(weight.gzip),
            f"{weight.gzip / BUDGET_BYTES:.0%}",
            figure(weight.picture),
            figure(weight.requests),
            figure(weight.third_parties),
        )
        for code, weight in weights.items()
    ]
    text = f"""
The petition that ships with the service, with all demands, its form, one update and the figures of
three countries: bytes of the page with style sheet and script, and of its picture, which is as
compressed as it gets. *Requests*
are the page and all that a browser fetches to show it: scripts, pictures, fonts, style sheets. The
budget of page and script is {figure(BUDGET_BYTES)} bytes compressed, what fits into the first round
trip of a new connection; that of the picture {figure(PICTURE_BYTES)}. Cyrillic letters take two
bytes each, and compress well.

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
    large = [code for code, weight in weights.items() if weight.picture > PICTURE_BYTES]
    busy = [
        code
        for code, weight in weights.items()
        if weight.pictures > 1 or weight.requests - weight.pictures > 2
    ]
    leaking = [code for code, weight in weights.items() if weight.third_parties]
    return [
        *(f"the page in {code} is over its budget of {BUDGET_BYTES} bytes" for code in heavy),
        *(f"the picture in {code} is over its budget of {PICTURE_BYTES} bytes" for code in large),
        *(f"the page in {code} takes more than two requests and a picture" for code in busy),
        *(f"the page in {code} asks third parties" for code in leaking),
    ]


if __name__ == "__main__":
    reporting.show("page", lambda progress: chapter(measure(progress)))
