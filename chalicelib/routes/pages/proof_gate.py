"""The gate that stands in a form under pressure: challenges, the widget, the slow lane's button."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chalice.app import Blueprint, Response

from chalicelib.crypto import proof_of_work
from chalicelib.domain.errors import Refusal
from chalicelib.domain.petition import Petition
from chalicelib.protection import admission
from chalicelib.rendering import assets, translations, urls
from chalicelib.routes.http import responses, router
from chalicelib.routes.http.request import Request
from chalicelib.routes.pages import forms
from chalicelib.routes.pages.contexts import Form, ProofGate
from chalicelib.usecases.petitions import browsing

blueprint = Blueprint(__name__)
route = router.router(blueprint)

_SCRIPT: Final = "proof.js"
_WIDGET: Final = "altcha.min.js"
_WORKER: Final = "altcha-pbkdf2.min.js"


@route(urls.CHALLENGE)
def challenge(request: Request) -> Response:
    """A sum for the visitor's browser, as the widget asks for it; another one each time."""
    values = admission.issue_challenge(request.services)
    return responses.text(json.dumps(values), "application/json")


def with_gate(request: Request, petition: Petition, form: Form) -> Form:
    """The form with the gate in it, if it needs a proof, or has come with one or without."""
    if form.warning:
        # One question at a time: the address first, whose second button would be taken for ours.
        return form
    met_before = form.proof_wanted or admission.PROOF in form.typed or admission.SLOW in form.typed
    if not met_before and not petition.requires_proof(request.services.now()):
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
            at_once=met_before,
        ),
    )


def refused(request: Request, slug: str, action: str, refusal: Refusal) -> Form:
    """A posted form as it comes back, with the gate in it if it needs one."""
    form = forms.refused(action, dict(request.fields), refusal, request.language)
    return with_gate(request, browsing.get_petition(request.services, slug), form)


def scripts(form: Form) -> Sequence[str]:
    """What the page of a form has to load for its gate."""
    return (_SCRIPT,) if form.gate else ()


def later_scripts(form: Form) -> Sequence[str]:
    """What that script may load when it is needed."""
    return (_WIDGET, _WORKER) if form.gate else ()


def wait_notice(request: Request, minutes: int) -> Sequence[str]:
    """What a page says of a mail that is held back; nothing, if it is not."""
    if not minutes:
        return ()
    sentence = translations.catalogue(request.language.code).ngettext(
        "Very many forms reach us at the moment, and yours came without a proof: the message "
        "leaves in %(count)s minute.",
        "Very many forms reach us at the moment, and yours came without a proof: the message "
        "leaves in %(count)s minutes.",
        minutes,
    )
    return (sentence % {"count": minutes},)
