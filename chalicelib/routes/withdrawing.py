"""Withdrawing: a form that asks for a link, and the button behind the link."""

from chalice.app import Blueprint, Response

from chalicelib import links, rendering
from chalicelib.routes import answers, forms, web
from chalicelib.routes.pages import AddressPage, ConfirmPage, Form, MessagePage
from chalicelib.routes.visits import Visit
from chalicelib.usecases import browsing, withdrawing

blueprint = Blueprint(__name__)
route = web.router(blueprint)


@route("/{language}/{slug}/withdraw")
def show_withdrawal_form(visit: Visit, slug: str) -> Response:
    """Ask for a withdrawal link."""
    browsing.get_petition(visit.services, slug)
    return _withdrawal_form(visit, slug, _empty_withdrawal_form(visit, slug))


@route("/{language}/{slug}/withdraw", methods=["POST"])
def ask_to_withdraw(visit: Visit, slug: str) -> Response:
    """Mail a withdrawal link; the answer does not tell whether the address has signed."""
    code = visit.language.code
    try:
        withdrawing.ask_to_withdraw(
            visit.services,
            slug=slug,
            language=code,
            fields=visit.fields,
            network=visit.network,
        )
    except forms.COMES_BACK as refusal:
        form = forms.refused(
            links.withdraw_form(code, slug), dict(visit.fields), refusal, visit.language
        )
        return _withdrawal_form(visit, slug, form, status=refusal.status)
    _ = rendering.catalogue(code).gettext
    contents = MessagePage(
        frame=answers.frame(
            visit.language,
            _("Look in your inbox"),
            path=lambda other: links.withdraw_form(other, slug),
        ),
        paragraphs=(_("We have written to this address. The message says how to go on."),),
        back=links.petition(code, slug),
    )
    return answers.page(visit, contents)


@route("/{language}/withdraw/{token}")
def show_withdrawal(visit: Visit, token: str) -> Response:
    """One button; reading this page changes nothing."""
    withdrawing.check_withdrawal(visit.services, token)
    _ = rendering.catalogue(visit.language.code).gettext
    contents = ConfirmPage(
        frame=answers.frame(
            visit.language,
            _("Withdraw your signature?"),
            path=lambda code: links.withdraw(code, token),
        ),
        paragraphs=(
            _(
                "Press the button, and your signature is deleted at once. "
                "News by mail to this address ends, too."
            ),
        ),
        button=_("Yes, withdraw it"),
        action=links.withdraw(visit.language.code, token),
    )
    return answers.page(visit, contents)


@route("/{language}/withdraw/{token}", methods=["POST"])
def withdraw(visit: Visit, token: str) -> Response:
    """Withdraw the signature."""
    petition = withdrawing.withdraw(visit.services, token)
    _ = rendering.catalogue(visit.language.code).gettext
    contents = MessagePage(
        frame=answers.frame(
            visit.language,
            _("Your signature is withdrawn"),
            path=lambda code: links.withdraw(code, token),
        ),
        paragraphs=(
            _("Nothing that was sealed is left, and the count goes down by one."),
            _("News by mail to this address has ended, too."),
        ),
        back=links.petition(visit.language.code, petition.slug),
    )
    return answers.page(visit, contents)


def _empty_withdrawal_form(visit: Visit, slug: str) -> Form:
    return Form(action=links.withdraw_form(visit.language.code, slug))


def _withdrawal_form(visit: Visit, slug: str, form: Form, *, status: int = 200) -> Response:
    _ = rendering.catalogue(visit.language.code).gettext
    contents = AddressPage(
        frame=answers.frame(
            visit.language,
            _("Withdraw your signature"),
            path=lambda code: links.withdraw_form(code, slug),
        ),
        paragraphs=(
            _("Enter the address with which you signed. We will mail you a link to withdraw."),
        ),
        form=form,
        button=_("Send me the link"),
        back=links.petition(visit.language.code, slug),
    )
    return answers.page(visit, contents, status=status)
