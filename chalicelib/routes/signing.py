"""Signing and confirming: forms in, pages out."""

from chalice.app import Blueprint, Response

from chalicelib import links, rendering
from chalicelib.domain.errors import TooManyRequests, Unavailable, WrongCode
from chalicelib.routes import answers, forms, web
from chalicelib.routes.pages import (
    ConfirmPage,
    Form,
    InboxPage,
    ThanksPage,
)
from chalicelib.routes.petitions import petition_page
from chalicelib.routes.visits import Visit
from chalicelib.usecases import signing
from chalicelib.usecases.signing import Confirmed

blueprint = Blueprint(__name__)
route = web.router(blueprint)


@route("/{language}/{slug}/sign", methods=["POST"])
def sign(visit: Visit, slug: str) -> Response:
    """Take the sign form; the answer does not tell whether the address has signed before."""
    code = visit.language.code
    try:
        pending = signing.ask_to_sign(
            visit.services,
            slug=slug,
            language=code,
            fields=visit.fields,
            network=visit.network,
        )
    except forms.COMES_BACK as refusal:
        form = forms.refused(links.sign(code, slug), dict(visit.fields), refusal, visit.language)
        return petition_page(visit, slug, form, status=refusal.status)
    return _inbox(visit, slug, pending, Form(action=links.code(code, slug)))


@route("/{language}/{slug}/code", methods=["POST"])
def confirm_by_code(visit: Visit, slug: str) -> Response:
    """Confirm with the code from the mail, typed into the page that waits for it."""
    pending = visit.fields.get("pending", "")
    try:
        confirmed = signing.confirm_by_code(
            visit.services,
            slug=slug,
            pending=pending,
            code=visit.fields.get("code", ""),
            network=visit.network,
        )
    except (WrongCode, TooManyRequests, Unavailable) as refusal:
        form = forms.refused(
            links.code(visit.language.code, slug),
            {"code": visit.fields.get("code", "")},
            refusal,
            visit.language,
        )
        return _inbox(visit, slug, pending, form, status=refusal.status)
    return _thanks(visit, confirmed)


@route("/{language}/confirm/{token}")
def show_confirmation(visit: Visit, token: str) -> Response:
    """One button; reading this page changes nothing."""
    signing.check_confirmation(visit.services, token)
    _ = rendering.catalogue(visit.language.code).gettext
    contents = ConfirmPage(
        frame=answers.frame(
            visit.language,
            _("One more step"),
            path=lambda code: links.confirm_signature(code, token),
        ),
        paragraphs=(
            _("Press the button to confirm. Until then nothing of this request is stored."),
            _("If you did not ask for this, close this page. Nothing will happen."),
        ),
        button=_("Yes, I confirm"),
        action=links.confirm_signature(visit.language.code, token),
    )
    return answers.page(visit, contents)


@route("/{language}/confirm/{token}", methods=["POST"])
def confirm(visit: Visit, token: str) -> Response:
    """Keep the signature."""
    return _thanks(visit, signing.confirm(visit.services, token))


def _inbox(visit: Visit, slug: str, pending: str, form: Form, *, status: int = 200) -> Response:
    _ = rendering.catalogue(visit.language.code).gettext
    contents = InboxPage(
        frame=answers.frame(
            visit.language,
            _("Look in your inbox"),
            path=lambda code: links.petition(code, slug),
        ),
        form=form,
        pending=pending,
        back=links.petition(visit.language.code, slug),
        link_days=visit.services.settings.link_days,
    )
    return answers.page(visit, contents, status=status)


def _thanks(visit: Visit, confirmed: Confirmed) -> Response:
    code, slug = visit.language.code, confirmed.petition.slug
    contents = ThanksPage(
        frame=answers.frame(
            visit.language,
            rendering.catalogue(code).gettext("Thank you. Your signature counts."),
            path=lambda other: links.petition(other, slug),
        ),
        alerts=confirmed.alerts,
        petition=links.petition(code, slug),
        subscribe=links.subscribe(code, slug),
        withdraw=links.withdraw_form(code, slug),
        feed=links.feed(code, slug),
    )
    return answers.page(visit, contents)
