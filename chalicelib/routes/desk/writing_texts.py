"""The text of a petition in one language at the desk, beside its text in another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.source import TextSource
from chalicelib.rendering import translations
from chalicelib.routes.desk import access, draft_forms, pages, petition_fields
from chalicelib.routes.desk.draft_forms import write_url
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.usecases.petitions import checking, drafting
from chalicelib.usecases.petitions.checking import CheckedDraft

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_TEXT = "/desk/petitions/{slug}/write/texts/{language}"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TextField:
    """A line of a text, or its body.

    `beside` is what the text in the other language has there.
    """

    path: str
    label: str
    help: str
    value: str
    error: str
    beside: str
    rows: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class WriteTextPage(DeskPage):
    """The text in one language. `others` are languages that can stand beside it, by path."""

    template: ClassVar[str] = "write_text.html"
    action: str
    open: str
    base: int
    language: str
    beside: str
    beside_name: str
    others: Sequence[tuple[str, str]]
    fields: Sequence[TextField]
    error: str
    errors: Mapping[str, str]
    preview: str
    draft_key: str


_HELPS: Mapping[str, tuple[str, int]] = {
    "title": ("About 70 characters, at most 120. Everybody reads it.", 2),
    "target": ("Who must answer the demands. At most 200 characters.", 2),
    "lead": ("What is at stake, and for whom: one sentence of 30 words or fewer.", 4),
    "summary": ("One or two sentences, at most 300 characters, for feeds and searches.", 4),
    "risk_question": ("Only where signing is dangerous: Are you in that country?", 2),
    "risk": ("Only where signing is dangerous: who is in danger, and why.", 4),
    "picture": ("Only with a picture: what is seen on it, for those who cannot see it.", 4),
    "credit": ("Only with a picture: who made it, as they want to be named.", 2),
    "outcome": ("What came of the petition, once you know it. Plain words, shown as they are.", 4),
}
"""What stands above a field, and its rows. Line breaks in it are not kept."""
_BODY_ROWS = 28


@route(_TEXT, permission=Permission.VIEW)
def show_text(request: DeskRequest, slug: str, language: str) -> Response:
    """The form of a text, beside the first other language."""
    return _show(request, slug, language, "")


@route(f"{_TEXT}/beside/{{name}}", permission=Permission.VIEW)
def show_text_beside(request: DeskRequest, slug: str, language: str, name: str) -> Response:
    """The form of a text, beside the language `name`."""
    return _show(request, slug, language, name)


@route(_TEXT, methods=["POST"], permission=Permission.EDIT, act=Act.SAVE_DRAFT)
def save_text(request: DeskRequest, slug: str, language: str) -> Response:
    """Save a text, right or wrong."""
    if language not in translations.languages():
        return pages.see_other(write_url(slug))
    values = dict(petition_fields.text_of(request.fields, language))
    return draft_forms.save(request, values, action=write_url(slug, f"texts/{language}"))


def _show(request: DeskRequest, slug: str, language: str, beside: str) -> Response:
    draft = drafting.get_draft(request.services, slug)
    texts = draft.source.texts
    if language not in translations.languages():
        return pages.refused(request, NotFound(), back=write_url(slug))
    checked = checking.check(request.services, draft.source)
    others = [other for other in checked.languages if other != language and texts.get(other)]
    beside = beside if beside in others else next(iter(others), "")
    # Who begins is not told first of all what an empty page lacks.
    errors = (
        petition_fields.messages(checked.errors_of_text(language))
        if _is_begun(texts.get(language))
        else {}
    )
    name = petition_fields.language_name(language)
    contents = WriteTextPage(
        layout=pages.layout(
            request, name, scripts=[draft_forms.SCRIPT], crumbs=draft_forms.crumbs(slug)
        ),
        action=write_url(slug, f"texts/{language}"),
        open=write_url(slug, "open"),
        base=draft.version.number,
        language=language,
        beside=beside,
        beside_name=petition_fields.language_name(beside) if beside else "",
        others=[
            (
                write_url(slug, f"texts/{language}/beside/{other}"),
                petition_fields.language_name(other),
            )
            for other in others
            if other != beside
        ],
        fields=_fields(checked, language, beside, errors),
        error=errors.get(f"texts.{language}", ""),
        errors={path: said for path, said in errors.items() if path.count(".") > 1},
        preview=write_url(slug, f"preview/{language}"),
        draft_key=f"{slug}/{language}",
    )
    return pages.page(request, contents)


def _fields(
    checked: CheckedDraft, language: str, beside: str, errors: Mapping[str, str]
) -> Sequence[TextField]:
    own, other = (checked.source.texts.get(code) for code in (language, beside))
    path = f"texts.{language}"
    lines = [
        TextField(
            path=f"{path}.{line}",
            label=petition_fields.label_of(f"texts.{language}.{line}").partition(" (")[0],
            help=words,
            value=_line(own, line),
            error=errors.get(f"{path}.{line}", ""),
            beside=_line(other, line),
            rows=rows,
        )
        for line, (words, rows) in _HELPS.items()
    ]
    body = TextField(
        path=f"{path}.body",
        label="Text",
        help="",
        value=own.body if own else "",
        error=errors.get(f"{path}.body", ""),
        beside=other.body if other else "",
        rows=_BODY_ROWS,
    )
    return [*lines[:4], body, *lines[4:]]


def _is_begun(text: TextSource | None) -> bool:
    """Whether a text has more than the title with which a petition begins."""
    return text is not None and bool(text.body.strip() or set(text.lines) - {"title"})


def _line(text: TextSource | None, line: str) -> str:
    return text.lines.get(line, "") if text else ""
