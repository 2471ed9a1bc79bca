"""Alerts: subscribing, confirming, leaving."""

from chalice.app import Blueprint, Response

from chalicelib import links, rendering
from chalicelib.routes import answers, forms, web
from chalicelib.routes.pages import AddressPage, ConfirmPage, Form, MessagePage
from chalicelib.routes.visits import Visit
from chalicelib.usecases import browsing, subscribing

blueprint = Blueprint(__name__)
route = web.router(blueprint)


@route("/{language}/{slug}/subscribe")
def show_subscribe_form(visit: Visit, slug: str) -> Response:
    """The form for people who only want alerts."""
    browsing.get_petition(visit.services, slug)
    return _subscribe_form(visit, slug, Form(action=links.subscribe(visit.language.code, slug)))


@route("/{language}/{slug}/subscribe", methods=["POST"])
def ask_to_subscribe(visit: Visit, slug: str) -> Response:
    """Mail a link; the answer does not tell whether the address has alerts already."""
    code = visit.language.code
    try:
        subscribing.ask_to_subscribe(
            visit.services,
            slug=slug,
            language=code,
            fields=visit.fields,
            network=visit.network,
        )
    except forms.COMES_BACK as refusal:
        form = forms.refused(
            links.subscribe(code, slug), dict(visit.fields), refusal, visit.language
        )
        return _subscribe_form(visit, slug, form, status=refusal.status)
    _ = rendering.catalogue(code).gettext
    contents = MessagePage(
        frame=answers.frame(
            visit.language,
            _("Look in your inbox"),
            path=lambda other: links.subscribe(other, slug),
        ),
        paragraphs=(
            _(
                "We have written to this address. "
                "News starts when you confirm by the link in the message."
            ),
        ),
        back=links.petition(code, slug),
    )
    return answers.page(visit, contents)


@route("/{language}/confirm-alerts/{token}")
def show_confirmation(visit: Visit, token: str) -> Response:
    """One button; reading this page changes nothing."""
    subscribing.check_confirmation(visit.services, token)
    _ = rendering.catalogue(visit.language.code).gettext
    contents = ConfirmPage(
        frame=answers.frame(
            visit.language,
            _("One more step"),
            path=lambda code: links.confirm_alerts(code, token),
        ),
        paragraphs=(
            _("Press the button to get news by mail."),
            _("Until then nothing of this request is stored."),
            _("If you did not ask for this, close this page. Nothing will happen."),
        ),
        button=_("Yes, send me news"),
        action=links.confirm_alerts(visit.language.code, token),
    )
    return answers.page(visit, contents)


@route("/{language}/confirm-alerts/{token}", methods=["POST"])
def confirm(visit: Visit, token: str) -> Response:
    """Start alerts."""
    petition = subscribing.confirm(visit.services, token)
    _ = rendering.catalogue(visit.language.code).gettext
    contents = MessagePage(
        frame=answers.frame(
            visit.language,
            _("You will hear from us"),
            path=lambda code: links.confirm_alerts(code, token),
        ),
        paragraphs=(
            _("We write when there is news. Every mail has a link with which you can leave."),
        ),
        back=links.petition(visit.language.code, petition.slug),
    )
    return answers.page(visit, contents)


@route("/{language}/unsubscribe/{token}")
def show_unsubscription(visit: Visit, token: str) -> Response:
    """One button: programs that follow links must not end anybody's alerts."""
    subscribing.check_unsubscription(visit.services, token)
    _ = rendering.catalogue(visit.language.code).gettext
    contents = ConfirmPage(
        frame=answers.frame(
            visit.language,
            _("No more news?"),
            path=lambda code: links.unsubscribe(code, token),
        ),
        paragraphs=(
            _("Press the button: we take your address off the list for news and write no more."),
        ),
        button=_("Yes, stop the news"),
        action=links.unsubscribe(visit.language.code, token),
    )
    return answers.page(visit, contents)


@route("/{language}/unsubscribe/{token}", methods=["POST"])
def unsubscribe(visit: Visit, token: str) -> Response:
    """End alerts at once: from the page, or by one click in a mail program (RFC 8058).

    The body is not read: the token says everything.
    """
    petition = subscribing.unsubscribe(visit.services, token)
    _ = rendering.catalogue(visit.language.code).gettext
    contents = MessagePage(
        frame=answers.frame(
            visit.language,
            _("You will get no more news"),
            path=lambda code: links.unsubscribe(code, token),
        ),
        paragraphs=(
            _(
                "Your address is off the list for news. "
                "A signature, if there is one, stays as it is. "
                "You can still read the news on the website."
            ),
        ),
        back=links.petition(visit.language.code, petition.slug),
    )
    return answers.page(visit, contents)


def _subscribe_form(visit: Visit, slug: str, form: Form, *, status: int = 200) -> Response:
    _ = rendering.catalogue(visit.language.code).gettext
    contents = AddressPage(
        frame=answers.frame(
            visit.language,
            _("Get news by mail"),
            path=lambda code: links.subscribe(code, slug),
        ),
        paragraphs=(
            _(
                "We write when there is news, and for nothing else. "
                "Every mail has a link to stop it."
            ),
            _("You can also follow the news by feed, without giving an address."),
        ),
        form=form,
        button=_("Send me news"),
        back=links.petition(visit.language.code, slug),
    )
    return answers.page(visit, contents, status=status)
