"""Reading pages: petitions, updates, privacy."""

from collections.abc import Sequence
from dataclasses import replace

from chalice.app import Blueprint, Response

from chalicelib import links, rendering
from chalicelib.domain.petition import Petition
from chalicelib.domain.update import Update
from chalicelib.routes import answers, gates, visits, web
from chalicelib.routes.answers import Edition, PublicAnswer
from chalicelib.routes.pages import (
    CountryFigure,
    Form,
    Frame,
    Gate,
    PetitionLink,
    PetitionPage,
    PetitionsPage,
    Preview,
    PrivacyPage,
    UpdateLink,
    UpdatePage,
)
from chalicelib.routes.visits import Visit
from chalicelib.usecases import browsing
from chalicelib.usecases.browsing import PetitionView

blueprint = Blueprint(__name__)
route = web.router(blueprint)


@route("/")
def home(visit: Visit) -> Response:
    """Choose a language and lead to the petition, or to the list when there are several."""
    petitions = browsing.list_petitions(visit.services)
    accept = visit.header("accept-language")
    if len(petitions) == 1:
        language = visits.preferred_language(accept, petitions[0].languages)
        response = answers.see_other(links.petition(language.code, petitions[0].slug))
    else:
        response = answers.see_other(links.petitions(visits.preferred_language(accept).code))
    response.headers["Vary"] = "Accept-Language"
    return response


@route("/{language}")
def petitions(visit: Visit) -> Response:
    """The list of petitions."""
    return answers.public(visit, _petitions_page, browsing.list_petitions(visit.services))


def _petitions_page(edition: Edition, petitions: Sequence[Petition]) -> PublicAnswer:
    code = edition.language.code
    contents = PetitionsPage(
        frame=answers.frame(
            edition.language,
            rendering.catalogue(code).gettext("Petitions"),
            path=links.petitions,
            indexed=True,
        ),
        petitions=[
            PetitionLink(
                title=petition.text(code).title,
                summary=petition.text(code).summary,
                href=links.petition(petition.language(code), petition.slug),
            )
            for petition in petitions
        ],
    )
    return answers.public_page(edition, contents)


@route("/{language}/privacy")
def privacy(visit: Visit) -> Response:
    """What is kept, for how long, and who can read it."""
    return answers.public(visit, _privacy_page, browsing.list_petitions(visit.services))


def _privacy_page(edition: Edition, petitions: Sequence[Petition]) -> PublicAnswer:
    organisers = {petition.organiser.name: petition.organiser for petition in petitions}
    contents = PrivacyPage(
        frame=answers.frame(
            edition.language,
            rendering.catalogue(edition.language.code).gettext("What we keep, and who can read it"),
            path=links.privacy,
            indexed=True,
        ),
        link_days=edition.settings.link_days,
        organisers=list(organisers.values()),
    )
    return answers.public_page(edition, contents)


@route("/{language}/{slug}")
def petition(visit: Visit, slug: str) -> Response:
    """The petition; in its first language, if it has no text in the one that is asked for."""
    view = browsing.show_petition(visit.services, slug)
    code = view.petition.language(visit.language.code)
    if code != visit.language.code:
        return answers.see_other(links.petition(code, slug))
    form = gates.gated(visit, view.petition, _empty_form(code, slug))
    return answers.public(visit, _petition_page, view, form.gate)


def petition_with_form(visit: Visit, slug: str, form: Form, *, status: int) -> Response:
    """The petition, with a form that comes back to be mended."""
    view = browsing.show_petition(visit.services, slug)
    edition = Edition(language=visit.language, settings=visit.services.settings)
    form = gates.gated(visit, view.petition, form)
    return answers.page(visit, _petition_contents(edition, view, form), status=status)


def _empty_form(code: str, slug: str) -> Form:
    return Form(action=links.sign(code, slug))


def _petition_page(edition: Edition, view: PetitionView, gate: Gate | None) -> PublicAnswer:
    form = replace(_empty_form(edition.language.code, view.petition.slug), gate=gate)
    return answers.public_page(edition, _petition_contents(edition, view, form))


def _petition_contents(edition: Edition, view: PetitionView, form: Form) -> PetitionPage:
    code = edition.language.code
    shown, slug = view.petition, view.petition.slug
    return PetitionPage(
        frame=_petition_frame(edition, shown, form),
        text=shown.text(code),
        organiser=shown.organiser,
        state=view.state,
        opens_on=shown.opens_on,
        closes_on=shown.closes_on,
        count=view.count,
        goal=view.goal,
        percent=min(100, view.count * 100 // view.goal),
        figures=_figures(code, view.countries),
        form=form,
        pseudonyms=shown.pseudonyms,
        countries=rendering.countries(code),
        updates=_update_links(code, view.updates),
        subscribe=links.subscribe(code, slug),
        manage=links.manage_form(code, slug),
        feed=links.feed(code, slug),
        share=links.share(code, slug),
        live_count=links.live_count(slug),
    )


def _petition_frame(edition: Edition, petition: Petition, form: Form) -> Frame:
    code, slug = edition.language.code, petition.slug
    public_url = edition.settings.public_url
    return answers.frame(
        edition.language,
        petition.text(code).title,
        path=lambda other: links.petition(other, slug),
        among=petition.languages,
        description=petition.text(code).summary,
        feed=links.feed(code, slug),
        indexed=True,
        scripts=gates.scripts(form),
        later_scripts=gates.later_scripts(form),
        preview=Preview(
            href=public_url + links.petition(code, slug),
            image=public_url + links.card(code, slug),
        ),
    )


@route("/{language}/{slug}/updates/{name}")
def update(visit: Visit, slug: str, name: str) -> Response:
    """The page of an update."""
    return answers.public(visit, _update_page, *browsing.show_update(visit.services, slug, name))


def _update_page(edition: Edition, petition: Petition, news: Update) -> PublicAnswer:
    code, slug = edition.language.code, petition.slug
    text = news.text(code)
    contents = UpdatePage(
        frame=answers.frame(
            edition.language,
            text.title,
            path=lambda other: links.update(other, slug, news.name),
            among=petition.languages,
            description=text.summary,
            feed=links.feed(code, slug),
            indexed=True,
        ),
        text=text,
        text_language=news.language(code),
        published_on=news.published_on,
        petition_title=petition.text(code).title,
        petition=links.petition(code, slug),
        subscribe=links.subscribe(code, slug),
    )
    return answers.public_page(edition, contents)


def _update_links(code: str, updates: Sequence[Update]) -> Sequence[UpdateLink]:
    return [
        UpdateLink(
            title=news.text(code).title,
            summary=news.text(code).summary,
            published_on=news.published_on,
            href=links.update(code, news.slug, news.name),
        )
        for news in updates
    ]


def _figures(code: str, countries: Sequence[tuple[str, int]]) -> Sequence[CountryFigure]:
    names = rendering.countries(code)
    return [
        CountryFigure(country=names[country], count=count, percent=count * 100 // countries[0][1])
        for country, count in countries
        if country in names
    ]
