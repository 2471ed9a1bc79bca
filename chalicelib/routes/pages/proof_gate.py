"""The proof of work in forms: its challenge, its widget, and the button of the slow lane."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chalice.app import Blueprint, Response

from chalicelib.crypto import proof_of_work
from chalicelib.domain.errors import Refusal
from chalicelib.domain.petitions.petition import Petition
from chalicelib.protection import admission
from chalicelib.rendering import assets, translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request
from chalicelib.routes.pages import forms
from chalicelib.routes.pages.form_contexts import Form, ProofGate
from chalicelib.usecases.petitions import browsing

blueprint = Blueprint(__name__)
route = router.router(blueprint)

_SCRIPT: Final = "proof.js"
_WIDGET: Final = "altcha.min.js"
_WORKER: Final = "altcha-pbkdf2.min.js"


@route(urls.CHALLENGE)
def challenge(request: Request) -> Response:
    """A new challenge for the visitor's browser."""
    values = admission.issue_challenge(request.services)
    return responses.text(json.dumps(values), "application/json")


def with_gate(request: Request, petition: Petition, form: Form) -> Form:
    """The form with the gate, if proofs are required or the form was sent with the gate before."""
    if form.warning or form.suggestion:
        # Each has buttons of its own: one question at a time.
        return form
    had_gate = form.proof_wanted or admission.PROOF in form.typed or admission.SLOW in form.typed
    if not had_gate and not petition.requires_proof(request.services.now()):
        return form
    return replace(
        form,
        gate=ProofGate(
            challenge=urls.CHALLENGE,
            algorithm=proof_of_work.ALGORITHM,
            widget=assets.static(_WIDGET),
            worker=assets.static(_WORKER),
            field=admission.PROOF,
            slow_field=admission.SLOW,
            slow_minutes=request.services.settings.slow_minutes,
            at_once=had_gate,
        ),
    )


def refused(request: Request, slug: str, action: str, refusal: Refusal) -> Form:
    """A posted form with its errors, and with the gate if it needs one."""
    form = forms.refused(action, dict(request.fields), refusal, request.language)
    return with_gate(request, browsing.get_petition(request.services, slug), form)


def scripts(form: Form) -> Sequence[str]:
    """Scripts that the page of a form loads for its gate."""
    return (_SCRIPT,) if form.gate else ()


def later_scripts(form: Form) -> Sequence[str]:
    """Scripts that those load when the gate is used."""
    return (_WIDGET, _WORKER) if form.gate else ()


def mail_notice(request: Request, wait_minutes: int) -> str:
    """The sentence when a mail should come: at once, or after the delay of the slow lane.

    It promises none, since no answer may tell whether an address gets a mail.
    """
    catalogue = translations.catalogue(request.language.code)
    if not wait_minutes:
        return catalogue.gettext(
            "Our email should reach the address you gave within a few minutes."
        )
    sentence = catalogue.ngettext(
        "We are getting a great many forms at the moment, and yours came without your browser’s "
        "proof. Our email should reach the address you gave in about %(count)s minute.",
        "We are getting a great many forms at the moment, and yours came without your browser’s "
        "proof. Our email should reach the address you gave in about %(count)s minutes.",
        wait_minutes,
    )
    return sentence % {"count": wait_minutes}


def no_mail_notice(request: Request) -> str:
    """The sentence when no mail comes. It is the same for every address."""
    return translations.catalogue(request.language.code).gettext(
        "No email comes if that address has reached today’s limit for such emails, if an earlier "
        "email to it came back, or if we were asked never to write to it."
    )
