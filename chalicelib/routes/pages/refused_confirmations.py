"""The page of a link that cannot confirm a signature: it expired, was overtaken or came late."""

from chalice.app import Response

from chalicelib.domain.errors import EndedMeanwhile, ExpiredToken, PetitionNotOpen
from chalicelib.domain.petitions.petition import PetitionState
from chalicelib.rendering import translations, urls
from chalicelib.routes.http.request import Request
from chalicelib.routes.pages import not_open, prompts
from chalicelib.routes.pages.contexts import Link
from chalicelib.usecases.signatures import confirming, signing


def page(
    request: Request, token: str, refusal: ExpiredToken | EndedMeanwhile | PetitionNotOpen
) -> Response:
    """The page of a link that cannot confirm, with next steps."""
    petition, state = confirming.petition_of(request.services, token)
    code, slug = request.language.code, petition.slug
    _ = translations.catalogue(code).gettext

    def path(other: str) -> str:
        return urls.confirm_signature(other, token)

    if state is PetitionState.CLOSED:
        sentence = _("It no longer takes signatures, so there is nothing left to confirm.")
        return not_open.closed(request, petition, refusal, sentence, path=path)
    if isinstance(refusal, ExpiredToken) and signing.is_renewable(request.services, token):
        return prompts.expired(request, refusal, path=path)
    return prompts.refused(
        request,
        refusal,
        path=path,
        links=[sign_link(request, slug)],
        back=urls.petition(code, slug),
    )


def sign_link(request: Request, slug: str) -> Link:
    """The link to the form of a petition."""
    code = request.language.code
    label = translations.catalogue(code).gettext("Sign the petition")
    return Link(label=label, href=f"{urls.petition(code, slug)}#sign")
