"""A form that was refused comes back as it was, with what to mend, in the visitor's language."""

from chalicelib import rendering
from chalicelib.domain.errors import InvalidForm, Message, Refusal, TooManyRequests, Unavailable
from chalicelib.rendering import Language
from chalicelib.routes.pages import Form

COMES_BACK = (InvalidForm, TooManyRequests, Unavailable)
"""Refusals after which the form is shown again, with what was typed."""

LONGEST_ECHO = 500
"""Characters of a field that are given back; nobody needs more of a name or an address."""


def refused(action: str, typed: dict[str, str], refusal: Refusal, language: Language) -> Form:
    """The form as it comes back, with what was typed."""
    errors = {}
    notice = ""
    if isinstance(refusal, InvalidForm):
        errors = {
            name: rendering.translate(message, language.code)
            for name, message in refusal.errors.items()
        }
    else:
        notice = rendering.translate(Message(text=refusal.message), language.code)
    kept = {name: value[:LONGEST_ECHO] for name, value in typed.items()}
    return Form(action=action, typed=kept, errors=errors, notice=notice)
