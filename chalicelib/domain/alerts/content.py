"""The content of an alert: what it says, as it was when the alert started.

Each recipient of an alert gets the same text, also if the update or the petition is amended while
it is sent.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import Update


class AlertTooLarge(ValueError):
    """The mail would be cut or refused. The message is for organisers, with the remedy."""


@dataclass(frozen=True, kw_only=True)
class AlertContent:
    """The updates of an alert, and what its mails say of their petition.

    `titles` are those of the petition, by language, its own first language first.
    """

    titles: Mapping[str, str]
    organiser: str
    discreet: bool
    updates: tuple[Update, ...]

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of all that its mails say: what a second organiser approves.

        When they are mailed is no part of it.
        """
        untimed = tuple(replace(update.timed(None), changed_at=None) for update in self.updates)
        values = asdict(replace(self, updates=untimed))
        return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()

    def title(self, language: str) -> str:
        """The petition's title in `language`, else in its first language."""
        return self.titles.get(language) or next(iter(self.titles.values()))


def frozen(petition: Petition, updates: Sequence[Update], *, whole: bool) -> AlertContent:
    """The content of an alert that starts now: whole updates, or titles and summaries only."""
    return AlertContent(
        titles={language: text.title for language, text in petition.texts.items()},
        organiser=petition.organiser.name,
        discreet=petition.discreet,
        updates=tuple(updates) if whole else tuple(map(_without_text, updates)),
    )


def _without_text(update: Update) -> Update:
    texts = {language: replace(text, html="", text="") for language, text in update.texts.items()}
    return replace(update, texts=texts)
