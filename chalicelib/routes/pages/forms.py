"""Forms that were refused: they show what was typed, and what to correct."""

from chalicelib.domain import mailbox_risk
from chalicelib.domain.errors import (
    N_,
    InvalidForm,
    Message,
    ProofRequired,
    Refusal,
    RiskyMailbox,
    TooManyRequests,
    Unavailable,
)
from chalicelib.rendering import translations
from chalicelib.rendering.translations import Language
from chalicelib.routes.pages.contexts import Form

COMES_BACK = (InvalidForm, ProofRequired, RiskyMailbox, TooManyRequests, Unavailable)
"""Refusals after which the form is shown again."""

MAX_ECHO_CHARACTERS = 500
"""Characters of a field that are shown again: more than any name or address has."""

_WARNINGS = {
    mailbox_risk.BELARUS: N_(
        "This mailbox is under the law of Belarus: the authorities there can find out that we "
        "wrote to it, and read what we wrote. An address with a provider elsewhere, without your "
        "name in it, is safer. We have sent nothing yet."
    ),
    mailbox_risk.RUSSIA: N_(
        "This mailbox is under the law of Russia: the authorities there can find out that we "
        "wrote to it, and read what we wrote. An address with a provider elsewhere, without your "
        "name in it, is safer. We have sent nothing yet."
    ),
}
"""Warnings before a mail goes to a provider under the law of a hostile state, by that state."""


def refused(action: str, typed: dict[str, str], refusal: Refusal, language: Language) -> Form:
    """The form with what was typed and the errors of `refusal`."""
    errors = {}
    notice = warning = ""
    if isinstance(refusal, InvalidForm):
        errors = {
            name: translations.translate(message, language.code)
            for name, message in refusal.errors.items()
        }
    elif isinstance(refusal, RiskyMailbox):
        warning = translations.translate(Message(text=_WARNINGS[refusal.country]), language.code)
    else:
        notice = translations.translate(Message(text=refusal.message), language.code)
    shown = {name: value[:MAX_ECHO_CHARACTERS] for name, value in typed.items()}
    return Form(
        action=action,
        typed=shown,
        errors=errors,
        notice=notice,
        warning=warning,
        despite=refusal.domain if isinstance(refusal, RiskyMailbox) else "",
        proof_wanted=isinstance(refusal, ProofRequired),
    )
