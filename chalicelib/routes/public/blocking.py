"""The link in every single mail that suppresses its address."""

from chalice.app import Blueprint, Response

from chalicelib.rendering import translations, urls
from chalicelib.routes.http import router
from chalicelib.routes.http.request import Request
from chalicelib.routes.pages import prompts
from chalicelib.routes.pages.contexts import Link
from chalicelib.usecases.subscriptions import blocking

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@route("/{language}/block/{token}")
def show(request: Request, token: str) -> Response:
    """Ask for confirmation. Reading this page changes nothing."""
    slug = blocking.check(request.services, token)
    code = request.language.code
    _ = translations.catalogue(code).gettext
    return prompts.one_button(
        request,
        _("No more emails to this address?"),
        [
            _(
                "Press the button, and we will never write to this address again, whatever the "
                "petition and whoever asks. News by email stops, too."
            ),
            _(
                "To remember this, we keep a scrambled form of the address, from which nobody can "
                "work it out without our secret key. Any signature stays: if you want to withdraw "
                "it, do that first."
            ),
            _("If you change your mind later, only the organisers can undo this."),
        ],
        path=lambda other: urls.block(other, token),
        button=_("Never write to this address again"),
        links=[
            Link(
                label=_("See, change or delete what we keep"),
                href=urls.manage_form(code, slug),
            )
        ],
    )


@route("/{language}/block/{token}", methods=["POST"])
def block(request: Request, token: str) -> Response:
    """Suppress the address."""
    slug = blocking.block(request.services, token)
    _ = translations.catalogue(request.language.code).gettext
    return prompts.message(
        request,
        _("We will not write to this address again"),
        [
            _(
                "An email that was already on its way may still arrive. After that, there will be "
                "no more."
            ),
        ],
        path=lambda code: urls.block(code, token),
        back=urls.petition(request.language.code, slug),
    )
