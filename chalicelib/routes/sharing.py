"""Passing it on: the page about sharing, the poster, the card for other sites, the picture."""

from dataclasses import replace
from html import escape
from typing import Final

from chalice.app import Blueprint, Response

from chalicelib import links, qr_codes, rendering
from chalicelib.domain.petition import Petition
from chalicelib.routes import answers, pictures, visits, web
from chalicelib.routes.answers import Edition, PublicAnswer
from chalicelib.routes.pages import Way
from chalicelib.routes.sharing_pages import EmbedPage, PosterPage, SharePage
from chalicelib.routes.visits import Visit
from chalicelib.usecases import browsing
from chalicelib.usecases.browsing import PetitionView

blueprint = Blueprint(__name__)
route = web.router(blueprint)

PICTURE_SECONDS: Final = 86400
"""It changes when the petition is published anew, which is rare."""
_LETTERS: Final = {"large": 260, "medium": 420}
"""Letters of title and demands up to which a poster has type of that size."""
_EMBED_CODE: Final = (
    '<iframe src="{src}" title="{title}" width="100%" height="330" loading="lazy"'
    ' referrerpolicy="no-referrer" style="border:0;max-width:30rem"></iframe>'
)


@route("/{language}/{slug}/share")
def share(visit: Visit, slug: str) -> Response:
    """Ways to pass the petition on."""
    return answers.public(visit, _share_page, browsing.get_petition(visit.services, slug))


def _share_page(edition: Edition, petition: Petition) -> PublicAnswer:
    code, slug = edition.language.code, petition.slug
    public_url = edition.settings.public_url
    title = petition.text(code).title
    link = public_url + links.petition(code, slug)
    embed = public_url + links.embed(slug, code)
    _ = rendering.catalogue(code).gettext
    contents = SharePage(
        frame=answers.frame(
            edition.language,
            _("Pass it on"),
            path=lambda other: links.share(other, slug),
            among=petition.languages,
        ),
        petition_title=title,
        petition=links.petition(code, slug),
        link=link,
        qr=qr_codes.drawn(link),
        poster=links.poster(code, slug),
        embed=embed,
        embed_code=_EMBED_CODE.format(src=embed, title=escape(title)),
        ways=[
            Way(label=label, href=public_url + path)
            for label, path in (
                (_("News as an Atom feed"), links.feed(code, slug)),
                (_("News as a JSON feed"), links.json_feed(code, slug)),
                (_("The petition as JSON"), links.api(slug)),
            )
        ],
    )
    return answers.public_page(edition, contents)


@route("/{language}/{slug}/poster")
def poster(visit: Visit, slug: str) -> Response:
    """One sheet of A4 to be printed."""
    return answers.public(visit, _poster_page, browsing.get_petition(visit.services, slug))


def _poster_page(edition: Edition, petition: Petition) -> PublicAnswer:
    code, slug = edition.language.code, petition.slug
    text = petition.text(code)
    link = edition.settings.public_url + links.petition(code, slug)
    demands = [demand.heading for demand in text.demands]
    contents = PosterPage(
        frame=answers.frame(
            edition.language,
            text.title,
            path=lambda other: links.poster(other, slug),
            among=petition.languages,
            style="poster.css",
        ),
        target=text.target,
        demands=demands,
        address=link.partition("://")[2],
        qr=qr_codes.drawn(link),
        share=links.share(code, slug),
        size=_size(sum(map(len, [text.title, *demands]))),
    )
    return answers.public_page(edition, contents)


@route("/embed/{slug}")
def embed(visit: Visit, slug: str) -> Response:
    """The card in the language that the reader's browser prefers."""
    view = browsing.show_petition(visit.services, slug)
    accept = visit.header("accept-language")
    language = visits.preferred_language(accept, view.petition.languages)
    response = answers.public(visit, _card, view, language=language)
    response.headers["Vary"] = "Accept-Language"
    return response


@route("/embed/{slug}/{language}")
def embed_in_language(visit: Visit, slug: str) -> Response:
    """The card in one language; in the petition's first, if it has no text in that one."""
    view = browsing.show_petition(visit.services, slug)
    language = rendering.languages()[view.petition.language(visit.language.code)]
    return answers.public(visit, _card, view, language=language)


@route("/{language}/{slug}/card.png")
def picture(visit: Visit, slug: str) -> Response:
    """The picture that goes with the link where it is shared."""
    body = browsing.show_card(visit.services, slug, visit.language.code)
    return pictures.png(visit, body, seconds=PICTURE_SECONDS)


def _card(edition: Edition, view: PetitionView) -> PublicAnswer:
    language, slug = edition.language, view.petition.slug
    frame = answers.frame(
        language,
        view.petition.text(language.code).title,
        path=lambda other: links.embed(slug, other),
        among=view.petition.languages,
        style="embed.css",
    )
    contents = EmbedPage(
        frame=replace(frame, scripts=()),
        count=view.count,
        goal=view.goal,
        percent=min(100, view.count * 100 // view.goal),
        state=view.state,
        petition=links.petition(language.code, slug),
    )
    return _framable(answers.public_page(edition, contents))


def _framable(made: PublicAnswer) -> PublicAnswer:
    """Let any site frame this page; it holds no form, and nothing that a click could give away."""
    headers = dict(made.headers)
    del headers["X-Frame-Options"]
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    policy = str(headers["Content-Security-Policy"])
    headers["Content-Security-Policy"] = policy.replace(
        "form-action 'self'", "form-action 'none'"
    ).replace("frame-ancestors 'none'", "frame-ancestors *")
    return replace(made, headers=headers)


def _size(letters: int) -> str:
    return next((size for size, most in _LETTERS.items() if letters <= most), "small")
