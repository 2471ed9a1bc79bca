"""The page after a confirmation."""

from chalice.app import Response

from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses
from chalicelib.routes.http.request import Request
from chalicelib.routes.pages.share_links import share_links
from chalicelib.routes.pages.signing import ThanksPage
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.signatures.confirming import Confirmation


def page(request: Request, confirmation: Confirmation) -> Response:
    """What was done, how to pass it on, and what comes next."""
    petition, services = confirmation.petition, request.services
    code, slug = request.language.code, petition.slug
    contents = ThanksPage(
        layout=responses.layout(
            request.language,
            translations.catalogue(code).gettext("Thank you. Your signature is confirmed."),
            path=lambda other: urls.petition(other, slug),
            scripts=[responses.SHARING_SCRIPT],
        ),
        added=confirmation.added,
        news=confirmation.news,
        frequency=confirmation.frequency,
        count=browsing.public_count(services, slug),
        count_step=services.settings.count_step,
        sharing=share_links(services.settings, petition, petition.state(services.now()), code),
        petition=urls.petition(code, slug),
        subscribe=urls.subscribe(code, slug),
        manage=urls.manage_form(code, slug),
        feed=urls.feed(code, slug),
    )
    return responses.page(request, contents)
