"""Composes the messages of an alert from its frozen content, and measures them before it starts."""

import json
from collections.abc import Callable, Collection
from typing import Final

from chalicelib.domain.alerts.alert import AlertKind
from chalicelib.domain.alerts.content import AlertContent, AlertTooLarge
from chalicelib.domain.petitions.update import Update
from chalicelib.mail import alert_messages
from chalicelib.mail.alert_messages import AlertMessage, DigestMessage, Headline
from chalicelib.mail.mailing_list import MailingList
from chalicelib.mail.petition_mails import About
from chalicelib.rendering import translations, urls
from chalicelib.store.alerts import contents
from chalicelib.wiring import Services

MAX_HTML_BYTES: Final = 100_000
"""Gmail shows only the first 102 KB of a mail, and hides the link to unsubscribe after them."""
MAX_DATA_CHARACTERS: Final = 262_144
"""Of the template data of one recipient (SES API v2 reference, Template)."""
_LINK: Final = "/en/unsubscribe/" + "x" * 300
"""Longer than any real link, for measuring."""


def message(
    services: Services,
    content: AlertContent,
    kind: AlertKind,
    *,
    due: Collection[str],
    wanted: str,
    unsubscribe: Callable[[str], str],
) -> AlertMessage | DigestMessage:
    """The message of a copy in the `wanted` language; `unsubscribe` is a link's path by language.

    Each update in it is in a language that the update has. A digest holds the updates whose names
    are in `due`.
    """
    if kind is AlertKind.DIGEST:
        return DigestMessage(
            headlines=[
                _headline(services, update, wanted)
                for update in content.updates
                if update.name in due
            ],
            **_about(content, wanted),
            unsubscribe=services.settings.public_url + unsubscribe(wanted),
        )
    update = content.updates[0]
    language = update.language(wanted)
    text = update.text(language)
    return AlertMessage(
        text_language=language,
        title=text.title,
        body_text=text.text,
        body_html=text.html,
        **_about(content, wanted),
        page=_page(services, update, language),
        unsubscribe=services.settings.public_url + unsubscribe(wanted),
    )


def mailing_list(services: Services, content: AlertContent) -> MailingList:
    """The mailing list to which the mails of an alert belong."""
    settings = services.settings
    return MailingList(
        slug=content.updates[0].slug,
        sender=settings.sender,
        mailbox=settings.unsubscribe_mailbox,
    )


def check_size(services: Services, content: AlertContent, kind: AlertKind) -> None:
    """Render an alert in each language of its readers. Raises AlertTooLarge, with the remedy."""
    if contents.stored_bytes(content) > contents.MAX_BYTES:
        raise AlertTooLarge("Together the texts are too long to be stored. Shorten them.")
    for language in translations.languages():
        rendered = message(
            services,
            content,
            kind,
            due=[update.name for update in content.updates],
            wanted=language,
            unsubscribe=lambda _: _LINK,
        )
        copy = alert_messages.to_recipient(
            "", language, rendered, mailing_list=mailing_list(services, content), tags={}
        )
        html_bytes = len(json.loads(copy.variables)["html"].encode())
        if html_bytes > MAX_HTML_BYTES:
            raise AlertTooLarge(
                f"The mail in {language} has {html_bytes:,} bytes, and mail programs cut what is "
                f"over {MAX_HTML_BYTES:,}. Shorten its text by a "
                f"{'third' if html_bytes < MAX_HTML_BYTES * 3 // 2 else 'half or more'}, and "
                "put the rest on a page to which it links."
            )
        if len(copy.variables) > MAX_DATA_CHARACTERS:
            raise AlertTooLarge(
                f"The mail in {language} has {len(copy.variables):,} characters, and SES takes "
                f"{MAX_DATA_CHARACTERS:,}. Shorten its text."
            )


def _about(content: AlertContent, language: str) -> About:
    return About(
        petition_title=content.title(language),
        organiser=content.organiser,
        discreet=content.discreet,
    )


def _headline(services: Services, update: Update, wanted: str) -> Headline:
    language = update.language(wanted)
    text = update.text(language)
    return Headline(
        language=language,
        title=text.title,
        summary=text.summary,
        page=_page(services, update, language),
    )


def _page(services: Services, update: Update, language: str) -> str:
    return services.settings.public_url + urls.update(language, update.slug, update.name)
