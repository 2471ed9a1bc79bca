"""Withdrawing by the form and the links that there were before people had their own page."""

from chalice.app import Blueprint, Response

from chalicelib import links, rendering
from chalicelib.domain.errors import ExpiredToken
from chalicelib.routes import answers, managing, small_pages, web
from chalicelib.routes.visits import Visit
from chalicelib.usecases import browsing, withdrawing

blueprint = Blueprint(__name__)
route = web.router(blueprint)


@route("/{language}/{slug}/withdraw")
def show_withdrawal_form(visit: Visit, slug: str) -> Response:
    """Lead to the form that took this one's place."""
    browsing.get_petition(visit.services, slug)
    return answers.see_other(links.manage_form(visit.language.code, slug))


@route("/{language}/{slug}/withdraw", methods=["POST"])
def ask_to_withdraw(visit: Visit, slug: str) -> Response:
    """Take the form from a page that was opened before."""
    return managing.ask_for_link(visit, slug)


@route("/{language}/withdraw/{token}")
def show_withdrawal(visit: Visit, token: str) -> Response:
    """One button; reading this page changes nothing."""
    try:
        withdrawing.check_withdrawal(visit.services, token)
    except ExpiredToken as refusal:
        return _expired(visit, token, refusal)
    _ = rendering.catalogue(visit.language.code).gettext
    return small_pages.one_button(
        visit,
        _("Withdraw your signature?"),
        [
            _(
                "Press the button, and your signature is deleted at once. "
                "News by mail to this address ends, too."
            ),
        ],
        path=lambda code: links.withdraw(code, token),
        button=_("Yes, withdraw it"),
    )


@route("/{language}/withdraw/{token}", methods=["POST"])
def withdraw(visit: Visit, token: str) -> Response:
    """Withdraw the signature."""
    try:
        petition = withdrawing.withdraw(visit.services, token)
    except ExpiredToken as refusal:
        return _expired(visit, token, refusal)
    _ = rendering.catalogue(visit.language.code).gettext
    return small_pages.message(
        visit,
        _("Your signature is withdrawn"),
        [
            _("What was sealed of your signature is deleted."),
            _("News by mail to this address has ended, too."),
        ],
        path=lambda code: links.withdraw(code, token),
        back=links.petition(visit.language.code, petition.slug),
    )


def _expired(visit: Visit, token: str, refusal: ExpiredToken) -> Response:
    slug = withdrawing.petition_of(visit.services, token).slug
    return managing.expired(visit, refusal, slug, path=lambda code: links.withdraw(code, token))
