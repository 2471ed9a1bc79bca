"""Email addresses: parsing, and one canonical form for each mailbox."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from chalicelib.domain import mail_providers
from chalicelib.domain.errors import N_, Message

MAX_ADDRESS_CHARACTERS: Final = 254
"""RFC 5321, section 4.5.3.1.3, less the two angle brackets."""


class BadAddress(ValueError):
    """The text is not an address that can be mailed; `reason` is for the visitor."""

    def __init__(self, reason: str) -> None:
        super().__init__("not a usable address")
        self.reason = Message(text=reason)


@dataclass(frozen=True, kw_only=True)
class EmailAddress:
    """`deliverable` is the address to mail, `canonical` is one for all spellings of a mailbox."""

    deliverable: str
    canonical: str

    @property
    def domain(self) -> str:
        """The domain of the deliverable address, in small ASCII letters."""
        return self.deliverable.rpartition("@")[2].lower()

    def __repr__(self) -> str:
        # An address that slips into a log line or a traceback must not be readable there.
        return "EmailAddress(…)"


def parse(typed: str) -> EmailAddress:
    """Parse an address as a person typed it.

    Raises BadAddress. The email-validator library checks syntax, lengths and IDNA 2008. SES takes
    7-bit local parts only (SES developer guide, "email address requirements").
    """
    # Imported here: the petition page does not need it.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    text = unicodedata.normalize("NFKC", typed).strip()
    if not text:
        raise BadAddress(N_("Please enter your email address."))
    if len(text) > MAX_ADDRESS_CHARACTERS:
        raise BadAddress(N_("This email address is too long."))
    local, _, _domain = text.rpartition("@")
    if local and not local.isascii():
        raise BadAddress(
            N_(
                "We cannot write to addresses with letters such as these before the @. "
                "Please use another address."
            )
        )
    try:
        checked = validate_email(
            text,
            allow_smtputf8=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=True,
            check_deliverability=False,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise BadAddress(
            N_("This does not look like an email address. An example: name@example.org")
        ) from error
    deliverable = f"{checked.local_part}@{checked.ascii_domain}"
    return EmailAddress(deliverable=deliverable, canonical=canonical(deliverable))


def canonical(deliverable: str) -> str:
    """One text for all spellings of a mailbox."""
    local, _, domain = deliverable.lower().rpartition("@")
    return mail_providers.canonical(local, domain)
