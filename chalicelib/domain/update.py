"""What an update is: news that an organiser publishes on a petition."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class UpdateText:
    """An update in one language: `html` is rendered and safe, `text` is for plain mail."""

    title: str
    summary: str
    html: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Update:
    """News on the petition `slug`; `send_at` (aware UTC) mails it then, None only publishes it."""

    slug: str
    name: str
    published_on: date
    texts: Mapping[str, UpdateText]
    send_at: datetime | None = None

    @property
    def id(self) -> str:
        """What an organiser types: `<slug>/<name>`."""
        return f"{self.slug}/{self.name}"

    def text(self, language: str) -> UpdateText:
        """The text in `language`, else in the first language of the update."""
        return self.texts.get(language) or next(iter(self.texts.values()))

    def language(self, wanted: str) -> str:
        """The language in which `text(wanted)` answers."""
        return wanted if wanted in self.texts else next(iter(self.texts))


def split_id(update_id: str) -> tuple[str, str]:
    """Split `<slug>/<name>`. Raises ValueError when it is not one."""
    slug, slash, name = update_id.partition("/")
    if not (slash and NAME.fullmatch(slug) and NAME.fullmatch(name)):
        raise ValueError("an update's id looks like petition/update-name")
    return slug, name
