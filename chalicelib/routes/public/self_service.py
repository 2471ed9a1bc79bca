"""The own page: a form that mails its link, and the actions on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import (
    N_,
    EndedMeanwhile,
    ExpiredToken,
    InvalidForm,
    Message,
    TooManyRequests,
    Unavailable,
)
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request
from chalicelib.routes.http.statuses import status_of
from chalicelib.routes.pages import amendment_notices, forms, prompts, proof_gate
from chalicelib.routes.pages.contexts import Link
from chalicelib.routes.pages.form_contexts import Form
from chalicelib.routes.pages.self_service import ManagePage
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.signatures import self_service
from chalicelib.usecases.signatures.self_service import Action

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """The page's heading, if it has another than usual, and a sentence after an action."""

    title: str = ""
    note: str = ""


_NOTICES: Mapping[Action, Notice] = {
    Action.WITHDRAW: Notice(
        title=N_("Your signature is withdrawn"),
        note=N_("Your sealed signature has been deleted."),
    ),
    Action.STOP: Notice(
        title=N_("You will get no more news"),
        note=N_(
            "Your address has been removed from the list for news. If you have signed, your "
            "signature stays. You can still read the news on the website."
        ),
    ),
    Action.CHANGE: Notice(
        title=N_("Your choice is saved"),
        note=N_(
            "From now on, the news comes the way you chose. Anything already on its way, or "
            "waiting to be sent, still comes as planned: you will miss nothing, and nothing will "
            "come twice."
        ),
    ),
    Action.CORRECT: Notice(
        title=N_("Your signature is corrected"),
        note=N_("What you have just typed is now sealed in place of the earlier name and country."),
    ),
    Action.DELETE: Notice(
        title=N_("Everything is deleted"),
        note=N_("We no longer keep a signature or an address for news."),
    ),
}

_TITLE: Final = N_("What we keep about your address")
_TITLE_OF_NEWS: Final = N_("News by email to your address")
"""A link in a mail with news shows no signature, and must not seem to deny it."""

_ENDED: Mapping[Action, str] = {
    Action.CHANGE: N_("News by email to this address has been stopped in the meantime."),
    Action.CORRECT: N_(
        "There is no longer a signature from this address, so nothing was corrected."
    ),
}


@route("/{language}/{slug}/manage")
def show_form(request: Request, slug: str) -> Response:
    """The form that mails the link to the own page."""
    petition = browsing.get_petition(request.services, slug)
    form = Form(action=urls.manage_form(request.language.code, slug))
    return _form(request, slug, proof_gate.with_gate(request, petition, form))


@route("/{language}/{slug}/manage", methods=["POST"])
def request_link(request: Request, slug: str) -> Response:
    """Mail the link. The answer does not tell whether anything is stored."""
    code = request.language.code
    try:
        wait_minutes = self_service.request_link(
            request.services,
            slug=slug,
            language=code,
            fields=request.fields,
            network=request.network,
        )
    except forms.COMES_BACK as refusal:
        form = proof_gate.refused(request, slug, urls.manage_form(code, slug), refusal)
        return responses.with_retry_after(
            refusal, _form(request, slug, form, status=status_of(refusal))
        )
    _ = translations.catalogue(code).gettext
    return prompts.message(
        request,
        _("Check your inbox"),
        [
            proof_gate.mail_notice(request, wait_minutes),
            _("The email says what to do next."),
            proof_gate.no_mail_notice(request),
        ],
        path=lambda other: urls.manage_form(other, slug),
        back=urls.petition(code, slug),
    )


@route("/{language}/manage/{token}")
def show(request: Request, token: str) -> Response:
    """What is stored. Reading this page changes nothing."""
    try:
        return _page(request, token, Notice())
    except ExpiredToken as refusal:
        return _expired(request, token, refusal)


@route("/{language}/manage/{token}", methods=["POST"])
def act(request: Request, token: str) -> Response:
    """Do what a form of the page asks for, and show the page again."""
    try:
        action = self_service.act(
            request.services,
            token,
            request.fields,
            language=request.language.code,
            network=request.network,
        )
    except ExpiredToken as refusal:
        return _expired(request, token, refusal)
    except (InvalidForm, TooManyRequests, Unavailable) as refusal:
        path = urls.manage(request.language.code, token)
        form = forms.refused(path, dict(request.fields), refusal, request.language)
        page = _page(request, token, Notice(), form, status=status_of(refusal))
        return responses.with_retry_after(refusal, page)
    except EndedMeanwhile as ended:
        notice = Notice(note=_ENDED[Action(request.fields["do"])])
        return _page(request, token, notice, status=status_of(ended))
    return _page(request, token, _NOTICES[action])


def _form(request: Request, slug: str, form: Form, *, status: int = 200) -> Response:
    _ = translations.catalogue(request.language.code).gettext
    return prompts.one_address(
        request,
        _("See, change or delete what we keep"),
        [
            _(
                "Enter the address you used to sign or to ask for news. We will email you a link "
                "to a page where you can see what we keep, and change or delete it."
            ),
        ],
        path=lambda code: urls.manage_form(code, slug),
        button=_("Send me the link"),
        petition=browsing.get_petition(request.services, slug),
        form=form,
        status=status,
    )


def _page(
    request: Request,
    token: str,
    notice: Notice,
    form: Form | None = None,
    *,
    status: int = 200,
) -> Response:
    """The page with what is stored now. Raises BrokenToken, ExpiredToken."""
    own = self_service.show(request.services, token)
    code, slug = request.language.code, own.petition.slug
    say = partial(_translated, code)
    subscription = own.record.subscription
    title = notice.title or (_TITLE if own.for_signature else _TITLE_OF_NEWS)
    names = {known: language.name for known, language in translations.languages().items()}
    contents = ManagePage(
        layout=responses.layout(
            request.language, say(title), path=lambda other: urls.manage(other, token)
        ),
        note=say(notice.note),
        form=form or Form(action=urls.manage(code, token)),
        petition_title=own.petition.text(code).title,
        petition=urls.petition(code, slug),
        link_form=urls.manage_form(code, slug),
        subscribe=urls.subscribe(code, slug),
        feed=urls.feed(code, slug),
        record=own.record,
        for_signature=own.for_signature,
        countries=translations.countries(code),
        news_language=subscription.language if subscription else "",
        news_languages=names,
        organiser=own.petition.organiser,
        amendments=amendment_notices.notices(
            own.petition, code, self_service.amendments_since(own)
        ),
    )
    return responses.page(request, contents, status=status)


def _expired(request: Request, token: str, refusal: ExpiredToken) -> Response:
    """The page of an expired link. It shows nothing stored, and leads to the form for a link."""
    code, slug = request.language.code, self_service.petition_of(request.services, token).slug
    label = translations.catalogue(code).gettext("Send me a new link")
    return prompts.refused(
        request,
        refusal,
        path=lambda other: urls.manage(other, token),
        links=[Link(label=label, href=urls.manage_form(code, slug))],
        back=urls.petition(code, slug),
    )


def _translated(code: str, text: str) -> str:
    return translations.translate(Message(text=text), code) if text else ""
