"""Every "no" that a visitor can understand.

Title and message of a refusal are English sentences that are safe to show, marked with `N_` and
translated when they are shown. Their HTTP status is in `routes/http/statuses.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a sentence for translation."""
    return message


@dataclass(frozen=True, kw_only=True)
class Message:
    """A sentence for a visitor: its English text, and the values of its {placeholders}."""

    text: str
    values: Mapping[str, str | int] = field(default_factory=dict)


class Refusal(Exception):
    """A no that the visitor can understand."""

    title: ClassVar[str]
    message: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(type(self).__name__)


class NotFound(Refusal):
    """There is no such petition, update or page."""

    title = N_("Page not found")
    message = N_("The link may be incomplete, or the page may have moved.")


class InvalidForm(Refusal):
    """One or more fields cannot be accepted. `errors` maps a field to its message."""

    title = N_("Please check the form")
    message = N_("Something in the form needs correcting.")

    def __init__(self, errors: Mapping[str, Message]) -> None:
        super().__init__()
        self.errors = dict(errors)


class RiskyMailbox(Refusal):
    """A hostile state can read the mailbox, and the visitor has not accepted that yet.

    `country` is an ISO 3166-1 alpha-2 code, `domain` that of the address.
    """

    title = N_("Before we write to this address")
    message = N_("We have sent nothing yet.")

    def __init__(self, country: str, domain: str) -> None:
        super().__init__()
        self.country = country
        self.domain = domain


class MistypedDomain(Refusal):
    """The domain of the address is probably mistyped, and the visitor has not decided yet."""

    title = N_("Is this address right?")
    message = N_("We have sent nothing yet.")

    def __init__(self, domain: str, meant: str) -> None:
        super().__init__()
        self.domain = domain
        self.meant = meant


class UnreadableForm(Refusal):
    """The body is not a form: wrong content type, repeated fields or broken encoding."""

    title = N_("We could not read the form")
    message = N_("Your browser sent something we do not understand. Nothing was stored.")


class FormTooLarge(Refusal):
    """The body is larger than the limit."""

    title = N_("That is too much text")
    message = N_("The form is larger than we can accept. Nothing was stored.")


class CrossSite(Refusal):
    """The post did not come from one of our own pages."""

    title = N_("Please use the form on our page")
    message = N_(
        "This request came from another website, so we did not act on it. Nothing was stored."
    )


class NotThroughCdn(Refusal):
    """The request did not come through the CDN, so its headers cannot be trusted."""

    title = N_("This is not our address")
    message = N_("Please open the petition at its own address.")


class TooManyRequests(Refusal):
    """The network of this visitor has used up its quota for the hour."""

    title = N_("Please wait a little")
    message = N_(
        "We are getting a great many forms from your network. Please try again in an hour. Nothing "
        "was stored."
    )


class ProofRequired(Refusal):
    """The form needs a proof of work, or the slow lane, because very many forms come."""

    title = N_("One more step")
    message = N_(
        "There is one more step, just above the button. What you typed is still here, and nothing "
        "was stored."
    )


class PetitionNotOpen(Refusal):
    """The petition has not opened yet, or has closed."""

    title = N_("This petition is not open for signatures")
    message = N_("You can still read the petition, and follow what happens next.")


class SigningPaused(Refusal):
    """The organisers have switched signing off for a while."""

    title = N_("Signing is paused")
    message = N_(
        "Signing is paused for the moment, and nothing was stored. Please try again later. The "
        "links in our earlier emails still work."
    )


class BrokenToken(Refusal):
    """The token is cut, forged or of another purpose. The message does not say which."""

    title = N_("This link does not work")
    message = N_(
        "Your email program may have cut it in two: try copying all of it. If that does not help, "
        "fill in the form on the petition’s page again to get a new one."
    )


class ExpiredToken(BrokenToken):
    """The token is valid and older than its lifetime."""

    title = N_("This link has expired")
    message = N_("Links work for only a few days. Please ask for a new one.")


class EndedMeanwhile(Refusal):
    """The link is valid, but what it started was ended after the link was requested."""

    title = N_("This has already been cancelled")
    message = N_(
        "What this link would confirm was cancelled after the link was requested, and stays "
        "cancelled. To start again, fill in the form once more."
    )


class DataDestroyed(Refusal):
    """All that was kept of the petition's signers and subscribers was destroyed after its end."""

    title = N_("Everything about this petition’s signers has been deleted")
    message = N_(
        "The petition has ended, and what was kept about people who signed or asked for news has "
        "been deleted for good. There is nothing left to show, change or delete. You need not do "
        "anything."
    )


class Blocked(EndedMeanwhile):
    """The link would start news for an address that is suppressed."""

    title = N_("We do not write to this address")
    message = N_(
        "An email to this address came back, or someone who can read email there asked us never to "
        "write to it again. So no news will come. Only the organisers can undo that."
    )


class WrongCode(InvalidForm):
    """The code is not the mailed one, or has expired."""

    def __init__(self) -> None:
        super().__init__(
            {
                "code": Message(
                    text=N_(
                        "This is not the code from the email, or it has expired. Type it again, or "
                        "use the link."
                    )
                )
            }
        )


class Misconfigured(Exception):
    """The operator has to fix a setting. The message names it, and nothing about visitors."""


class Unavailable(Refusal):
    """AWS throttles, is slow or is down. Nothing is half done, so the visitor may try again."""

    title = N_("We cannot do this right now")
    message = N_("Please try again in a minute. Nothing has been left half done.")
