"""Leaving alerts by the link in each of them."""

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import DataDestroyed
from chalicelib.domain.petitions.petition import Petition
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import router
from chalicelib.routes.http.request import Request
from chalicelib.routes.pages import prompts
from chalicelib.routes.pages.contexts import Link
from chalicelib.usecases.subscriptions import subscribing

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@route("/{language}/unsubscribe/{token}")
def show_unsubscription(request: Request, token: str) -> Response:
    """Ask for confirmation: programs that follow links must not end subscriptions."""
    if tested := subscribing.tested_petition(request.services, token):
        return _test_page(request, token, tested)
    try:
        own_page = subscribing.self_service_token(request.services, token)
    except DataDestroyed:
        return _nothing_left(request, token)
    code = request.language.code
    _ = translations.catalogue(code).gettext
    return prompts.one_button(
        request,
        _("Stop the news, or get it less often?"),
        [_("Press the button, and we will remove your address from the list for news.")],
        path=lambda other: urls.unsubscribe(other, token),
        button=_("Yes, stop the news"),
        links=[
            Link(
                label=_("No, choose how often it comes, or its language"),
                href=urls.manage(code, own_page),
            )
        ],
    )


@route("/{language}/unsubscribe/{token}", methods=["POST"], from_any_site=True)
def unsubscribe(request: Request, token: str) -> Response:
    """End the subscription: from the page, or by one click in a mail program (RFC 8058).

    A mail program may be a website. The body is not read: only the mail has the token, and whoever
    has it may leave.
    """
    if tested := subscribing.tested_petition(request.services, token):
        return _test_page(request, token, tested)
    try:
        petition = subscribing.unsubscribe(request.services, token)
    except DataDestroyed:
        return _nothing_left(request, token)
    _ = translations.catalogue(request.language.code).gettext
    return prompts.message(
        request,
        _("You will get no more news"),
        [
            _(
                "Your address has been removed from the list for news. If you have signed, your "
                "signature stays. You can still read the news on the website."
            ),
        ],
        path=lambda code: urls.unsubscribe(code, token),
        back=urls.petition(request.language.code, petition.slug),
    )


def _nothing_left(request: Request, token: str) -> Response:
    """All was destroyed. The status is that of success: a mail program has done what it wanted."""
    code = request.language.code
    _ = translations.catalogue(code).gettext
    return prompts.message(
        request,
        _(DataDestroyed.title),
        [_(DataDestroyed.message)],
        path=lambda other: urls.unsubscribe(other, token),
        back=urls.petitions(code),
    )


def _test_page(request: Request, token: str, petition: Petition) -> Response:
    """What the link to leave does, for an organiser who tries it in a test."""
    code = request.language.code
    _ = translations.catalogue(code).gettext
    return prompts.message(
        request,
        _("This was a test"),
        [
            _(
                "The email with this link was a test for its organisers. In the email that "
                "subscribers get, the link leads to a page on which they can stop the news, or "
                "choose how often it comes."
            ),
            _("Nothing has been changed."),
        ],
        path=lambda other: urls.unsubscribe(other, token),
        back=urls.petition(code, petition.slug),
    )
