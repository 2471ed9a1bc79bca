"""Forms that were refused: they show what was typed, and what to correct."""

from chalicelib.domain.errors import (
    N_,
    InvalidForm,
    Message,
    MistypedDomain,
    ProofRequired,
    Refusal,
    RiskyMailbox,
    SigningPaused,
    TooManyRequests,
    Unavailable,
)
from chalicelib.domain.mailboxes import domain_typos, email_address, mailbox_risk, mixed_scripts
from chalicelib.rendering import translations
from chalicelib.rendering.translations import Language
from chalicelib.routes.pages.form_contexts import Form, Suggestion

COMES_BACK = (
    InvalidForm,
    MistypedDomain,
    ProofRequired,
    RiskyMailbox,
    SigningPaused,
    TooManyRequests,
    Unavailable,
)
"""Refusals after which the form is shown again."""

MAX_ECHO_CHARACTERS = 500
"""Characters of a field that are shown again: more than any name or address has."""

_WARNINGS = {
    mailbox_risk.BELARUS: N_(
        "This mailbox comes under the law of Belarus: the authorities there can find out that we "
        "wrote to it, and read what we wrote. An address with a provider in another country, "
        "without your name in it, is safer. We have sent nothing yet."
    ),
    mailbox_risk.RUSSIA: N_(
        "This mailbox comes under the law of Russia: the authorities there can find out that we "
        "wrote to it, and read what we wrote. An address with a provider in another country, "
        "without your name in it, is safer. We have sent nothing yet."
    ),
}
"""Warnings before a mail goes to a provider under the law of a hostile state, by that state."""


def refused(action: str, typed: dict[str, str], refusal: Refusal, language: Language) -> Form:
    """The form with what was typed and the errors of `refusal`."""
    errors = {}
    notice = warning = ""
    suggestion = None
    typed = domain_typos.with_choice(typed)
    if isinstance(refusal, InvalidForm):
        errors = {
            name: translations.translate(message, language.code)
            for name, message in refusal.errors.items()
        }
    elif isinstance(refusal, RiskyMailbox):
        warning = translations.translate(Message(text=_WARNINGS[refusal.country]), language.code)
    elif isinstance(refusal, MistypedDomain):
        suggestion = _suggestion(typed["email"], refusal)
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
        suggestion=suggestion,
        proof_wanted=isinstance(refusal, ProofRequired),
    )


def _suggestion(typed: str, refusal: MistypedDomain) -> Suggestion:
    address = email_address.parse_pasted(typed)
    name = email_address.unwrapped(typed).rpartition("@")[0]
    # Chromium sends the domain of an address in Punycode, in which nobody sees the letter.
    domain = domain_typos.as_seen(refusal.domain)
    letter = mixed_scripts.foreign_letter(domain)
    return Suggestion(
        typed=f"{name}@{domain}",
        typed_domain=refusal.domain,
        meant=address.at(refusal.meant).deliverable,
        meant_domain=refusal.meant,
        cyrillic=letter if mixed_scripts.is_cyrillic(letter) else "",
    )
