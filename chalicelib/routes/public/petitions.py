"""Pages to read: petitions, updates, privacy."""

import base64
from collections.abc import Sequence
from dataclasses import replace

from chalice.app import Blueprint, Response

from chalicelib.domain.errors import Message, SigningPaused
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.picture import preview_type
from chalicelib.domain.petitions.switches import Switch
from chalicelib.domain.petitions.update import Update
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request, preferred_language
from chalicelib.routes.http.responses import Edition, PublicResponse
from chalicelib.routes.pages import amendment_notices, proof_gate, update_pages
from chalicelib.routes.pages.contexts import (
    CountryFigure,
    PageLayout,
    PetitionPage,
    PetitionsPage,
    Preview,
    PrivacyPage,
    UpdateLink,
)
from chalicelib.routes.pages.form_contexts import Form, ProofGate
from chalicelib.routes.pages.key_periods import key_periods
from chalicelib.routes.pages.petition_links import petition_link
from chalicelib.routes.pages.pictures import shown_picture
from chalicelib.routes.pages.share_links import share_links
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.petitions.browsing import ListedPetition, PetitionView

blueprint = Blueprint(__name__)
route = router.router(blueprint)


@route("/")
def home(request: Request) -> Response:
    """Redirect to the petition in the preferred language, or to the list of several petitions."""
    petitions = browsing.list_petitions(request.services)
    accept = request.header("accept-language")
    if len(petitions) == 1:
        language = preferred_language(accept, petitions[0].languages)
        response = responses.see_other(urls.petition(language.code, petitions[0].slug))
    else:
        response = responses.see_other(urls.petitions(preferred_language(accept).code))
    response.headers["Vary"] = "Accept-Language"
    return response


@route("/{language}")
def petitions(request: Request) -> Response:
    """The list of petitions."""
    return responses.cached_response(
        request, _petitions_page, browsing.list_with_counts(request.services)
    )


def _petitions_page(edition: Edition, listed: Sequence[ListedPetition]) -> PublicResponse:
    code = edition.language.code
    contents = PetitionsPage(
        layout=responses.layout(
            edition.language,
            translations.catalogue(code).gettext("Petitions"),
            path=urls.petitions,
            origin=edition.settings.public_url,
            has_pictures=any(each.petition.picture for each in listed),
        ),
        petitions=[petition_link(each, code) for each in listed if not each.closed],
        closed=[petition_link(each, code) for each in listed if each.closed],
    )
    return responses.public_page(edition, contents)


@route("/{language}/privacy")
def privacy(request: Request) -> Response:
    """What is stored, for how long, and who can read it."""
    return responses.cached_response(
        request, _privacy_page, browsing.list_petitions(request.services)
    )


def _privacy_page(edition: Edition, petitions: Sequence[Petition]) -> PublicResponse:
    organisers = {petition.organiser.name: petition.organiser for petition in petitions}
    contents = PrivacyPage(
        layout=responses.layout(
            edition.language,
            translations.catalogue(edition.language.code).gettext(
                "What we keep, and who can read it"
            ),
            path=urls.privacy,
            origin=edition.settings.public_url,
        ),
        link_days=edition.settings.link_days,
        organisers=list(organisers.values()),
    )
    return responses.public_page(edition, contents)


@route("/{language}/{slug}")
def petition(request: Request, slug: str) -> Response:
    """The petition. Without a text in the path's language, a redirect to its first language."""
    view = browsing.show_petition(request.services, slug)
    code = view.petition.language(request.language.code)
    if code != request.language.code:
        return responses.see_other(urls.petition(code, slug))
    form = proof_gate.with_gate(request, view.petition, _empty_form(code, slug))
    return responses.cached_response(request, _petition_page, view, form.gate)


def petition_with_form(request: Request, slug: str, form: Form, *, status: int) -> Response:
    """The petition with a form that comes back to be corrected."""
    view = browsing.show_petition(request.services, slug)
    edition = Edition(language=request.language, settings=request.services.settings)
    form = proof_gate.with_gate(request, view.petition, form)
    return responses.page(request, petition_contents(edition, view, form), status=status)


