"""The link in every single mail after which its address gets no more."""

from chalice.app import Blueprint, Response

from chalicelib.rendering import translations, urls
from chalicelib.routes.http import router
from chalicelib.routes.http.request import Visit
from chalicelib.routes.pages import prompts
from chalicelib.routes.pages.contexts import Way
from chalicelib.usecases.subscriptions import blocking

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@route("/{language}/never/{token}")
def show(visit: Visit, token: str) -> Response:
    """One button; reading this page changes nothing."""
    slug = blocking.check(visit.services, token)
    code = visit.language.code
    _ = translations.catalogue(code).gettext
    return prompts.one_button(
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
        path=lambda other: urls.never(other, token),
        button=_("Never write to this address again"),
        ways=[
            Way(
                label=_("See, change or withdraw what we keep"),
                href=urls.manage_form(code, slug),
            )
        ],
    )


@route("/{language}/never/{token}", methods=["POST"])
def block(visit: Visit, token: str) -> Response:
    """Mail the address never again."""
    slug = blocking.block(visit.services, token)
    _ = translations.catalogue(visit.language.code).gettext
    return prompts.message(
        visit,
        _("We will not write to this address again"),
        [
            _(
                "A message that was on its way when you pressed the button may still arrive. "
                "After it there are no more."
            ),
        ],
        path=lambda code: urls.never(code, token),
        back=urls.petition(visit.language.code, slug),
    )
