"""The variables of an amendment's page, and of the notices of amendments on other pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.domain.amendment import Amendment, AmendmentKind
from chalicelib.domain.petition import Petition, PetitionText
from chalicelib.domain.text_changes import Part, Piece
from chalicelib.rendering import translations, urls
from chalicelib.routes.pages.contexts import AmendmentNotice, Link, Page


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


def notices(
    petition: Petition, language: str, amendments: Iterable[Amendment]
) -> Sequence[AmendmentNotice]:
    """Notices of these amendments of a petition, the newest first."""
    return [notice(petition, language, each) for each in reversed([*amendments])]


def notice(petition: Petition, language: str, amendment: Amendment) -> AmendmentNotice:
    """The notice of an amendment of a petition."""
    return AmendmentNotice(
        kind=amendment.kind,
        made_on=amendment.made_at.date(),
        reason=amendment.reason(language),
        reason_language=amendment.language(language),
        href=urls.amendment(petition.language(language), petition.slug, amendment.number),
    )


def title_of(amendment: Amendment, code: str) -> str:
    """What has happened to the text, in a language."""
    _ = translations.catalogue(code).gettext
    if amendment.kind is AmendmentKind.CORRECTION:
        return _("The text of this petition was corrected")
    return _("The text of this petition was changed")
