"""The page in place of what only an open petition takes: it is not open yet, or has closed."""

from chalice.app import Response

from chalicelib.domain.errors import Refusal
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.rendering import translations, urls
from chalicelib.routes.http.request import Request
from chalicelib.routes.http.statuses import status_of
from chalicelib.routes.pages import prompts
from chalicelib.routes.pages.contexts import Link
from chalicelib.usecases.petitions import browsing


def form_refused(request: Request, slug: str, refusal: Refusal) -> Response:
    """The page of a form that came before the petition opened, or after it closed."""
    petition = browsing.get_petition(request.services, slug)
    code = request.language.code
    _ = translations.catalogue(code).gettext

    def path(other: str) -> str:
        return urls.petition(other, slug)

    if petition.state(request.services.now()) is PetitionState.CLOSED:
        sentence = _(
            "It no longer takes signatures, and nothing of this form was stored. If you filled in "
            "the form in time, the link in our email still confirms your signature."
        )
        return closed(request, petition, refusal, sentence, path=path)
    opens_on = translations.format_date(petition.opens_on, code)
    return prompts.message(
        request,
        _("You can sign from %(day)s") % {"day": opens_on},
        [_("You can already read the petition, and follow what happens next.")],
        path=path,
        links=_next_steps(code, slug),
        back=path(code),
        status=status_of(refusal),
    )


def closed(
    request: Request, petition: Petition, refusal: Refusal, sentence: str, *, path: prompts.Path
) -> Response:
    """The page that says when the petition closed, and what that means for the visitor."""
    code, slug = request.language.code, petition.slug
    _ = translations.catalogue(code).gettext
    closed_on = translations.format_date(petition.closes_on, code)
    return prompts.message(
        request,
        _("This petition closed on %(day)s") % {"day": closed_on},
        [sentence],
        path=path,
        links=[
            Link(label=_("Read the news"), href=f"{urls.petition(code, slug)}#updates"),
            *_next_steps(code, slug),
        ],
        back=urls.petition(code, slug),
        status=status_of(refusal),
    )


def _next_steps(code: str, slug: str) -> list[Link]:
    _ = translations.catalogue(code).gettext
    return [
        Link(label=_("Get news by email"), href=urls.subscribe(code, slug)),
        Link(label=_("Follow the news feed"), href=urls.feed(code, slug)),
    ]
