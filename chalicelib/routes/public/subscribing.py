"""Subscribing to alerts, and confirming."""

from collections.abc import Mapping
from typing import Final

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import N_, Blocked, EndedMeanwhile, ExpiredToken
from chalicelib.domain.subscriber import Frequency
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request
from chalicelib.routes.http.statuses import status_of
from chalicelib.routes.pages import forms, prompts, proof_gate
from chalicelib.routes.pages.contexts import Link
from chalicelib.routes.pages.form_contexts import Form
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.subscriptions import subscribing
from chalicelib.usecases.subscriptions.subscribing import SubscriptionOffer

blueprint = Blueprint(__name__)
route = router.router(blueprint)

_OPERATOR_READS: Final = N_(
    "The operator of this server will be able to read this address. Every email has a link to stop "
    "the news."
)
"""The sign form says the same of its box for news."""
_HOW_OFTEN: Final[Mapping[Frequency, str]] = {
    Frequency.EACH: N_("It comes each time there is news."),
    Frequency.DAILY: N_("It comes once a day: all the news in one email."),
    Frequency.WEEKLY: N_("It comes once a week: all the news in one email."),
}


@route("/{language}/{slug}/subscribe")
def show_subscribe_form(request: Request, slug: str) -> Response:
    """The form for a subscription without a signature."""
    petition = browsing.get_petition(request.services, slug)
    form = Form(action=urls.subscribe(request.language.code, slug))
    return _subscribe_form(request, slug, proof_gate.with_gate(request, petition, form))


@route("/{language}/{slug}/subscribe", methods=["POST"])
def request_subscription(request: Request, slug: str) -> Response:
    """Mail a link. The answer does not tell whether the address is subscribed."""
    code = request.language.code
    try:
        wait_minutes = subscribing.request_subscription(
            request.services,
            slug=slug,
            language=code,
            fields=request.fields,
            network=request.network,
        )
    except forms.COMES_BACK as refusal:
        form = proof_gate.refused(request, slug, urls.subscribe(code, slug), refusal)
        return responses.with_retry_after(
            refusal, _subscribe_form(request, slug, form, status=status_of(refusal))
        )
    return _inbox(request, slug, wait_minutes=wait_minutes)


@route("/{language}/confirm-alerts/{token}")
def show_confirmation(request: Request, token: str) -> Response:
    """Ask for confirmation. Reading this page changes nothing."""
    try:
        offer = subscribing.show_request(request.services, token)
    except ExpiredToken as refusal:
        return _expired(request, token, refusal)
    _ = translations.catalogue(request.language.code).gettext
    text = offer.petition.text(request.language.code)
    return prompts.one_button(
        request,
        _("One more step"),
        [
            _("Press the button to get news about “%(title)s” by email.") % {"title": text.title},
            _(_HOW_OFTEN[offer.frequency]),
            _("The news will come in this language: %(language)s.")
            % {"language": _news_language(offer)},
            _(
                "If you already get this news, the button changes only its language. How often it "
                "comes stays as it is."
            ),
            _(_OPERATOR_READS),
            _(
                "Nothing from this request is stored until you confirm. If you have already done "
                "so, you need not do it again."
            ),
            _("If you did not ask for this, close this page. Nothing will happen."),
        ],
        path=lambda code: urls.confirm_alerts(code, token),
        button=_("Yes, send me news"),
        risk=text.whole_risk,
    )


@route("/{language}/confirm-alerts/{token}", methods=["POST"])
def confirm(request: Request, token: str) -> Response:
    """Start the subscription."""
    _ = translations.catalogue(request.language.code).gettext
    try:
        offer = subscribing.confirm(request.services, token, network=request.network)
    except ExpiredToken as refusal:
        return _expired(request, token, refusal)
    except EndedMeanwhile as refusal:
        slug = subscribing.petition_of(request.services, token).slug
        blocked = isinstance(refusal, Blocked)
        return prompts.refused(
            request,
            refusal,
            path=lambda code: urls.confirm_alerts(code, token),
            links=[_feed_link(request, slug) if blocked else _form_link(request, slug)],
            back=urls.petition(request.language.code, slug),
        )
    return prompts.message(
        request,
        _("Your news is set up"),
        [
            _("It comes as often as before.") if offer.stands else _(_HOW_OFTEN[offer.frequency]),
            _("Every email has a link to stop it, or to choose how often it comes."),
            _("The news will come in this language: %(language)s.")
            % {"language": _news_language(offer)},
        ],
        path=lambda code: urls.confirm_alerts(code, token),
        back=urls.petition(request.language.code, offer.petition.slug),
    )


@route("/{language}/confirm-alerts/{token}/again")
def show_renewed(request: Request, token: str) -> Response:
    """The page of the button, for a visitor who reloads the answer or goes back to it."""
    return responses.see_other(urls.confirm_alerts(request.language.code, token))


@route("/{language}/confirm-alerts/{token}/again", methods=["POST"])
def renew(request: Request, token: str) -> Response:
    """Mail a new link in place of an expired one, to the same address."""
    petition = subscribing.renew(request.services, token, network=request.network)
    return _inbox(request, petition.slug)


def _inbox(request: Request, slug: str, *, wait_minutes: int = 0) -> Response:
    code = request.language.code
    _ = translations.catalogue(code).gettext
    return prompts.message(
        request,
        _("Check your inbox"),
        [
            proof_gate.mail_notice(request, wait_minutes),
            _("The news starts once you confirm with the link in the email."),
            proof_gate.no_mail_notice(request),
        ],
        path=lambda other: urls.subscribe(other, slug),
        back=urls.petition(code, slug),
    )


def _expired(request: Request, token: str, refusal: ExpiredToken) -> Response:
    """The page of an expired link: a button for a new one, or a link to the form."""
    code = request.language.code
    _ = translations.catalogue(code).gettext
    if subscribing.is_renewable(request.services, token):
        return prompts.expired(
            request, refusal, path=lambda other: urls.confirm_alerts(other, token)
        )
    slug = subscribing.petition_of(request.services, token).slug
    return prompts.refused(
        request,
        refusal,
        path=lambda other: urls.confirm_alerts(other, token),
        links=[_form_link(request, slug)],
        back=urls.petition(code, slug),
    )


def _form_link(request: Request, slug: str) -> Link:
    code = request.language.code
    label = translations.catalogue(code).gettext("Get news by email")
    return Link(label=label, href=urls.subscribe(code, slug))


def _news_language(offer: SubscriptionOffer) -> str:
    """The name of the language in which the news will come: one of the petition's."""
    code = offer.petition.language(offer.language)
    return translations.languages()[code].name_in_sentence


def _feed_link(request: Request, slug: str) -> Link:
    code = request.language.code
    label = translations.catalogue(code).gettext("Follow the news feed")
    return Link(label=label, href=urls.feed(code, slug))


def _subscribe_form(
    request: Request, slug: str, form: Form | None = None, *, status: int = 200
) -> Response:
    code = request.language.code
    _ = translations.catalogue(code).gettext
    petition = browsing.get_petition(request.services, slug)
    return prompts.one_address(
        request,
        _("Get news by email"),
        [
            _("We write when there is news."),
            _(_OPERATOR_READS),
            _("You can also follow the news feed, without giving an address."),
        ],
        path=lambda other: urls.subscribe(other, slug),
        button=_("Send me news"),
        petition=petition,
        form=form,
        risk=petition.text(code).whole_risk,
        asks_frequency=True,
        status=status,
    )
