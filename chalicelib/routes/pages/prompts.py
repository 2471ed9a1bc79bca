"""The three small pages: something to read, one button, one address to be typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from chalice.app import Response

from chalicelib.domain.errors import ExpiredToken, Message, Refusal
from chalicelib.rendering import translations, urls
from chalicelib.routes.http import responses
from chalicelib.routes.http.request import Visit
from chalicelib.routes.pages import proof_gate
from chalicelib.routes.pages.contexts import Form, MessagePage, Page, Way

Path = Callable[[str], str]
"""Gives the address of this page in another language."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ConfirmPage(Page):
    """One button. Links in mails lead here: programs follow links and press no buttons."""

    template: ClassVar[str] = "confirm.html"
    paragraphs: Sequence[str]
    button: str
    action: str
    ways: Sequence[Way] = ()


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AddressPage(Page):
    """A form that asks for an address and nothing else."""

    template: ClassVar[str] = "address.html"
    paragraphs: Sequence[str]
    form: Form
    button: str
    back: str


def message(
    visit: Visit,
    title: str,
    paragraphs: Sequence[str],
    *,
    path: Path,
    back: str,
    ways: Sequence[Way] = (),
    status: int = 200,
) -> Response:
    """Something to read; `ways` are next steps, `back` leads to the petition."""
    contents = MessagePage(
        frame=responses.frame(visit.language, title, path=path),
        paragraphs=paragraphs,
        ways=ways,
        back=back,
    )
    return responses.page(visit, contents, status=status)


def refused(
    visit: Visit, refusal: Refusal, *, path: Path, back: str, ways: Sequence[Way] = ()
) -> Response:
    """A refusal after which there is something better to do than to give up: `ways`."""
    title, text = (
        translations.translate(Message(text=said), visit.language.code)
        for said in (refusal.title, refusal.message)
    )
    return message(visit, title, [text], path=path, back=back, ways=ways, status=refusal.status)


def one_button(
    visit: Visit,
    title: str,
    paragraphs: Sequence[str],
    *,
    path: Path,
    button: str,
    action: str = "",
    ways: Sequence[Way] = (),
    status: int = 200,
) -> Response:
    """One form with nothing but a button, sent to `action` (default: this page itself).

    Mailed links lead to such pages: programs follow links and press no buttons. `ways` are other
    things that can be done instead.
    """
    contents = ConfirmPage(
        frame=responses.frame(visit.language, title, path=path),
        paragraphs=paragraphs,
        button=button,
        action=action or path(visit.language.code),
        ways=ways,
    )
    return responses.page(visit, contents, status=status)


def expired(visit: Visit, refusal: ExpiredToken, *, path: Path) -> Response:
    """A link that has expired, and the button that mails a new one to the same address."""
    _ = translations.catalogue(visit.language.code).gettext
    return one_button(
        visit,
        _(refusal.title),
        [
            _(
                "Links work for a few days only. Press the button, and we mail a new one to the "
                "same address."
            ),
            _("If you did not ask for this, close this page. Nothing will happen."),
        ],
        path=path,
        button=_("Send me a new link"),
        action=urls.renewed(path(visit.language.code)),
        status=refusal.status,
    )


def one_address(
    visit: Visit,
    title: str,
    paragraphs: Sequence[str],
    *,
    path: Path,
    button: str,
    back: str,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    """A form that asks for an address; `form` is one that comes back to be mended."""
    form = form or Form(action=path(visit.language.code))
    contents = AddressPage(
        frame=responses.frame(
            visit.language,
            title,
            path=path,
            scripts=proof_gate.scripts(form),
            later_scripts=proof_gate.later_scripts(form),
        ),
        paragraphs=paragraphs,
        form=form,
        button=button,
        back=back,
    )
    return responses.page(visit, contents, status=status)
