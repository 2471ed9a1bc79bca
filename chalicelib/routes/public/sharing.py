"""Sharing a petition: links, poster, a card for other sites, the preview image."""

from dataclasses import replace
from html import escape
from typing import Final

from chalice.app import Blueprint, Response

from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.rendering import assets, qr_codes, translations, urls
from chalicelib.routes.http import images, responses, router
from chalicelib.routes.http.request import Request, preferred_language
from chalicelib.routes.http.responses import Edition, PublicResponse
from chalicelib.routes.pages.contexts import Link
from chalicelib.routes.pages.pictures import shown_picture
from chalicelib.routes.pages.share_links import share_links
from chalicelib.routes.pages.sharing import EmbedPage, PosterPage, SharePage
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.petitions.browsing import PetitionView

blueprint = Blueprint(__name__)
route = router.router(blueprint)

IMAGE_CACHE_SECONDS: Final = 86400
"""An image changes only when its petition is published again."""
_LETTERS: Final = {"large": 260, "medium": 420}
"""The size of a poster's type, by the largest number of letters in title and demands."""
_PICTURE_LETTERS: Final = 120
"""How many letters a poster has to do without for its picture."""
EMBED_HEIGHTS: Final = {False: 330, True: 490}
"""Pixels of the card, without a picture and with one."""
_EMBED_CODE: Final = (
    '<iframe src="{src}" title="{title}" width="100%" height="{height}" loading="lazy"'
    ' referrerpolicy="no-referrer" style="border:0;max-width:30rem"></iframe>'
)


@route("/{language}/{slug}/share")
def share(request: Request, slug: str) -> Response:
    """Links, a QR code and code to embed."""
    petition = browsing.get_petition(request.services, slug)
    state = petition.state(request.services.now())
    return responses.cached_response(request, _share_page, petition, state)


def _share_page(edition: Edition, petition: Petition, state: PetitionState) -> PublicResponse:
    code, slug = edition.language.code, petition.slug
    public_url = edition.settings.public_url
    title = petition.text(code).title
    sharing = share_links(edition.settings, petition, state, code)
    embed = public_url + urls.embed(slug, code)
    _ = translations.catalogue(code).gettext
    contents = SharePage(
        layout=responses.layout(
            edition.language,
            _("Pass it on"),
            path=lambda other: urls.share(other, slug),
            among=petition.languages,
            scripts=[responses.SHARING_SCRIPT],
        ),
        petition_title=title,
        petition=urls.petition(code, slug),
        sharing=sharing,
        qr=qr_codes.svg(sharing.link),
        poster=urls.poster(code, slug),
        embed=embed,
        embed_code=_EMBED_CODE.format(
            src=embed, title=escape(title), height=EMBED_HEIGHTS[petition.picture is not None]
        ),
        links=[
            Link(label=label, href=public_url + path)
            for label, path in (
                (_("News as an Atom feed"), urls.feed(code, slug)),
                (_("News as a JSON feed"), urls.json_feed(code, slug)),
                (_("The petition as JSON"), urls.api(slug)),
            )
        ],
    )
    return responses.public_page(edition, contents)


@route("/{language}/{slug}/poster")
def poster(request: Request, slug: str) -> Response:
    """A sheet of A4 to print."""
    petition = browsing.get_petition(request.services, slug)
    state = petition.state(request.services.now())
    return responses.cached_response(request, _poster_page, petition, state)


def _poster_page(edition: Edition, petition: Petition, state: PetitionState) -> PublicResponse:
    code, slug = edition.language.code, petition.slug
    text = petition.text(code)
    link = edition.settings.public_url + urls.petition(code, slug)
    demands = [demand.heading for demand in text.demands]
    contents = PosterPage(
        layout=responses.layout(
            edition.language,
            text.title,
            path=lambda other: urls.poster(other, slug),
            among=petition.languages,
            styles=[assets.COLOURS, "poster.css"],
            scripts=[responses.SHARING_SCRIPT],
            has_pictures=petition.picture is not None,
        ),
        state=state,
        opens_on=petition.opens_on,
        closes_on=petition.closes_on,
        target=text.target,
        demands=demands,
        address=link.partition("://")[2],
        qr=qr_codes.svg(link),
        share=urls.share(code, slug),
        size=_size(
            sum(map(len, [text.title, *demands])) + (_PICTURE_LETTERS if petition.picture else 0)
        ),
        picture=shown_picture(petition, code),
    )
    return responses.public_page(edition, contents)


@route("/embed/{slug}")
def embed(request: Request, slug: str) -> Response:
    """The card in the language that the browser prefers."""
    view = browsing.show_petition(request.services, slug)
    accept = request.header("accept-language")
    language = preferred_language(accept, view.petition.languages)
    response = responses.cached_response(request, _card, view, language=language)
    response.headers["Vary"] = "Accept-Language"
    return response


@route("/embed/{slug}/{language}")
def embed_in_language(request: Request, slug: str) -> Response:
    """The card in a language, or in the petition's first if it has no text in that."""
    view = browsing.show_petition(request.services, slug)
    language = translations.languages()[view.petition.language(request.language.code)]
    return responses.cached_response(request, _card, view, language=language)


@route("/{language}/{slug}/card.jpg")
@route("/{language}/{slug}/card.png")
def preview_image(request: Request, slug: str) -> Response:
    """The image that sites show beside the petition's link: what its header says, PNG or JPEG."""
    body, media_type = browsing.show_preview_image(request.services, slug, request.language.code)
    return images.cached(request, body, media_type, seconds=IMAGE_CACHE_SECONDS)


def _card(edition: Edition, view: PetitionView) -> PublicResponse:
    return _embeddable(responses.public_page(edition, card_contents(edition, view)))


def card_contents(edition: Edition, view: PetitionView) -> EmbedPage:
    """The card, as other sites and previews show it."""
    language, slug = edition.language, view.petition.slug
    page_layout = responses.layout(
        language,
        view.petition.text(language.code).title,
        path=lambda other: urls.embed(slug, other),
        among=view.petition.languages,
        styles=[assets.COLOURS, assets.COLOURS_IN_THE_DARK, "embed.css"],
        has_pictures=view.petition.picture is not None,
    )
    return EmbedPage(
        layout=replace(page_layout, scripts=()),
        count=view.count,
        goal=view.goal,
        percent=min(100, view.count * 100 // view.goal),
        state=view.state,
        opens_on=view.petition.opens_on,
        closes_on=view.petition.closes_on,
        petition=urls.petition(language.code, slug),
        picture=shown_picture(view.petition, language.code),
    )


def _embeddable(made: PublicResponse) -> PublicResponse:
    """Let any site embed this page. It has no form, and no click on it changes anything."""
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
