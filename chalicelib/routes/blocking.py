"""The link in every single mail after which its address gets no more."""

from chalice.app import Blueprint, Response

from chalicelib import links, rendering
from chalicelib.routes import small_pages, web
from chalicelib.routes.pages import Way
from chalicelib.routes.visits import Visit
from chalicelib.usecases import blocking

blueprint = Blueprint(__name__)
route = web.router(blueprint)


@route("/{language}/never/{token}")
def show(visit: Visit, token: str) -> Response:
    """One button; reading this page changes nothing."""
    slug = blocking.check(visit.services, token)
    code = visit.language.code
    _ = rendering.catalogue(code).gettext
    return small_pages.one_button(
        visit,
        _("No more mails to this address?"),
        [
            _(
                "Press the button, and we never write to this address again, whoever asks for it "
                "and whatever it is about. News by mail to it ends, too."
            ),
            _(
                "For that we keep a scrambled form of the address, from which it cannot be worked "
                "out without our secret key. A signature, if there is one, stays: to withdraw it, "
                "do so first."
            ),
            _("If you change your mind one day, only the organisers can undo it."),
        ],
        path=lambda other: links.never(other, token),
        button=_("Never write to this address again"),
        ways=[
            Way(
                label=_("See, change or withdraw what we keep"),
                href=links.manage_form(code, slug),
            )
        ],
    )


@route("/{language}/never/{token}", methods=["POST"])
def block(visit: Visit, token: str) -> Response:
    """Mail the address never again."""
    slug = blocking.block(visit.services, token)
    _ = rendering.catalogue(visit.language.code).gettext
    return small_pages.message(
        visit,
        _("We will not write to this address again"),
        [
            _(
                "A message that was on its way when you pressed the button may still arrive. "
                "After it there are no more."
            ),
        ],
        path=lambda code: links.never(code, token),
        back=links.petition(visit.language.code, slug),
    )
