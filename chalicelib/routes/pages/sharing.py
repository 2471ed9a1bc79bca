"""The variables of the pages for sharing: links, the poster, the card to embed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from chalicelib.routes.pages.contexts import Link, Page
from chalicelib.routes.pages.pictures import ShownPicture
from chalicelib.routes.pages.share_links import ShareLinks


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SharePage(Page):
    """Ways to pass a petition on. `qr` is safe HTML, `embed_code` is text.

    `links` lead to feeds and JSON for programs.
    """

    template: ClassVar[str] = "share.html"
    petition_title: str
    petition: str
    sharing: ShareLinks
    qr: str
    poster: str
    embed: str
    embed_code: str
    links: Sequence[Link]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PosterPage(Page):
    """A sheet of paper, with the petition's picture. `address` is short enough to type.

    `state` and the days as in PetitionPage. `demands` are their headings; `size` is large, medium
    or small, so that it all fits.
    """

    template: ClassVar[str] = "poster.html"
    state: str
    opens_on: date
    closes_on: date
    target: str
    demands: Sequence[str]
    address: str
    qr: str
    share: str
    size: str
    picture: ShownPicture | None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EmbedPage(Page):
    """A card in somebody else's page; `percent` is how much of the goal is reached, 0 to 100.

    `state` and the days as in PetitionPage.
    """

    template: ClassVar[str] = "embed.html"
    count: int
    goal: int
    percent: int
    state: str
    opens_on: date
    closes_on: date
    petition: str
    picture: ShownPicture | None