def _empty_form(code: str, slug: str) -> Form:
    return Form(action=urls.sign(code, slug))


def _petition_page(edition: Edition, view: PetitionView, gate: ProofGate | None) -> PublicResponse:
    form = replace(_empty_form(edition.language.code, view.petition.slug), gate=gate)
    return responses.public_page(edition, petition_contents(edition, view, form))


def petition_contents(edition: Edition, view: PetitionView, form: Form) -> PetitionPage:
    """The page of a petition, as its readers and previews show it."""
    code = edition.language.code
    petition, slug = view.petition, view.petition.slug
    switches = petition.switches
    notice, notice_language = switches.notice_in(code, petition.languages[0])
    return PetitionPage(
        layout=_petition_layout(edition, petition, form),
        text=petition.text(code),
        organiser=petition.organiser,
        state=view.state,
        opens_on=petition.opens_on,
        closes_on=petition.closes_on,
        notice=notice,
        notice_language=notice_language,
        paused=_paused(petition, code),
        shows_count=switches.is_on(Switch.COUNT),
        count=view.count,
        goal=view.goal,
        percent=min(100, view.count * 100 // view.goal),
        ticks=[goal * 100 // view.goal for goal in petition.goals if goal < view.goal],
        risk_open=code in petition.risk_languages,
        figures=_figures(code, view.countries),
        form=form,
        pseudonyms=petition.pseudonyms,
        publishes_countries=petition.publishes_countries,
        countries=translations.countries(code),
        amendments=amendment_notices.notices(petition, code, petition.amendments),
        updates=_update_links(code, view.updates),
        subscribe=urls.subscribe(code, slug),
        manage=urls.manage_form(code, slug),
        feed=urls.feed(code, slug),
        sharing=share_links(edition.settings, petition, view.state, code),
        live_count=urls.live_count(slug),
        picture=shown_picture(petition, code),
        keys=key_periods(petition),
        attestation_keys=[
            base64.b64encode(key).decode() for key in petition.verification.attestation
        ],
    )


def _paused(petition: Petition, code: str) -> str:
    """What stands in the place of the form while signing is switched off, else nothing."""
    if petition.switches.is_on(Switch.SIGNING):
        return ""
    return translations.translate(Message(text=SigningPaused.title), code)


def _petition_layout(edition: Edition, petition: Petition, form: Form) -> PageLayout:
    code, slug = edition.language.code, petition.slug
    public_url = edition.settings.public_url
    has_notes = form.came_back or form.gate is not None or petition.amendments
    return responses.layout(
        edition.language,
        petition.text(code).title,
        path=lambda other: urls.petition(other, slug),
        among=petition.languages,
        description=petition.text(code).summary,
        feed=urls.feed(code, slug),
        origin=public_url,
        scripts=proof_gate.scripts(form),
        later_scripts=proof_gate.later_scripts(form),
        styles=responses.STYLES_WITH_NOTES if has_notes else responses.STYLES,
        has_pictures=petition.picture is not None,
        preview=Preview(
            href=public_url + urls.petition(code, slug),
            image=public_url
            + urls.preview_image(code, slug, preview_type(petition.picture).extension),
        ),
    )


@route("/{language}/{slug}/updates/{name}")
def update(request: Request, slug: str, name: str) -> Response:
    """The page of an update."""
    shown, news = browsing.show_update(request.services, slug, name)
    state = shown.state(request.services.now())
    return responses.cached_response(request, update_pages.update_page, shown, state, news)


def _update_links(code: str, updates: Sequence[Update]) -> Sequence[UpdateLink]:
    return [
        UpdateLink(
            title=news.text(code).title,
            summary=news.text(code).summary,
            published_on=news.published_on,
            href=urls.update(code, news.slug, news.name),
        )
        for news in updates
    ]


def _figures(code: str, countries: Sequence[tuple[str, int]]) -> Sequence[CountryFigure]:
    names = translations.countries(code)
    return [
        CountryFigure(country=names[country], count=count, percent=count * 100 // countries[0][1])
        for country, count in countries
        if country in names
    ]
