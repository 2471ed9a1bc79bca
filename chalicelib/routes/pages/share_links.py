"""Ways to pass a petition on: a ready sentence, and links that open messengers with it.

Nothing in them tells who passes it on. No other site learns anything before a link is followed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from chalicelib.config import Settings
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.rendering import translations, urls

_MESSENGERS: Final[Mapping[str, str]] = {
    "Telegram": "https://t.me/share/url?url={link}&text={sentence}",
    "WhatsApp": "https://wa.me/?text={sentence}%20{link}",
    "Viber": "viber://forward?text={sentence}%20{link}",
}
"""The address at which each takes a message to forward. Signal has none."""
_ASCII: Final = re.compile(r"[\x00-\x7f]+")
_MAIL: Final = "mailto:?subject={subject}&body={sentence}%20{link}"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ShareLinks:
    """A sentence to send with the absolute `link` of a petition, and `apps`: addresses by name.

    `page` is the page with more ways. `at_risk`: whoever passes it on may be in danger.
    """

    sentence: str
    link: str
    apps: Mapping[str, str]
    page: str
    at_risk: bool


def share_links(
    settings: Settings, petition: Petition, state: PetitionState, code: str
) -> ShareLinks:
    """The ways to pass a petition on, in the language `code`."""
    _ = translations.catalogue(code).gettext
    text = petition.text(code)
    link = settings.public_url + urls.petition(petition.language(code), petition.slug)
    asks = (
        _("Please read and sign this petition: “%(title)s”")
        if state is PetitionState.OPEN
        else _("Please read this petition: “%(title)s”")
    )
    sentence = asks % {"title": text.title}
    parts = {
        "sentence": _encoded(sentence),
        "link": _encoded(link),
        # It may be seen over a shoulder, or by a provider.
        "subject": _encoded(_("Please read this")),
    }
    addresses = {**_MESSENGERS, _("Email"): _MAIL}
    return ShareLinks(
        sentence=sentence,
        link=link,
        apps={name: address.format_map(parts) for name, address in addresses.items()},
        page=urls.share(code, petition.slug),
        at_risk=bool(text.risk),
    )


def _encoded(text: str) -> str:
    """The text as a part of an address. Letters beyond ASCII stay: browsers encode them later."""
    return _ASCII.sub(lambda part: quote(part[0], safe=""), text)
