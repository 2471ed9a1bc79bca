"""Renders the texts that organisers write, of petitions and updates, and notes their errors.

A text has lines by name (title, summary …) and a body in Markdown, whose errors are those of the
field `body`. A petition's body holds an introduction, numbered demands and, under the first heading
without a number, the background, which smaller headings divide into parts.
"""

import re
from collections.abc import Sequence
from typing import Final

from chalicelib.domain import plain_text
from chalicelib.domain.fields import Fields
from chalicelib.domain.petitions.petition import BackgroundPart, Demand, PetitionText
from chalicelib.domain.petitions.update import UpdateText
from chalicelib.rendering import markdown, markdown_errors
from chalicelib.rendering.markdown import Section

_BODY: Final = "body"
_PETITION_LINES: Final = (
    "title",
    "target",
    "lead",
    "summary",
    "risk",
    "risk_question",
    "picture",
    "credit",
    "outcome",
)
_MAX_HEADING: Final = 200
_MAX_DEMANDS: Final = 50
_MAX_LEAD_WORDS: Final = 30
_MAX_OPENING_WORDS: Final = 30
"""Of a demand's first paragraph: four demands are read at one look."""
_DEMAND: Final = re.compile(r"([0-9]{1,3})(?![0-9])\s*[.):-]?\s*(.*?)")
_DEMAND_LINE: Final = re.compile(rf" {{0,3}}((#{{1,6}})\s*{_DEMAND.pattern})\s*#*\s*")
"""Mistyped ones too, so that one slip is one error; `_check_form` asks for the right form."""
_WELL_FORMED: Final = re.compile(r"##[ \t]+[0-9]{1,3}\.(?:[ \t].*)?")


def render_update_text(fields: Fields, body: str) -> UpdateText:
    """An update's text in one language; with `fields.errors`, as much of it as could be read."""
    fields.refuse_others(("title", "summary"))
    body = _checked(fields, body)
    html = markdown.to_html(body)
    if not plain_text.html_has_words(html):
        fields.add(_BODY, "The update says nothing.", "Write its text here.")
    return UpdateText(
        title=fields.text("title", "About 70 characters, at most 120", limit=120),
        summary=fields.text("summary", "One or two sentences", limit=300),
        html=html,
        text=markdown.to_text(body),
    )


def render_petition_text(fields: Fields, body: str, *, has_picture: bool = False) -> PetitionText:
    """A petition's text in one language; with `fields.errors`, as much of it as could be read.

    A petition that `has_picture` says in each language what it shows, and who made it.
    """
    fields.refuse_others(_PETITION_LINES)
    picture_alt, picture_credit = _about_picture(fields, has_picture)
    body = _checked(fields, body)
    introduction, *headed = markdown.sections(body)
    numbered = [section for section in headed if _DEMAND.fullmatch(section.heading)]
    others = [section for section in headed if section not in numbered]
    _check_form(fields, body, others)
    _check_order(fields, numbered, others)
    _check_headings(fields, headed)
    _check_parts(fields, introduction, numbered, others)
    background, *parts = others[0].subsections if others else (introduction,)
    risk, risk_question = _risk(fields)
    return PetitionText(
        title=fields.text("title", "About 70 characters, at most 120", limit=120),
        target=fields.text("target", "Who must answer the demands", limit=200),
        lead=_lead(fields),
        summary=fields.text("summary", "One or two sentences", limit=300),
        risk=risk,
        risk_question=risk_question,
        picture_alt=picture_alt,
        picture_credit=picture_credit,
        outcome=_outcome(fields),
        introduction_html=introduction.html,
        demands=tuple(
            _demand(fields, section, expected) for expected, section in enumerate(numbered, start=1)
        ),
        background_heading=others[0].heading if others else "",
        background_html=background.html if others else "",
        background_parts=tuple(
            BackgroundPart(heading=part.heading, html=_filled(fields, part)) for part in parts
        ),
    )


def _check_parts(
    fields: Fields, introduction: Section, numbered: Sequence[Section], others: Sequence[Section]
) -> None:
    """Note parts of a petition's text that are missing or empty."""
    if not plain_text.html_has_words(introduction.html):
        fields.add(_BODY, "The text has no beginning.", "Say first what is asked, of whom and why.")
    if not numbered:
        fields.add(_BODY, "The text has no demand.", "Add a heading such as: ## 1. What we ask for")
    if others:
        _filled(fields, others[0])
    else:
        fields.add(
            _BODY, "The text has no background.", "Add a heading without a number: ## Background"
        )


def _outcome(fields: Fields) -> str:
    if "outcome" not in fields.values:
        return ""
    return fields.text("outcome", "What came of the petition", limit=300)


