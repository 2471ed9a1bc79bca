"""Every "no" that a visitor can understand.

One base class, one subclass for each different answer. The message of a refusal is an English
sentence that is safe to show; the front door looks it up in the visitor's catalogue, so each one
is wrapped in `N_` for the extraction of messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a sentence for translation without translating it here."""
    return message


@dataclass(frozen=True, kw_only=True)
class Message:
    """A sentence for a visitor: a catalogue key and the values to put into its {places}."""

    text: str
    values: Mapping[str, str | int] = field(default_factory=dict)


class Refusal(Exception):
    """A no that the visitor can understand. Subclasses say which."""

    status: ClassVar[int] = 400
    retry_after_seconds: ClassVar[int] = 0
    """After which the same may work; 0: waiting changes nothing, or is not needed."""
    title: ClassVar[str] = N_("This did not work")
    message: ClassVar[str] = N_("Please go back and try again.")

    def __init__(self) -> None:
        super().__init__(type(self).__name__)


class NotFound(Refusal):
    """There is no such petition, update or page."""

    status = 404
    title = N_("Page not found")
    message = N_("The link may be incomplete, or the page may have moved.")


class InvalidForm(Refusal):
    """One or more fields cannot be accepted; says which and why."""

    status = 422
    title = N_("Please check the form")
    message = N_("Something in the form has to be corrected.")

    def __init__(self, errors: Mapping[str, Message]) -> None:
        super().__init__()
        self.errors = dict(errors)


class RiskyMailbox(Refusal):
    """The mailbox is one that a hostile state can read; asks before anything is mailed to it.

    `country` is an ISO 3166-1 alpha-2 code, `domain` that of the address.
    """

    status = 422
    title = N_("Before we write to this address")
    message = N_("We have sent nothing yet.")

    def __init__(self, country: str, domain: str) -> None:
        super().__init__()
        self.country = country
        self.domain = domain


class UnreadableForm(Refusal):
    """The body is not a form that we can read: wrong type, doubled fields, broken encoding."""

    status = 400
    title = N_("We could not read the form")
    message = N_("Your browser sent something that we do not understand. Nothing was stored.")


class FormTooLarge(Refusal):
    """The body is over the limit."""

    status = 413
    title = N_("That is too much text")
    message = N_("The form is larger than we can accept. Nothing was stored.")


class CrossSite(Refusal):
    """The post did not come from one of our own pages."""

    status = 403
    title = N_("Please use the form on our page")
    message = N_(
        "This request came from another website, so we did not act on it. Nothing was stored."
    )


class NotThroughCdn(Refusal):
    """The request did not come through the CDN, so nothing about its sender can be believed."""

    status = 403
    title = N_("This is not our address")
    message = N_("Please open the petition at its own address.")


class TooManyRequests(Refusal):
    """The network of this visitor has used up its share for the hour."""

    status = 429
    retry_after_seconds = 3600
    title = N_("Please wait a little")
    message = N_(
        "We are getting very many forms from your network at the moment. Please try again"
        " in an hour. Nothing was stored."
    )


class ProofRequired(Refusal):
    """So many forms come that this one needs a proof of work, or has to go by the slow lane."""

    status = 429
    title = N_("One more step")
    message = N_(
        "One more step, just above the button. What you typed is still here, and nothing was "
        "stored."
    )


class PetitionNotOpen(Refusal):
    """The petition has not opened yet, or has closed."""

    status = 403
    title = N_("This petition is not open for signatures")
    message = N_("You can still read it, and follow what happens next.")


class BrokenToken(Refusal):
    """A link that is cut, forged or meant for something else. Never says which."""

    status = 404
    title = N_("This link does not work")
    message = N_(
        "It may have been cut in two by your mail program: try to copy the whole of it. "
        "If that does not help, ask for a new one."
    )


class ExpiredToken(BrokenToken):
    """A link that was good and is too old now."""

    status = 410
    title = N_("This link has expired")
    message = N_("Links work for a few days only. Please ask for a new one.")


class EndedMeanwhile(Refusal):
    """A good link, but what it started has been ended after the link was asked for."""

    status = 410
    title = N_("This link has been used")
    message = N_(
        "What you confirmed with it was ended later, and stays ended. To start it again, "
        "fill in the form once more."
    )


class WrongCode(InvalidForm):
    """The code is not the one that was mailed, or it is too old."""

    def __init__(self) -> None:
        super().__init__(
            {
                "code": Message(
                    text=N_(
                        "This is not the code from the mail, or it is too old. "
                        "Type it again, or use the link."
                    )
                )
            }
        )


class Misconfigured(Exception):
    """The operator has to mend something. The message names it, and only things of our own."""


class Unavailable(Refusal):
    """AWS throttles, is slow or is down. The visitor may try again; nothing is half done."""

    status = 503
    retry_after_seconds = 60
    title = N_("We cannot do this right now")
    message = N_("Please try again in a minute. Nothing is half done.")
