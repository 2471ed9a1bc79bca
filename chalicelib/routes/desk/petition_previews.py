"""Previews of a draft at the desk: the page, the card and the mail by the service's own templates.

Each is framed without scripts, forms and a way out, as a document of its own.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import ClassVar, Final

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.roles import Permission
from chalicelib.domain.petitions.petition import Petition, PetitionState, next_goal
from chalicelib.mail import from_field, petition_mails
from chalicelib.mail.messages import ConfirmSignature
from chalicelib.rendering import translations, urls
from chalicelib.routes.desk import access, draft_forms, pages, petition_fields
from chalicelib.routes.desk.draft_forms import write_url
from chalicelib.routes.desk.pages import DeskPage
from chalicelib.routes.desk.requests import DeskRequest
from chalicelib.routes.http import responses
from chalicelib.routes.http.responses import Edition
from chalicelib.routes.pages.form_contexts import Form
from chalicelib.routes.pages.pictures import ShownPicture
from chalicelib.routes.public import petitions as petition_pages
from chalicelib.routes.public import sharing
from chalicelib.usecases.petitions import checking, drafting
from chalicelib.usecases.petitions.browsing import PetitionView

blueprint = Blueprint(__name__)
route = access.router(blueprint)

_PREVIEW: Final = "/desk/petitions/{slug}/write/preview"
_OWN_LINK: Final = "each-reader-has-a-link-of-their-own"
"""Stands for the token in a mailed link."""
_CODE: Final = "12345678"
_SANDBOX: Final = "sandbox; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
"""A framed preview runs, sends and opens nothing. Its style is written into it."""
_POLICY: Final = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; {_SANDBOX}"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PreviewsPage(DeskPage):
    """What readers in one language will get. `frames` are by what each is."""

    template: ClassVar[str] = "write_preview.html"
    sender: str
    subject: str
    others: Sequence[tuple[str, str]]
    problems: int
    page: str
    card: str
    mail: str
    text: str
    card_height: int


@route(_PREVIEW, permission=Permission.VIEW)
def show_first_preview(request: DeskRequest, slug: str) -> Response:
    """Lead to the preview in the first language that has a text."""
    petition, _ = _draft(request, slug)
    language = next(iter(petition.texts), "")
    return pages.see_other(write_url(slug, f"preview/{language}" if language else ""))


@route(f"{_PREVIEW}/{{language}}", permission=Permission.VIEW)
def show_previews(request: DeskRequest, slug: str, language: str) -> Response:
    """Page, card and mail in a language, in frames."""
    petition, problems = _draft(request, slug)
    if language not in petition.texts:
        return pages.refused(request, NotFound(), back=write_url(slug))
    mail = _mail(request, petition, language)
    settings = request.services.settings
    name, address = from_field.parsed(from_field.from_field(settings.sender, mail.sender_name))
    frames = write_url(slug, f"preview/{language}")
    contents = PreviewsPage(
        layout=pages.layout(
            request,
            f"As readers see it: {petition_fields.language_name(language)}",
            crumbs=draft_forms.crumbs(slug),
        ),
        sender=f"{name} <{address}>" if name else address,
        subject=petition_mails.render_subject(language, mail.name, mail),
        others=[
            (write_url(slug, f"preview/{other}"), petition_fields.language_name(other))
            for other in petition.texts
            if other != language
        ],
        problems=problems,
        page=f"{frames}/page",
        card=f"{frames}/card",
        mail=f"{frames}/mail",
        text=f"{frames}/mail-text",
        card_height=sharing.EMBED_HEIGHTS[petition.picture is not None],
    )
    response = pages.page(request, contents)
    policy = response.headers["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = f"{policy}; frame-src 'self'"
    return response


@route(f"{_PREVIEW}/{{language}}/{{name}}", permission=Permission.VIEW)
def show_frame(request: DeskRequest, slug: str, language: str, name: str) -> Response:
    """One of the previews, to be framed by the page of all."""
    petition, _ = _draft(request, slug)
    if language not in petition.texts or name not in _FRAMES:
        return pages.refused(request, NotFound(), back=write_url(slug))
    return _framed(_FRAMES[name](request, petition, language))


def _page(request: DeskRequest, petition: Petition, language: str) -> str:
    contents = petition_pages.petition_contents(
        _edition(request, language), _view(petition), Form(action="")
    )
    layout = replace(contents.layout, scripts=(), later_scripts=())
    picture = _inline(request, contents.picture)
    return responses.rendered(replace(contents, layout=layout, picture=picture))


def _card(request: DeskRequest, petition: Petition, language: str) -> str:
    contents = sharing.card_contents(_edition(request, language), _view(petition))
    return responses.rendered(replace(contents, picture=_inline(request, contents.picture)))


def _html_mail(request: DeskRequest, petition: Petition, language: str) -> str:
    mail = _mail(request, petition, language)
    return petition_mails.render_parts(language, mail.name, mail)[2]


def _text_mail(request: DeskRequest, petition: Petition, language: str) -> str:
    mail = _mail(request, petition, language)
    text = petition_mails.render_parts(language, mail.name, mail)[1]
    return f"<!doctype html><title>Mail</title><pre>{escape(text)}</pre>"


_FRAMES: Final[Mapping[str, Callable[[DeskRequest, Petition, str], str]]] = {
    "page": _page,
    "card": _card,
    "mail": _html_mail,
    "mail-text": _text_mail,
}


def _draft(request: DeskRequest, slug: str) -> tuple[Petition, int]:
    """As much of the petition as can be shown, and how many things are to correct in it."""
    draft = drafting.get_draft(request.services, slug)
    checked = checking.check(request.services, draft.source)
    petition = checked.petition
    return replace(petition, goals=petition.goals or (1,)), len(checked.errors)


def _view(petition: Petition) -> PetitionView:
    return PetitionView(
        petition=petition,
        state=PetitionState.OPEN,
        count=0,
        countries=(),
        goal=next_goal(petition.goals, 0),
        updates=(),
    )


def _edition(request: DeskRequest, language: str) -> Edition:
    return Edition(language=translations.languages()[language], settings=request.services.settings)


def _mail(request: DeskRequest, petition: Petition, language: str) -> ConfirmSignature:
    settings = request.services.settings
    return ConfirmSignature(
        **petition_mails.about(petition, language),
        block_link=settings.public_url + urls.block(language, _OWN_LINK),
        link=settings.public_url + urls.confirm_signature(language, _OWN_LINK),
        code=_CODE,
        code_hours=settings.code_minutes // 60,
        link_days=settings.link_days,
    )


def _inline(request: DeskRequest, picture: ShownPicture | None) -> ShownPicture | None:
    """The picture of a draft, which has no address yet."""
    if picture is None:
        return None
    draft = drafting.get_draft(request.services, request.slug)
    if draft.source.picture is None:
        return None
    content = base64.b64encode(drafting.get_picture(request.services, draft)).decode()
    return replace(picture, src=f"data:{draft.source.picture.media_type};base64,{content}")


def _framed(body: str) -> Response:
    response = responses.text(body, responses.HTML)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