def _lead(fields: Fields) -> str:
    lead = fields.text("lead", "One sentence that says what is at stake", limit=300)
    count = len(lead.split())
    if count > _MAX_LEAD_WORDS:
        what = f"“lead” has {count} words; at most {_MAX_LEAD_WORDS} are read at one look."
        fields.add("lead", what, "Say it in fewer.")
    return lead


def _risk(fields: Fields) -> tuple[str, str]:
    """The risk and the question whom it concerns: both or neither."""
    if not {"risk", "risk_question"} & {*fields.values}:
        return "", ""
    return (
        fields.text("risk", "Who may be in danger for signing", limit=300),
        fields.text("risk_question", "Are you or your family in that country?", limit=120),
    )


def _about_picture(fields: Fields, has_picture: bool) -> tuple[str, str]:
    """What the picture shows and who made it; errors where these lines are too few or too many."""
    if has_picture:
        alt = fields.text("picture", "What the picture shows, at most 200 characters", limit=200)
        return alt, fields.text("credit", "Who made the picture, at most 100", limit=100)
    for name in ("picture", "credit"):
        if name in fields.values:
            what = "There is no picture beside this text."
            remedy = "Put picture.svg, picture.jpg or picture.png there, or delete this line."
            fields.add(name, what, remedy)
    return "", ""


def _checked(fields: Fields, body: str) -> str:
    """The body, with its errors noted; "" for one that is nested too deep to be rendered."""
    for error in markdown_errors.errors(body):
        fields.add(_BODY, error.what, error.remedy, line=error.line)
    return "" if markdown_errors.is_too_deep(body) else body


def _check_form(fields: Fields, body: str, others: Sequence[Section]) -> None:
    """Note headings that are meant as demands but typed otherwise than `## 2. Words`."""
    for number, line in markdown.lines_outside_code(body):
        match = _DEMAND_LINE.fullmatch(line)
        # Within the background, a smaller heading may well have a number.
        inner = match and match[2] != "##" and others and number > others[0].line
        if match and not inner and not _WELL_FORMED.fullmatch(match[1]):
            fields.add(
                _BODY,
                f"“{match[1]}” is not how a demand's heading is written.",
                f"Write this heading as: ## {match[3]}. {match[4] or 'Words'}",
                line=number,
            )


def _check_order(fields: Fields, numbered: Sequence[Section], others: Sequence[Section]) -> None:
    for section in others[1:]:
        what = f"“{section.heading}” is a second heading without a number."
        remedy = "Within the background, write ### for a heading."
        fields.add(_BODY, what, remedy, line=section.line)
    for section in numbered:
        if others and section.line > others[0].line:
            what = f"The demand “{section.heading}” stands after the background."
            fields.add(_BODY, what, "Move it up to the other demands.", line=section.line)


def _check_headings(fields: Fields, headed: Sequence[Section]) -> None:
    """Note headings that are too long for a poster, or too many, or that show nothing."""
    for section in headed:
        size = len(section.heading)
        if size > _MAX_HEADING:
            what = f"This heading has {size} characters; at most {_MAX_HEADING} fit."
            fields.add(_BODY, what, "Write its words below it.", line=section.line)
        if not plain_text.has_words(section.heading):
            fields.add(_BODY, "This heading is empty.", "Give it words.", line=section.line)
    if len(headed) > _MAX_DEMANDS + 1:
        what = f"The text has {len(headed)} headings; at most {_MAX_DEMANDS} demands fit."
        fields.add(_BODY, what, "Put several demands into one.", line=headed[-1].line)


def _demand(fields: Fields, section: Section, expected: int) -> Demand:
    parts = _DEMAND.fullmatch(section.heading)
    number, heading = (int(parts[1]), parts[2]) if parts else (0, "")
    if number != expected:
        what = f"This demand has the number {number}; {expected} is next."
        remedy = "Number the demands 1, 2, 3 and so on, in their order."
        fields.add(_BODY, what, remedy, line=section.line)
    if not plain_text.has_words(heading):
        what = "This demand has no heading."
        fields.add(_BODY, what, "Write it after the number.", line=section.line)
    _filled(fields, section)
    opening, rest = section.opening
    count = len(plain_text.of_html(opening).split())
    if count > _MAX_OPENING_WORDS:
        what = f"The first paragraph of this demand has {count} words; at most "
        what += f"{_MAX_OPENING_WORDS} are read at one look."
        remedy = "Leave an empty line after the first sentence: readers unfold the rest."
        fields.add(_BODY, what, remedy, line=section.line)
    return Demand(number=number, heading=heading, html=opening, details_html=rest)


def _filled(fields: Fields, section: Section) -> str:
    """The HTML of a section; an error if nothing of it can be seen."""
    if not plain_text.html_has_words(section.html):
        what = f"Nothing stands under “{section.heading}”."
        fields.add(_BODY, what, "Write a sentence or two.", line=section.line)
    return section.html
