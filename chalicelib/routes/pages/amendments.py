"""The variables of an amendment's page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.domain.petitions.petition import PetitionText
from chalicelib.domain.petitions.text_changes import Part, Piece
from chalicelib.routes.pages.amendment_notices import AmendmentNotice
from chalicelib.routes.pages.contexts import Link, Page


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ShownChange:
    """A part of the text that differs. `language` is its code, `name` that of another language.

    Without `pieces` the words are the same.
    """

    language: str
    name: str
    part: Part
    number: int
    pieces: Sequence[Piece]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AmendmentPage(Page):
    """An amendment: its reason, what differs, and both texts in the language of the page.

    `before` and `after` are None where there was no text. `elsewhere` leads to the other languages
    in which something differs.
    """

    template: ClassVar[str] = "amendment.html"
    notice: AmendmentNotice
    offers_withdrawal: bool
    changes: Sequence[ShownChange]
    elsewhere: Sequence[Link]
    before: PetitionText | None
    after: PetitionText | None
    petition_title: str
    petition: str
    manage: str
