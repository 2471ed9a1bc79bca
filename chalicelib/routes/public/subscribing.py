"""Alerts: subscribing, confirming, leaving."""

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import EndedSince, ExpiredToken
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Visit
from chalicelib.routes.pages import forms, prompts, proof_gate
from chalicelib.routes.pages.contexts import Form, Way
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.subscriptions import subscribing

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@route("/{language}/{slug}/subscribe")
def show_subscribe_form(visit: Visit, slug: str) -> Response:
    """The form for people who only want alerts."""
    petition = browsing.get_petition(visit.services, slug)
    form = Form(action=urls.subscribe(visit.language.code, slug))
    return _subscribe_form(visit, slug, proof_gate.gated(visit, petition, form))


@route("/{language}/{slug}/subscribe", methods=["POST"])
def ask_to_subscribe(visit: Visit, slug: str) -> Response:
    """Mail a link; the answer does not tell whether the address has alerts already."""
    code = visit.language.code
    try:
        wait_minutes = subscribing.ask_to_subscribe(
            visit.services,
            slug=slug,
            language=code,
            fields=visit.fields,
            network=visit.network,
        )
    except forms.COMES_BACK as refusal:
        form = proof_gate.refused(visit, slug, urls.subscribe(code, slug), refusal)
        return responses.later(refusal, _subscribe_form(visit, slug, form, status=refusal.status))
    return _inbox(visit, slug, wait_minutes=wait_minutes)


@route("/{language}/confirm-alerts/{token}")
def show_confirmation(visit: Visit, token: str) -> Response:
    """One button; reading this page changes nothing."""
    try:
        subscribing.check_confirmation(visit.services, token)
    except ExpiredToken as refusal:
        return _expired(visit, token, refusal)
    _ = translations.catalogue(visit.language.code).gettext
    return prompts.one_button(
        visit,
        _("One more step"),
        [
            _("Press the button to get news by mail."),
            _("Until then nothing of this request is stored."),
            _("If you did not ask for this, close this page. Nothing will happen."),
        ],
        path=lambda code: urls.confirm_alerts(code, token),
        button=_("Yes, send me news"),
    )


@route("/{language}/confirm-alerts/{token}", methods=["POST"])
def confirm(visit: Visit, token: str) -> Response:
    """Start alerts."""
    _ = translations.catalogue(visit.language.code).gettext
    try:
        petition = subscribing.confirm(visit.services, token)
    except ExpiredToken as refusal:
        return _expired(visit, token, refusal)
    except EndedSince as refusal:
        slug = subscribing.petition_of(visit.services, token).slug
        return prompts.refused(
            visit,
            refusal,
            path=lambda code: urls.confirm_alerts(code, token),
            ways=[_way_to_form(visit, slug)],
            back=urls.petition(visit.language.code, slug),
        )
    return prompts.message(
        visit,
        _("You will hear from us"),
        [_("We write when there is news. Every mail has a link with which you can leave.")],
        path=lambda code: urls.confirm_alerts(code, token),
        back=urls.petition(visit.language.code, petition.slug),
    )


@route("/{language}/confirm-alerts/{token}/again", methods=["POST"])
def renew(visit: Visit, token: str) -> Response:
    """Mail a new link in place of one that has expired, to the same address."""
    petition = subscribing.renew(visit.services, token, network=visit.network)
    return _inbox(visit, petition.slug)


@route("/{language}/unsubscribe/{token}")
def show_unsubscription(visit: Visit, token: str) -> Response:
    """One button: programs that follow links must not end anybody's alerts."""
    own_page = subscribing.manage_token(visit.services, token)
    code = visit.language.code
    _ = translations.catalogue(code).gettext
    return prompts.one_button(
        visit,
        _("No more news?"),
        [_("Press the button: we take your address off the list for news and write no more.")],
        path=lambda other: urls.unsubscribe(other, token),
        button=_("Yes, stop the news"),
        ways=[
            Way(
                label=_("Rather choose another language, or how often news comes"),
                href=urls.manage(code, own_page),
            )
        ],
    )


@route("/{language}/unsubscribe/{token}", methods=["POST"])
def unsubscribe(visit: Visit, token: str) -> Response:
    """End alerts at once: from the page, or by one click in a mail program (RFC 8058).

    The body is not read: the token says everything.
    """
    petition = subscribing.unsubscribe(visit.services, token)
    _ = translations.catalogue(visit.language.code).gettext
    return prompts.message(
        visit,
        _("You will get no more news"),
        [
            _(
                "Your address is off the list for news. "
                "A signature, if there is one, stays as it is. "
                "You can still read the news on the website."
            ),
        ],
        path=lambda code: urls.unsubscribe(code, token),
        back=urls.petition(visit.language.code, petition.slug),
    )


def _inbox(visit: Visit, slug: str, *, wait_minutes: int = 0) -> Response:
    code = visit.language.code
    _ = translations.catalogue(code).gettext
    return prompts.message(
        visit,
        _("Look in your inbox"),
        [
            _(
                "We have written to this address. "
                "News starts when you confirm by the link in the message."
            ),
            *proof_gate.said_of_wait(visit, wait_minutes),
        ],
        path=lambda other: urls.subscribe(other, slug),
        back=urls.petition(code, slug),
    )


def _expired(visit: Visit, token: str, refusal: ExpiredToken) -> Response:
    """An old link: a new one for the asking, unless it is too old even for that."""
    code = visit.language.code
    _ = translations.catalogue(code).gettext
    if subscribing.is_renewable(visit.services, token):
        return prompts.expired(visit, refusal, path=lambda other: urls.confirm_alerts(other, token))
    slug = subscribing.petition_of(visit.services, token).slug
    return prompts.refused(
        visit,
        refusal,
        path=lambda other: urls.confirm_alerts(other, token),
        ways=[_way_to_form(visit, slug)],
        back=urls.petition(code, slug),
    )


def _way_to_form(visit: Visit, slug: str) -> Way:
    code = visit.language.code
    label = translations.catalogue(code).gettext("Get news by mail")
    return Way(label=label, href=urls.subscribe(code, slug))


def _subscribe_form(
    visit: Visit, slug: str, form: Form | None = None, *, status: int = 200
) -> Response:
    _ = translations.catalogue(visit.language.code).gettext
    return prompts.one_address(
        visit,
        _("Get news by mail"),
        [
            _(
                "We write when there is news, and for nothing else. "
                "Every mail has a link to stop it."
            ),
            _("You can also follow the news by feed, without giving an address."),
        ],
        path=lambda code: urls.subscribe(code, slug),
        button=_("Send me news"),
        back=urls.petition(visit.language.code, slug),
        form=form,
        status=status,
    )
