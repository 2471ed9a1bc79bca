"""A petition in the list of petitions."""

from chalicelib.rendering import urls
from chalicelib.routes.pages.contexts import PetitionLink
from chalicelib.routes.pages.pictures import shown_picture
from chalicelib.usecases.petitions.browsing import ListedPetition


def petition_link(listed: ListedPetition, code: str) -> PetitionLink:
    """A petition in the list, in the language `code` or in its first one."""
    petition = listed.petition
    text, language = petition.text(code), petition.language(code)
    return PetitionLink(
        title=text.title,
        lead=text.lead,
        language=language,
        href=urls.petition(language, petition.slug),
        state=listed.state,
        opens_on=petition.opens_on,
        closes_on=petition.closes_on,
        count=listed.count,
        outcome=text.outcome if listed.closed else "",
        picture=shown_picture(petition, language),
    )
