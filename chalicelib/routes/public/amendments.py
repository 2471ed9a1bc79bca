"""The page of an amendment: what has changed in a signed text, why, and both texts."""

from collections.abc import Sequence

from chalice.app import Blueprint, Response

from chalicelib.domain.petitions.amendment import Amendment
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.text_changes import TextChange, pieces, text_changes
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request
from chalicelib.routes.http.responses import Edition, PublicResponse
from chalicelib.routes.pages.amendment_notices import notice, title_of
from chalicelib.routes.pages.amendments import AmendmentPage, ShownChange
from chalicelib.routes.pages.contexts import Link
from chalicelib.usecases.petitions import browsing

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@route("/{language}/{slug}/amendments/{number}")
def amendment(request: Request, slug: str, number: str) -> Response:
    """The amendment. Without a text in the path's language, a redirect to the first language."""
    petition, position, before, after = browsing.show_amendment(request.services, slug, number)
    code = petition.language(request.language.code)
    if code != request.language.code:
        return responses.see_other(urls.amendment(code, slug, position + 1))
    return responses.cached_response(request, _page, petition, position, before, after)


def _page(
    edition: Edition, petition: Petition, position: int, before: Petition, after: Petition
) -> PublicResponse:
    code, slug = edition.language.code, petition.slug
    made = petition.amendments[position]
    changes = text_changes(before, after)
    contents = AmendmentPage(
        layout=responses.layout(
            edition.language,
            title_of(made, code),
            path=lambda other: urls.amendment(other, slug, made.number),
            among=petition.languages,
            feed=urls.feed(code, slug),
            origin=edition.settings.public_url,
        ),
        notice=notice(petition, code, made),
        offers_withdrawal=petition.amendments_offer_withdrawal,
        changes=[_shown(each, code) for each in changes if _is_shown(each, petition, code)],
        elsewhere=_elsewhere(changes, petition, made, code),
        before=before.texts.get(code),
        after=after.texts.get(code),
        petition_title=petition.text(code).title,
        petition=urls.petition(code, slug),
        manage=urls.manage_form(code, slug),
    )
    return responses.public_page(edition, contents)


def _is_shown(change: TextChange, petition: Petition, code: str) -> bool:
    """Whether a page shows a change: of its language, or of one that has no page."""
    return change.language in ("", code) or change.language not in petition.languages


def _shown(change: TextChange, code: str) -> ShownChange:
    names = translations.languages()
    language = change.language or code
    name = names[language].name if language in names else language
    return ShownChange(
        language=language,
        name=name if language != code else "",
        part=change.part,
        number=change.number,
        pieces=pieces(change) if change.before != change.after else (),
    )


def _elsewhere(
    changes: Sequence[TextChange], petition: Petition, amendment: Amendment, code: str
) -> Sequence[Link]:
    changed = {change.language for change in changes} - {code}
    names = translations.languages()
    return [
        Link(label=names[other].name, href=urls.amendment(other, petition.slug, amendment.number))
        for other in petition.languages
        if other in changed and other in names
    ]
