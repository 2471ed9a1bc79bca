"""Reading pages: petitions, updates, privacy."""

from collections.abc import Sequence

from chalice.app import Blueprint, Response

from chalicelib import links, rendering
from chalicelib.domain.petition import Petition
from chalicelib.domain.update import Update
from chalicelib.routes import answers, gates, visits, web
from chalicelib.routes.pages import (
    CountryFigure,
    Form,
    Frame,
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
    code = visit.language.code
    contents = PetitionsPage(
        frame=answers.frame(
            visit.language,
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
            for petition in browsing.list_petitions(visit.services)
        ],
    )
    return answers.page(visit, contents, shared_seconds=visit.services.settings.page_cache_seconds)


@route("/{language}/privacy")
def privacy(visit: Visit) -> Response:
    """What is kept, for how long, and who can read it."""
    organisers = {
        petition.organiser.name: petition.organiser
        for petition in browsing.list_petitions(visit.services)
    }
    contents = PrivacyPage(
        frame=answers.frame(
            visit.language,
            rendering.catalogue(visit.language.code).gettext("What we keep, and who can read it"),
            path=links.privacy,
            indexed=True,
        ),
        link_days=visit.services.settings.link_days,
        organisers=list(organisers.values()),
    )
    return answers.page(visit, contents, shared_seconds=visit.services.settings.page_cache_seconds)


@route("/{language}/{slug}")
def petition(visit: Visit, slug: str) -> Response:
    """The petition; in its first language, if it has no text in the one that is asked for."""
    shown = browsing.get_petition(visit.services, slug)
    code = shown.language(visit.language.code)
    if code != visit.language.code:
        return answers.see_other(links.petition(code, slug))
    return petition_page(visit, slug)


def petition_page(
    visit: Visit, slug: str, form: Form | None = None, *, status: int = 200
) -> Response:
    """The petition, with an empty form or with one that comes back to be mended."""
    view = browsing.show_petition(visit.services, slug)
    code = visit.language.code
    shown = view.petition
    text = shown.text(code)
    seconds = 0 if form else visit.services.settings.page_cache_seconds
    form = gates.gated(visit, shown, form or Form(action=links.sign(code, slug)))
    contents = PetitionPage(
        frame=_petition_frame(visit, shown, form),
        text=text,
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
    return answers.page(visit, contents, status=status, shared_seconds=seconds)


def _petition_frame(visit: Visit, petition: Petition, form: Form) -> Frame:
    code, slug = visit.language.code, petition.slug
    public_url = visit.services.settings.public_url
    return answers.frame(
        visit.language,
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
    shown, news = browsing.show_update(visit.services, slug, name)
    code = visit.language.code
    text = news.text(code)
    contents = UpdatePage(
        frame=answers.frame(
            visit.language,
            text.title,
            path=lambda other: links.update(other, slug, name),
            among=shown.languages,
            description=text.summary,
            feed=links.feed(code, slug),
            indexed=True,
        ),
        text=text,
        text_language=news.language(code),
        published_on=news.published_on,
        petition_title=shown.text(code).title,
        petition=links.petition(code, slug),
        subscribe=links.subscribe(code, slug),
    )
    return answers.page(visit, contents, shared_seconds=visit.services.settings.page_cache_seconds)


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
