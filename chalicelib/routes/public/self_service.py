"""One's own page: the form that mails its link, and what can be done on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import N_, EndedSince, ExpiredToken, InvalidForm, Message
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Visit
from chalicelib.routes.pages import forms, prompts, proof_gate
from chalicelib.routes.pages.contexts import Form, Way
from chalicelib.routes.pages.self_service import ManagePage
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.signatures import self_service
from chalicelib.usecases.signatures.self_service import Deed, OwnPage

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the page says after a deed: its heading, and a sentence."""

    title: str = N_("What we keep about your address")
    note: str = ""


_AFTER: Mapping[Deed, Said] = {
    Deed.WITHDRAW: Said(
        title=N_("Your signature is withdrawn"),
        note=N_("What was sealed of your signature is deleted."),
    ),
    Deed.STOP: Said(
        title=N_("You will get no more news"),
        note=N_(
            "Your address is off the list for news. "
            "A signature, if there is one, stays as it is. "
            "You can still read the news on the website."
        ),
    ),
    Deed.CHANGE: Said(
        title=N_("Your choice is kept"),
        note=N_("From the next mail on, news comes as you have chosen."),
    ),
    Deed.DELETE: Said(
        title=N_("Everything is deleted"),
        note=N_("Neither a signature nor an address for news is kept here any more."),
    ),
}


@route("/{language}/{slug}/manage")
def show_form(visit: Visit, slug: str) -> Response:
    """Ask for the link to one's own page."""
    petition = browsing.get_petition(visit.services, slug)
    form = Form(action=urls.manage_form(visit.language.code, slug))
    return _form(visit, slug, proof_gate.gated(visit, petition, form))


@route("/{language}/{slug}/manage", methods=["POST"])
def ask_for_link(visit: Visit, slug: str) -> Response:
    """Mail the link; the answer does not tell whether anything is kept."""
    code = visit.language.code
    try:
        wait_minutes = self_service.ask_for_link(
            visit.services,
            slug=slug,
            language=code,
            fields=visit.fields,
            network=visit.network,
        )
    except forms.COMES_BACK as refusal:
        form = proof_gate.refused(visit, slug, urls.manage_form(code, slug), refusal)
        return responses.later(refusal, _form(visit, slug, form, status=refusal.status))
    _ = translations.catalogue(code).gettext
    return prompts.message(
        visit,
        _("Look in your inbox"),
        [
            _("We have written to this address. The message says how to go on."),
            *proof_gate.said_of_wait(visit, wait_minutes),
        ],
        path=lambda other: urls.manage_form(other, slug),
        back=urls.petition(code, slug),
    )


@route("/{language}/manage/{token}")
def show(visit: Visit, token: str) -> Response:
    """What is kept; reading this page changes nothing."""
    try:
        own = self_service.show(visit.services, token)
    except ExpiredToken as refusal:
        return _expired(visit, token, refusal)
    return _page(visit, token, own, Said())


@route("/{language}/manage/{token}", methods=["POST"])
def act(visit: Visit, token: str) -> Response:
    """Do what one of the page's forms asks for, and show the page as it is then."""
    form = Form(action=urls.manage(visit.language.code, token))
    said, status = Said(), 200
    try:
        deed = self_service.act(visit.services, token, visit.fields)
        said = _AFTER[deed]
    except ExpiredToken as refusal:
        return _expired(visit, token, refusal)
    except InvalidForm as refusal:
        form = forms.refused(form.action, dict(visit.fields), refusal, visit.language)
        status = refusal.status
    except EndedSince as ended:
        said = Said(note=N_("News by mail to this address has ended meanwhile."))
        status = ended.status
    return _page(visit, token, self_service.show(visit.services, token), said, form, status=status)


def _form(visit: Visit, slug: str, form: Form, *, status: int = 200) -> Response:
    _ = translations.catalogue(visit.language.code).gettext
    return prompts.one_address(
        visit,
        _("See, change or withdraw what we keep"),
        [
            _(
                "Enter the address with which you signed or asked for news. We will mail you a "
                "link to a page where you see what we keep, and can change or delete it."
            ),
        ],
        path=lambda code: urls.manage_form(code, slug),
        button=_("Send me the link"),
        back=urls.petition(visit.language.code, slug),
        form=form,
        status=status,
    )


def _page(
    visit: Visit,
    token: str,
    own: OwnPage,
    said: Said,
    form: Form | None = None,
    *,
    status: int = 200,
) -> Response:
    code, slug = visit.language.code, own.petition.slug
    say = partial(_translated, code)
    signature, subscription = own.kept.signature, own.kept.subscription
    names = {known: language.name for known, language in translations.languages().items()}
    contents = ManagePage(
        frame=responses.frame(
            visit.language, say(said.title), path=lambda other: urls.manage(other, token)
        ),
        note=say(said.note),
        form=form or Form(action=urls.manage(code, token)),
        petition_title=own.petition.text(code).title,
        petition=urls.petition(code, slug),
        subscribe=urls.subscribe(code, slug),
        kept=own.kept,
        for_signature=bool(own.filed.signature),
        country=translations.countries(code).get(signature.country, "") if signature else "",
        signature_language=names.get(signature.language, "") if signature else "",
        news_language=subscription.language if subscription else "",
        news_languages=names,
        organiser=own.petition.organiser,
    )
    return responses.page(visit, contents, status=status)


def _expired(visit: Visit, token: str, refusal: ExpiredToken) -> Response:
    """An old link says nothing about what is kept; it leads to the form for a new one."""
    code, slug = visit.language.code, self_service.petition_of(visit.services, token).slug
    label = translations.catalogue(code).gettext("Send me a new link")
    return prompts.refused(
        visit,
        refusal,
        path=lambda other: urls.manage(other, token),
        ways=[Way(label=label, href=urls.manage_form(code, slug))],
        back=urls.petition(code, slug),
    )


def _translated(code: str, text: str) -> str:
    return translations.translate(Message(text=text), code) if text else ""
