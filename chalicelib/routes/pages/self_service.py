"""The variables of one's own page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalicelib.domain.person import PersonRecord
from chalicelib.domain.petitions.petition import Organiser
from chalicelib.routes.pages.amendment_notices import AmendmentNotice
from chalicelib.routes.pages.contexts import Page
from chalicelib.routes.pages.form_contexts import Form


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ManagePage(Page):
    """One's own page: what is kept, and the forms to change or delete it.

    `note` says what has just been done. `for_signature`: the link is for a signature as well as for
    news, else `link_form` leads to the form that mails one. `news_language` is a code;
    `news_languages` and `countries` map codes to names. `amendments` (newest first) were made on
    the day of the signature or later.
    """

    template: ClassVar[str] = "manage.html"
    note: str
    form: Form
    petition_title: str
    petition: str
    link_form: str
    subscribe: str
    feed: str
    record: PersonRecord
    for_signature: bool
    countries: Mapping[str, str]
    news_language: str
    news_languages: Mapping[str, str]
    organiser: Organiser
    amendments: Sequence[AmendmentNotice] = ()
