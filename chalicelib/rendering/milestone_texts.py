"""What the service writes at a milestone, in every language of its petition."""

import html
import textwrap
from collections.abc import Sequence
from typing import Final

from chalicelib.domain.alerts.milestone import Milestone, Occasion
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import UpdateText
from chalicelib.rendering import sanitiser, translations

_MAIL_WIDTH: Final = 72
"""Characters in a line of plain mail, as in the mails' own sentences."""


def texts_of(petition: Petition, occasion: Occasion) -> dict[str, UpdateText]:
    """The update of a milestone by language, the petition's first language first."""
    return {language: _text(petition, occasion, language) for language in petition.languages}


def _text(petition: Petition, occasion: Occasion, language: str) -> UpdateText:
    if occasion.milestone is Milestone.GOAL:
        title, *paragraphs = _goal(petition, occasion.goal, language)
    elif occasion.milestone is Milestone.CLOSING:
        title, *paragraphs = _closing(petition, language)
    else:
        title, *paragraphs = _handed_in(petition, language)
    last = translations.catalogue(language).gettext("This news was written automatically.")
    body = [*paragraphs, last]
    written = "".join(f"<p>{html.escape(each)}</p>\n" for each in body)
    return UpdateText(
        title=title,
        summary=paragraphs[0],
        # As the sanitiser writes it, so that reading it from the table changes nothing.
        html=sanitiser.clean(written),
        text="\n\n".join(_wrapped(each) for each in body),
    )


def _goal(petition: Petition, goal: int, language: str) -> Sequence[str]:
    """The title, then the paragraphs."""
    catalogue = translations.catalogue(language)
    title = catalogue.ngettext("{goal} person has signed", "{goal} people have signed", goal)
    reached = catalogue.gettext("The petition “{title}” has reached a goal.")
    thanks = catalogue.gettext("Thank you to everybody who signed it or passed it on.")
    until = catalogue.gettext("It can be signed up to and including {date}.")
    more = [
        catalogue.gettext("The next goal is {goal}.").format(goal=_number(each, language))
        for each in petition.goals
        if each > goal
    ]
    return (
        title.format(goal=_number(goal, language)),
        reached.format(title=petition.text(language).title),
        thanks,
        *more[:1],
        until.format(date=translations.format_date(petition.closes_on, language)),
    )


def _closing(petition: Petition, language: str) -> Sequence[str]:
    """The title, then the paragraphs."""
    catalogue = translations.catalogue(language)
    day = translations.format_date(petition.closes_on, language)
    until = catalogue.gettext("The petition “{title}” can be signed up to and including {date}.")
    return (
        catalogue.gettext("The last day to sign is {date}").format(date=day),
        until.format(title=petition.text(language).title, date=day),
        catalogue.gettext("If it is safe for you to pass it on, now is the time."),
    )


def _handed_in(petition: Petition, language: str) -> Sequence[str]:
    """The title, then the paragraphs; the outcome is the last, once its organisers tell it."""
    catalogue, text = translations.catalogue(language), petition.text(language)
    day = translations.format_date(petition.handed_in_on or petition.closes_on, language)
    handed_in = catalogue.gettext("On {date} the petition “{title}” was handed in.")
    target = catalogue.gettext("It is addressed to: {target}")
    return (
        catalogue.gettext("The petition was handed in"),
        handed_in.format(date=day, title=text.title),
        target.format(target=text.target),
        *([text.outcome] if text.outcome else []),
    )


def _number(number: int, language: str) -> str:
    return translations.format_number(number, language)


def _wrapped(paragraph: str) -> str:
    return textwrap.fill(paragraph, _MAIL_WIDTH, break_long_words=False, break_on_hyphens=False)
