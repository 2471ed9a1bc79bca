"""Amendments in a few words, on the pages that mention them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.petitions.amendment import Amendment, AmendmentKind
from chalicelib.domain.petitions.petition import Petition
from chalicelib.rendering import translations, urls


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AmendmentNotice:
    """An amendment or a correction (`kind`) in a few words; `reason_language` is a code."""

    kind: str
    made_on: date
    reason: str
    reason_language: str
    href: str


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
