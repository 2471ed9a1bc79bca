"""A form that was refused comes back as it was, with what to mend, in the visitor's language."""

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
"""Refusals after which the form is shown again, with what was typed."""

LONGEST_ECHO = 500
"""Characters of a field that are given back; nobody needs more of a name or an address."""

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
"""What is said before a mail goes to a provider that a hostile state can read, by that state."""


def refused(action: str, typed: dict[str, str], refusal: Refusal, language: Language) -> Form:
    """The form as it comes back, with what was typed."""
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
    kept = {name: value[:LONGEST_ECHO] for name, value in typed.items()}
    return Form(
        action=action,
        typed=kept,
        errors=errors,
        notice=notice,
        warning=warning,
        despite=refusal.domain if isinstance(refusal, RiskyMailbox) else "",
        proof_wanted=isinstance(refusal, ProofRequired),
    )
