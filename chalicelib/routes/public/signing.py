"""The sign form, the page that waits for the mail, and confirmations."""

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import (
    EndedMeanwhile,
    ExpiredToken,
    PetitionNotOpen,
    SigningPaused,
    TooManyRequests,
    Unavailable,
    WrongCode,
)
from chalicelib.mail.announcement import Announcement, announcement
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request
from chalicelib.routes.http.statuses import status_of
from chalicelib.routes.pages import (
    amendment_notices,
    forms,
    not_open,
    prompts,
    proof_gate,
    refused_confirmations,
)
from chalicelib.routes.pages.contexts import ConfirmSignaturePage
from chalicelib.routes.pages.form_contexts import Form
from chalicelib.routes.pages.signing import InboxPage
from chalicelib.routes.public import thanks
from chalicelib.routes.public.petitions import petition_with_form
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.signatures import confirming, signing

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@route("/{language}/{slug}/sign")
@route("/{language}/{slug}/code")
@route("/{language}/{slug}/again")
def show_petition(request: Request, slug: str) -> Response:
    """The page of the form, for a visitor who reloads an answer or goes back to it."""
    return responses.see_other(urls.petition(request.language.code, slug))


@route("/{language}/{slug}/sign", methods=["POST"])
def sign(request: Request, slug: str) -> Response:
    """Take the sign form. The answer does not tell whether the address has signed before."""
    code = request.language.code
    try:
        pending_signature = signing.request_signature(
            request.services,
            slug=slug,
            language=code,
            fields=request.fields,
            network=request.network,
        )
    except forms.COMES_BACK as refusal:
        form = forms.refused(urls.sign(code, slug), dict(request.fields), refusal, request.language)
        return responses.with_retry_after(
            refusal, petition_with_form(request, slug, form, status=status_of(refusal))
        )
    except PetitionNotOpen as refusal:
        return not_open.form_refused(request, slug, refusal)
    form = Form(action=urls.code(code, slug))
    return _inbox(
        request, slug, pending_signature.pending, form, wait_minutes=pending_signature.wait_minutes
    )


@route("/{language}/{slug}/code", methods=["POST"])
def confirm_by_code(request: Request, slug: str) -> Response:
    """Confirm with the code from the mail."""
    pending = request.fields.get("pending", "")
    try:
        confirmation = confirming.confirm_by_code(
            request.services,
            slug=slug,
            pending=pending,
            code=request.fields.get("code", ""),
            network=request.network,
        )
    except (WrongCode, TooManyRequests, Unavailable) as refusal:
        form = forms.refused(
            urls.code(request.language.code, slug),
            {"code": request.fields.get("code", "")},
            refusal,
            request.language,
        )
        return responses.with_retry_after(
            refusal, _inbox(request, slug, pending, form, status=status_of(refusal))
        )
    except EndedMeanwhile as refusal:
        return prompts.refused(
            request,
            refusal,
            path=lambda other: urls.petition(other, slug),
            links=[refused_confirmations.sign_link(request, slug)],
            back=urls.petition(request.language.code, slug),
        )
    except PetitionNotOpen as refusal:
        return not_open.form_refused(request, slug, refusal)
    return thanks.page(request, confirmation)


@route("/{language}/{slug}/again", methods=["POST"])
def send_again(request: Request, slug: str) -> Response:
    """Send the mail again. The answer does not tell whether one is sent."""
    pending = request.fields.get("pending", "")
    form = Form(action=urls.code(request.language.code, slug))
    try:
        pending_signature = signing.send_again(
            request.services, slug=slug, pending=pending, network=request.network
        )
    except (SigningPaused, TooManyRequests, Unavailable) as refusal:
        form = forms.refused(form.action, {}, refusal, request.language)
        return responses.with_retry_after(
            refusal, _inbox(request, slug, pending, form, status=status_of(refusal))
        )
    except PetitionNotOpen as refusal:
        return not_open.form_refused(request, slug, refusal)
    return _inbox(
        request,
        slug,
        pending_signature.pending,
        form,
        asked_again=True,
        wait_minutes=pending_signature.wait_minutes,
    )


@route("/{language}/confirm/{token}")
def show_confirmation(request: Request, token: str) -> Response:
    """Show what was typed, and ask for confirmation. Reading this page changes nothing."""
    try:
        petition, asked = confirming.show_request(request.services, token)
    except ExpiredToken as refusal:
        return refused_confirmations.page(request, token, refusal)
    code = request.language.code
    contents = ConfirmSignaturePage(
        layout=responses.layout(
            request.language,
            translations.catalogue(code).gettext("One more step"),
            path=lambda other: urls.confirm_signature(other, token),
        ),
        form=Form(action=urls.confirm_signature(code, token)),
        petition_title=petition.text(code).title,
        name=asked.name,
        country=translations.countries(code).get(asked.country, ""),
        alerts=asked.alerts,
        news_language=translations.languages()[petition.language(asked.language)].name_in_sentence,
        amendments=amendment_notices.notices(
            petition, code, petition.amendments_since(asked.requested_at)
        ),
    )
    return responses.page(request, contents)


@route("/{language}/confirm/{token}", methods=["POST"])
def confirm(request: Request, token: str) -> Response:
    """Store the signature."""
    try:
        confirmation = confirming.confirm(
            request.services, token, request.fields, network=request.network
        )
    except (ExpiredToken, EndedMeanwhile, PetitionNotOpen) as refusal:
        return refused_confirmations.page(request, token, refusal)
    return thanks.page(request, confirmation)


@route("/{language}/confirm/{token}/again")
def show_renewed(request: Request, token: str) -> Response:
    """The page of the button, for a visitor who reloads the answer or goes back to it."""
    return responses.see_other(urls.confirm_signature(request.language.code, token))


@route("/{language}/confirm/{token}/again", methods=["POST"])
def renew(request: Request, token: str) -> Response:
    """Mail a new link in place of an expired one, to the same address."""
    try:
        petition, pending_signature = signing.renew(
            request.services, token, network=request.network
        )
    except (ExpiredToken, PetitionNotOpen) as refusal:
        return refused_confirmations.page(request, token, refusal)
    form = Form(action=urls.code(request.language.code, petition.slug))
    return _inbox(
        request,
        petition.slug,
        pending_signature.pending,
        form,
        wait_minutes=pending_signature.wait_minutes,
    )


def _inbox(
    request: Request,
    slug: str,
    pending: str,
    form: Form,
    *,
    asked_again: bool = False,
    wait_minutes: int = 0,
    status: int = 200,
) -> Response:
    _ = translations.catalogue(request.language.code).gettext
    contents = InboxPage(
        layout=responses.layout(
            request.language,
            _("Check your inbox"),
            path=lambda code: urls.petition(code, slug),
        ),
        form=form,
        pending=pending,
        again=urls.again(request.language.code, slug),
        asked_again=asked_again,
        mails_a_day=request.services.settings.mails_per_network,
        back=urls.petition(request.language.code, slug),
        link_days=request.services.settings.link_days,
        mail_notice=proof_gate.mail_notice(request, wait_minutes),
        no_mail_notice=proof_gate.no_mail_notice(request),
        delayed=wait_minutes > 0,
        announcement=_announcement(request, slug),
    )
    return responses.page(request, contents, status=status)


def _announcement(request: Request, slug: str) -> Announcement | None:
    """What an inbox shows of the mail; None while the petition cannot be read.

    The page is shown all the same: it alone holds what the code needs.
    """
    try:
        petition = browsing.get_petition(request.services, slug)
    except Unavailable:
        return None
    return announcement(petition, request.language.code, request.services.settings)
