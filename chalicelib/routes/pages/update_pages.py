"""The page of an update, which its readers and previews share."""

from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.domain.petitions.update import Update
from chalicelib.rendering import urls
from chalicelib.routes.http import responses
from chalicelib.routes.http.responses import Edition, PublicResponse
from chalicelib.routes.pages.contexts import UpdatePage


def update_page(
    edition: Edition, petition: Petition, state: PetitionState, news: Update
) -> PublicResponse:
    """The page of an update in one language."""
    return responses.public_page(edition, update_contents(edition, petition, state, news))


def update_contents(
    edition: Edition, petition: Petition, state: PetitionState, news: Update
) -> UpdatePage:
    """What the page of an update holds in one language."""
    code, slug = edition.language.code, petition.slug
    text = news.text(code)
    return UpdatePage(
        layout=responses.layout(
            edition.language,
            text.title,
            path=lambda other: urls.update(other, slug, news.name),
            among=petition.languages,
            description=text.summary,
            feed=urls.feed(code, slug),
            origin=edition.settings.public_url,
        ),
        text=text,
        text_language=news.language(code),
        published_on=news.published_on,
        changed_on=news.changed_at.date() if news.changed_at else None,
        petition_title=petition.text(code).title,
        petition=urls.petition(code, slug),
        state=state,
        subscribe=urls.subscribe(code, slug),
    )
