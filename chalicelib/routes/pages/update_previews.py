"""Shows an update before it is sent: its page and its mail in every language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.domain.alerts import content
from chalicelib.domain.alerts.alert import AlertKind
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import Update
from chalicelib.mail import from_field, petition_mails
from chalicelib.rendering import sanitiser, translations, urls
from chalicelib.routes.http import responses
from chalicelib.routes.http.responses import Edition
from chalicelib.routes.pages import update_pages
from chalicelib.usecases.alerts import composing
from chalicelib.usecases.alerts.composing import MAX_HTML_BYTES
from chalicelib.wiring import Services

_OWN_LINK: Final = "each-reader-has-a-link-of-their-own"
"""Stands for the token in the link to leave."""
_LINK: Final = re.compile(r'<a\b[^>]*?href="([^"]+)"')


@dataclass(frozen=True, kw_only=True)
class UpdatePreview:
    """An update in one language: its page, and the parts of its mail.

    `links` are the addresses in the mail, each once.
    """

    language: str
    name: str
    sender: str
    subject: str
    page: str
    html: str
    text: str
    links: Sequence[str]

    @property
    def html_bytes(self) -> int:
        """The size of the mail's HTML."""
        return len(self.html.encode())

    @property
    def is_too_large(self) -> bool:
        """Whether Gmail would cut the mail."""
        return self.html_bytes > MAX_HTML_BYTES


def previews_of(
    services: Services, petition: Petition, update: Update, languages: Sequence[str]
) -> Sequence[UpdatePreview]:
    """The previews of an update in these of its languages, as of now."""
    # As texts are read from the table.
    shown = replace(
        update,
        texts={
            language: replace(text, html=sanitiser.clean(text.html))
            for language, text in update.texts.items()
        },
    )
    return [_preview(services, petition, shown, language) for language in languages]


def _preview(
    services: Services, petition: Petition, update: Update, language: str
) -> UpdatePreview:
    mail = composing.message(
        services,
        content.frozen(petition, [update], whole=True),
        AlertKind.UPDATE,
        due=[update.name],
        wanted=language,
        unsubscribe=lambda language: urls.unsubscribe(language, _OWN_LINK),
    )
    subject, text, html = petition_mails.render_parts(language, mail.name, mail)
    settings, state = services.settings, petition.state(services.now())
    edition = Edition(language=translations.languages()[language], settings=settings)
    name, address = from_field.parsed(from_field.from_field(settings.sender, mail.sender_name))
    contents = update_pages.update_contents(edition, petition, state, update)
    # It is framed, and frames run no scripts.
    layout = replace(contents.layout, scripts=(), later_scripts=())
    return UpdatePreview(
        language=language,
        name=edition.language.name,
        sender=f"{name} <{address}>" if name else address,
        subject=subject,
        page=responses.rendered(replace(contents, layout=layout)),
        html=html,
        text=text,
        links=tuple(dict.fromkeys(_LINK.findall(html))),
    )
