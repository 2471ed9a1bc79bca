"""What all mails of a petition have in common, and how their parts are rendered.

Those of a discreet petition show in sender, subject and first lines nothing to somebody who looks
over a shoulder. Those of any other are sent in its organiser's name, and say what they are about.
"""

import re
import textwrap
from dataclasses import dataclass
from typing import Final, TypedDict

from chalicelib.domain.petitions.petition import Petition
from chalicelib.mail import inline_styles
from chalicelib.rendering import templates

_EMPTY_LINES: Final = re.compile(r"\n\s*\n")


@dataclass(frozen=True, kw_only=True)
class PetitionMail:
    """The variables of every mail. `organiser` is a name."""

    petition_title: str
    organiser: str
    discreet: bool

    @property
    def sender_name(self) -> str:
        """The name of the sender; "" for the service's own."""
        return sender_name(self.organiser, discreet=self.discreet)


class About(TypedDict):
    """The fields of a `PetitionMail`."""

    petition_title: str
    organiser: str
    discreet: bool


def sender_name(organiser: str, *, discreet: bool) -> str:
    """The name of the sender of a petition's mails; "" for the service's own."""
    return "" if discreet else organiser


def about(petition: Petition, language: str) -> About:
    """What a mail in this language says of its petition."""
    return About(
        petition_title=petition.text(language).title,
        organiser=petition.organiser.name,
        discreet=petition.discreet,
    )


def render_parts(language: str, name: str, mail: PetitionMail) -> tuple[str, str, str]:
    """Subject, text and HTML of the mail with this name."""
    text, html = (
        templates.render(language, f"emails/{name}/{part}", mail)
        for part in ("body.txt", "body.html")
    )
    return render_subject(language, name, mail), _wrapped(text), inline_styles.written_into(html)


def render_subject(language: str, name: str, mail: PetitionMail) -> str:
    """The subject of the mail with this name: one line."""
    return " ".join(templates.render(language, f"emails/{name}/subject.txt", mail).split())


def _wrapped(text: str) -> str:
    """Wrap paragraphs at 72 columns, with one empty line between them. Links stay whole."""
    paragraphs = (
        "\n".join(
            textwrap.fill(line, 72, break_long_words=False, break_on_hyphens=False)
            for line in paragraph.splitlines()
        )
        for paragraph in _EMPTY_LINES.split(text.strip())
    )
    return "\n\n".join(paragraphs) + "\n"
