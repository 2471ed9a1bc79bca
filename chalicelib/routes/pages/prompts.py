"""Pages that several routes share: a text, a button, or a field for an address."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalice.app import Response

from chalicelib.domain.errors import ExpiredToken, Message, Refusal
from chalicelib.domain.petitions.petition import Petition
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses
from chalicelib.routes.http.request import Request
from chalicelib.routes.http.statuses import status_of
from chalicelib.routes.pages import proof_gate
from chalicelib.routes.pages.contexts import Link, MessagePage, Page
from chalicelib.routes.pages.form_contexts import Form

Path = Callable[[str], str]
"""Gives the path of a page in a language."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ConfirmPage(Page):
    """One button. Links in mails lead here, since programs follow links but press no buttons.

    `risk` is what the petition says of the danger, or "".
    """

    template: ClassVar[str] = "confirm.html"
    paragraphs: Sequence[str]
    button: str
    action: str
    links: Sequence[Link] = ()
    risk: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AddressPage(Page):
    """A form for an address, and if it `asks_frequency` for how often news comes.

    `petition_title` is that of the petition concerned. `risk` is what it says of the danger, or "".
    """

    template: ClassVar[str] = "address.html"
    petition_title: str
    paragraphs: Sequence[str]
    form: Form
    button: str
    back: str
    risk: str = ""
    asks_frequency: bool = False


def message(
    request: Request,
    title: str,
    paragraphs: Sequence[str],
    *,
    path: Path,
    back: str,
    links: Sequence[Link] = (),
    status: int = 200,
) -> Response:
    """A text. `links` are next steps, `back` leads to the petition."""
    contents = MessagePage(
        layout=responses.layout(request.language, title, path=path),
        paragraphs=paragraphs,
        links=links,
        back=back,
    )
    return responses.page(request, contents, status=status)


def refused(
    request: Request, refusal: Refusal, *, path: Path, back: str, links: Sequence[Link] = ()
) -> Response:
    """A refusal with next steps: `links`."""
    title, text = (
        translations.translate(Message(text=sentence), request.language.code)
        for sentence in (refusal.title, refusal.message)
    )
    return message(
        request,
        title,
        [text],
        path=path,
        back=back,
        links=links,
        status=status_of(refusal),
    )


def one_button(
    request: Request,
    title: str,
    paragraphs: Sequence[str],
    *,
    path: Path,
    button: str,
    action: str = "",
    links: Sequence[Link] = (),
    risk: str = "",
    status: int = 200,
) -> Response:
    """A button that posts to `action` (default: this page). `links` are alternatives to it."""
    contents = ConfirmPage(
        layout=responses.layout(request.language, title, path=path),
        paragraphs=paragraphs,
        button=button,
        action=action or path(request.language.code),
        links=links,
        risk=risk,
    )
    return responses.page(request, contents, status=status)


def expired(request: Request, refusal: ExpiredToken, *, path: Path) -> Response:
    """The page of an expired link, with a button that mails a new one to the same address."""
    _ = translations.catalogue(request.language.code).gettext
    return one_button(
        request,
        _(refusal.title),
        [
            _(
                "Links work for only a few days. Press the button and we will send a new one to "
                "the same address."
            ),
            _("If you did not ask for this, close this page. Nothing will happen."),
        ],
        path=path,
        button=_("Send me a new link"),
        action=urls.renew(path(request.language.code)),
        status=status_of(refusal),
    )


def one_address(
    request: Request,
    title: str,
    paragraphs: Sequence[str],
    *,
    path: Path,
    button: str,
    petition: Petition,
    form: Form | None = None,
    risk: str = "",
    asks_frequency: bool = False,
    status: int = 200,
) -> Response:
    """A form for an address. `form` is one that comes back to be corrected."""
    form = form or Form(action=path(request.language.code))
    contents = AddressPage(
        layout=responses.layout(
            request.language,
            title,
            path=path,
            scripts=proof_gate.scripts(form),
            later_scripts=proof_gate.later_scripts(form),
        ),
        paragraphs=paragraphs,
        form=form,
        button=button,
        back=urls.petition(request.language.code, petition.slug),
        petition_title=petition.text(request.language.code).title,
        risk=risk,
        asks_frequency=asks_frequency,
    )
    return responses.page(request, contents, status=status)
