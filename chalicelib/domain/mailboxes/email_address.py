"""Email addresses: parsing, and one canonical form for each mailbox."""

import re
from dataclasses import dataclass
from typing import Final

from chalicelib.domain import typed_text
from chalicelib.domain.errors import N_, Message
from chalicelib.domain.mailboxes import mail_providers, mixed_scripts

MAX_ADDRESS_CHARACTERS: Final = 254
"""RFC 5321, section 4.5.3.1.3, less the two angle brackets."""
_MAX_PASTED_CHARACTERS: Final = 4 * MAX_ADDRESS_CHARACTERS
"""Longer texts hold no address, and would take long to search."""
_JOINERS: Final = "\u200c\u200d"
"""Invisible characters that domains in some scripts need (RFC 5892, appendix A.1)."""
_SURROUNDINGS: Final = (
    re.compile(r"(.+?)[.,;:!?…]+"),
    re.compile(r"[\"“”„«»‹›‘’(\[{,;:]+(.+)"),
    re.compile(r"(\S+@\S+?)\s*<(?:mailto:)?\1>"),
    re.compile(r"[^@<>]*<([^<>]+)>"),
    re.compile(r"(?i)mailto:([^?]+)(?:\?.*)?"),
    re.compile(r"'([^']+)'"),
    re.compile(r"(.+?)['\"“”«»‹›‘’)\]}>]+"),
)
"""What surrounds an address in a mail program or in a sentence, and cannot be part of it."""
_RESERVED: Final = re.compile(
    r"(.+\.)?(alt|arpa|example|internal|invalid|local|localhost|onion|test|example\.(com|net|org))"
)
"""Domains that nobody can have (RFC 2606, 6761, 6762, 7686 and 9476)."""


class BadAddress(ValueError):
    """The text is not an address that can be mailed; `reason` is for the visitor."""

    def __init__(self, reason: str, **values: str) -> None:
        super().__init__("not a usable address")
        self.reason = Message(text=reason, values=values)


@dataclass(frozen=True, kw_only=True)
class EmailAddress:
    """`deliverable` is the address to mail, `canonical` is one for all spellings of a mailbox."""

    deliverable: str
    canonical: str

    @property
    def domain(self) -> str:
        """The domain of the deliverable address, in small ASCII letters."""
        return self.deliverable.rpartition("@")[2].lower()

    @property
    def is_reserved(self) -> bool:
        """Whether nobody can have a mailbox at the domain."""
        return is_reserved(self.domain)

    def at(self, domain: str) -> "EmailAddress":
        """The address of the same name at another domain."""
        return parse(f"{self.deliverable.rpartition('@')[0]}@{domain}")

    def __repr__(self) -> str:
        # An address that slips into a log line or a traceback must not be readable there.
        return "EmailAddress(…)"


def parse_pasted(typed: str) -> EmailAddress:
    """Parse an address as a person typed it, or pasted it with what stood around it.

    Raises BadAddress.
    """
    return parse(unwrapped(typed))


def unwrapped(typed: str) -> str:
    """What was typed, without what a mail program or a sentence has around an address."""
    text = _visible(typed)
    if len(text) <= _MAX_PASTED_CHARACTERS:
        for surroundings in _SURROUNDINGS:
            if match := surroundings.fullmatch(text):
                text = _visible(match[1])
    return text


def parse(typed: str) -> EmailAddress:
    """Parse an address.

    Raises BadAddress. The email-validator library checks syntax, lengths and IDNA 2008. SES takes
    7-bit local parts only (SES developer guide, "email address requirements").
    """
    # Imported here: the petition page does not need it.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    text = _visible(typed)
    _refuse_what_is_never_right(text)
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
        if typed_text.without_invisible(text) != text:
            raise BadAddress(_INVISIBLE) from error
        raise BadAddress(_NO_ADDRESS) from error
    if "." not in checked.ascii_domain:
        raise BadAddress(_NO_ADDRESS)
    # What only looks Latin is asked about later, with the domain that is meant.
    if letter := mixed_scripts.foreign_letter(mixed_scripts.in_latin(checked.domain)):
        raise BadAddress(
            N_(
                "After the @, Latin letters are mixed with “{character}”, a letter from another "
                "alphabet. Please check the address."
            ),
            character=letter,
        )
    deliverable = f"{checked.local_part}@{checked.ascii_domain}"
    return EmailAddress(deliverable=deliverable, canonical=canonical(deliverable))


def is_reserved(domain: str) -> bool:
    """Whether a domain is reserved for examples, tests or local networks."""
    return _RESERVED.fullmatch(domain) is not None


def canonical(deliverable: str) -> str:
    """One text for all spellings of a mailbox."""
    local, _, domain = deliverable.lower().rpartition("@")
    return mail_providers.canonical(local, domain)


_NO_ADDRESS: Final = N_(
    "This does not look like an email address. It should look like name@example.org"
)
_INVISIBLE: Final = N_(
    "The address contains an invisible character. Please type it instead of pasting it."
)


def _visible(typed: str) -> str:
    return typed_text.trimmed(typed_text.folded_width(typed))


def _refuse_what_is_never_right(text: str) -> None:
    """Raise BadAddress with a reason of its own, where the library would only say no."""
    if not text:
        raise BadAddress(N_("Please enter your email address."))
    if len(text) > MAX_ADDRESS_CHARACTERS:
        raise BadAddress(N_("This email address is too long."))
    local, _, domain = text.rpartition("@")
    joined = domain.translate(dict.fromkeys(map(ord, _JOINERS)))
    if typed_text.without_invisible(local + joined) != local + joined:
        raise BadAddress(_INVISIBLE)
    foreign = next((character for character in local if not character.isascii()), "")
    if mixed_scripts.is_cyrillic(foreign):
        raise BadAddress(
            N_(
                "The letter “{character}” before the @ is Cyrillic, and we cannot send email to "
                "such an address. Please type it in Latin letters, or use another address."
            ),
            character=foreign,
        )
    if foreign:
        raise BadAddress(
            N_(
                "We cannot send email to an address with “{character}” before the @. Please check "
                "it, or use another address."
            ),
            character=foreign,
        )
