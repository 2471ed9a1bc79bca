"""Signing and confirming: forms in, pages out."""

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import (
    EndedSince,
    ExpiredToken,
    PetitionNotOpen,
    TooManyRequests,
    Unavailable,
    WrongCode,
)
from chalicelib.domain.petition import PetitionState
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Visit
from chalicelib.routes.pages import forms, prompts
from chalicelib.routes.pages.contexts import Form, InboxPage, ThanksPage, Way
from chalicelib.routes.public.petitions import petition_with_form
from chalicelib.usecases.signatures import signing
from chalicelib.usecases.signatures.signing import Confirmed

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@route("/{language}/{slug}/sign", methods=["POST"])
def sign(visit: Visit, slug: str) -> Response:
    """Take the sign form; the answer does not tell whether the address has signed before."""
    code = visit.language.code
    try:
        asked = signing.ask_to_sign(
            visit.services,
            slug=slug,
            language=code,
            fields=visit.fields,
            network=visit.network,
        )
    except forms.COMES_BACK as refusal:
        form = forms.refused(urls.sign(code, slug), dict(visit.fields), refusal, visit.language)
        return responses.later(
            refusal, petition_with_form(visit, slug, form, status=refusal.status)
        )
    form = Form(action=urls.code(code, slug))
    return _inbox(visit, slug, asked.pending, form, wait_minutes=asked.wait_minutes)


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
            urls.code(visit.language.code, slug),
            {"code": visit.fields.get("code", "")},
            refusal,
            visit.language,
        )
        return responses.later(refusal, _inbox(visit, slug, pending, form, status=refusal.status))
    return _thanks(visit, confirmed)


@route("/{language}/{slug}/again", methods=["POST"])
def send_again(visit: Visit, slug: str) -> Response:
    """Mail it once more; the answer does not tell whether a mail goes out."""
    pending = visit.fields.get("pending", "")
    form = Form(action=urls.code(visit.language.code, slug))
    try:
        asked = signing.send_again(
            visit.services, slug=slug, pending=pending, network=visit.network
        )
    except (TooManyRequests, Unavailable) as refusal:
        form = forms.refused(form.action, {}, refusal, visit.language)
        return responses.later(refusal, _inbox(visit, slug, pending, form, status=refusal.status))
    return _inbox(
        visit, slug, asked.pending, form, asked_again=True, wait_minutes=asked.wait_minutes
    )


@route("/{language}/confirm/{token}")
def show_confirmation(visit: Visit, token: str) -> Response:
    """One button; reading this page changes nothing."""
    try:
        signing.check_confirmation(visit.services, token)
    except ExpiredToken as refusal:
        return _refused(visit, token, refusal)
    _ = translations.catalogue(visit.language.code).gettext
    return prompts.one_button(
        visit,
        _("One more step"),
        [
            _("Press the button to confirm. Until then nothing of this request is stored."),
            _("If you did not ask for this, close this page. Nothing will happen."),
        ],
        path=lambda code: urls.confirm_signature(code, token),
        button=_("Yes, I confirm"),
    )


@route("/{language}/confirm/{token}", methods=["POST"])
def confirm(visit: Visit, token: str) -> Response:
    """Keep the signature."""
    try:
        return _thanks(visit, signing.confirm(visit.services, token))
    except (ExpiredToken, EndedSince, PetitionNotOpen) as refusal:
        return _refused(visit, token, refusal)


@route("/{language}/confirm/{token}/again", methods=["POST"])
def renew(visit: Visit, token: str) -> Response:
    """Mail a new link in place of one that has expired, to the same address."""
    try:
        petition, asked = signing.renew(visit.services, token, network=visit.network)
    except (ExpiredToken, PetitionNotOpen) as refusal:
        return _refused(visit, token, refusal)
    form = Form(action=urls.code(visit.language.code, petition.slug))
    return _inbox(visit, petition.slug, asked.pending, form, wait_minutes=asked.wait_minutes)


def _refused(
    visit: Visit, token: str, refusal: ExpiredToken | EndedSince | PetitionNotOpen
) -> Response:
    """A link that confirms nothing now, and what can be done instead."""
    petition, state = signing.petition_of(visit.services, token)
    code, slug = visit.language.code, petition.slug
    _ = translations.catalogue(code).gettext

    def path(other: str) -> str:
        return urls.confirm_signature(other, token)

    if state is PetitionState.CLOSED:
        closed_on = translations.format_date(petition.closes_on, code)
        return prompts.message(
            visit,
            _("This petition closed on %(day)s") % {"day": closed_on},
            [_("It takes no signatures any more, so this link has nothing left to confirm.")],
            path=path,
            ways=[
                Way(label=_("Get news by mail"), href=urls.subscribe(code, slug)),
                Way(label=_("Follow the news by feed"), href=urls.feed(code, slug)),
            ],
            back=urls.petition(code, slug),
            status=refusal.status,
        )
    if isinstance(refusal, ExpiredToken) and signing.is_renewable(visit.services, token):
        return prompts.expired(visit, refusal, path=path)
    sign = Way(label=_("Sign the petition"), href=f"{urls.petition(code, slug)}#sign")
    return prompts.refused(visit, refusal, path=path, ways=[sign], back=urls.petition(code, slug))


def _inbox(
    visit: Visit,
    slug: str,
    pending: str,
    form: Form,
    *,
    asked_again: bool = False,
    wait_minutes: int = 0,
    status: int = 200,
) -> Response:
    _ = translations.catalogue(visit.language.code).gettext
    contents = InboxPage(
        frame=responses.frame(
            visit.language,
            _("Look in your inbox"),
            path=lambda code: urls.petition(code, slug),
        ),
        form=form,
        pending=pending,
        again=urls.again(visit.language.code, slug),
        asked_again=asked_again,
        mails_a_day=visit.services.settings.mails_per_address,
        back=urls.petition(visit.language.code, slug),
        link_days=visit.services.settings.link_days,
        wait_minutes=wait_minutes,
    )
    return responses.page(visit, contents, status=status)


def _thanks(visit: Visit, confirmed: Confirmed) -> Response:
    code, slug = visit.language.code, confirmed.petition.slug
    contents = ThanksPage(
        frame=responses.frame(
            visit.language,
            translations.catalogue(code).gettext("Thank you. Your signature counts."),
            path=lambda other: urls.petition(other, slug),
        ),
        alerts=confirmed.alerts,
        count_step=visit.services.settings.count_step,
        petition=urls.petition(code, slug),
        subscribe=urls.subscribe(code, slug),
        manage=urls.manage_form(code, slug),
        feed=urls.feed(code, slug),
        share=urls.share(code, slug),
    )
    return responses.page(visit, contents)
