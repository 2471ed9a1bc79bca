"""A signature, and the form by which it is requested."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from chalicelib.domain import typed_text
from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.errors import N_, InvalidForm, Message
from chalicelib.domain.fraud_signals import Signal, is_suspicious
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.email_address import BadAddress, EmailAddress

MAX_NAME_CHARACTERS: Final = 100
MAX_NAME_BYTES: Final = 300
"""In JSON and UTF-8, so that it fits its seal. Only names in rare scripts reach it first."""
HONEYPOT: Final = "website"
"""A field of the form that people neither see nor hear, but programs fill in."""
SHOWN: Final = "shown"
"""A field of the page that asks for confirmation. With it, the page's box decides about news."""
_SPACES: Final = re.compile(r"\s+")


class SignatureState(StrEnum):
    """The state of a signature. Only confirmed ones are counted."""

    CONFIRMED = "confirmed"
    HELD = "held"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class SignatureRequest:
    """A valid sign form. It exists only inside a token.

    `country` is an ISO 3166-1 alpha-2 code or empty. `alerts` is the separate consent to be
    mailed. `requested_at` (aware UTC) decides whether a withdrawal was later (see
    `store/signatures/signatures.py`). `signals` are explained in `fraud_signals.py`.
    """

    slug: str
    language: str
    name: str
    address: EmailAddress
    country: str
    alerts: bool
    requested_at: datetime
    signals: frozenset[Signal] = frozenset()

    @property
    def state(self) -> SignatureState:
        """The state of the signature once it is confirmed."""
        return SignatureState.HELD if is_suspicious(self.signals) else SignatureState.CONFIRMED

    def __repr__(self) -> str:
        return f"SignatureRequest(slug={self.slug!r}, …)"


@dataclass(frozen=True, kw_only=True)
class Correction:
    """The name and the country that replace those of a signature."""

    name: str
    country: str

    def __repr__(self) -> str:
        return "Correction(…)"


@dataclass(frozen=True, kw_only=True)
class SealedSignature:
    """A stored signature: the server can read no name, no address and no moment in it.

    `confirmed_on` is the day in UTC. `country` is "" unless the petition publishes countries.
    `attestation` is that of the function that stored it (see `crypto/attestation.py`). `signals`
    say why it is or was held: a release keeps them, so that it can be reversed. A signature that
    was never held has none.
    """

    slug: str
    index: str
    sealed: bytes
    attestation: bytes
    confirmed_on: date
    country: str = ""
    state: SignatureState = SignatureState.CONFIRMED
    signals: frozenset[Signal] = frozenset()


@dataclass(frozen=True, kw_only=True)
class DamagedSignature:
    """An item of the table that cannot be read as a signature: its petition and blind index."""

    slug: str
    index: str


def read_sign_form(
    fields: Mapping[str, str], *, slug: str, language: str, now: datetime
) -> SignatureRequest:
    """Read the sign form, and check all its fields at once.

    Raises InvalidForm with one message a field.
    """
    errors: dict[str, Message] = {}
    name = read_name(fields.get("name", ""), errors)
    address = read_address(fields.get("email", ""), errors)
    country = _read_country(fields.get("country", ""), errors)
    alerts = fields.get("alerts", "")
    if alerts not in ("", "yes"):
        errors["alerts"] = Message(text=N_("Please tick the box, or leave it empty."))
    if errors or address is None:
        raise InvalidForm(errors)
    return SignatureRequest(
        slug=slug,
        language=language,
        name=name,
        address=address,
        country=country,
        alerts=alerts == "yes",
        requested_at=now,
        signals=frozenset({Signal.HONEYPOT} if fields.get(HONEYPOT) else ()),
    )


def read_confirmed(request: SignatureRequest, fields: Mapping[str, str]) -> SignatureRequest:
    """The request as the page showed it when its button was pressed; without the page, as it is."""
    if SHOWN not in fields:
        return request
    return replace(request, alerts=fields.get("alerts") == "yes")


def read_correction(fields: Mapping[str, str]) -> Correction:
    """Read the form that corrects a signature. Raises InvalidForm with one message a field."""
    errors: dict[str, Message] = {}
    name = read_name(fields.get("name", ""), errors)
    country = _read_country(fields.get("country", ""), errors)
    if errors:
        raise InvalidForm(errors)
    return Correction(name=name, country=country)


def read_address(typed: str, errors: dict[str, Message]) -> EmailAddress | None:
    """Read the address field. A fault is added to `errors` under "email" and returns None."""
    try:
        return email_address.parse_pasted(typed)
    except BadAddress as error:
        errors["email"] = error.reason
        return None


def read_name(typed: str, errors: dict[str, Message]) -> str:
    """Read the name field: any script, nothing invisible in it. Faults go to `errors["name"]`."""
    text = typed_text.trimmed_name(typed)
    if typed_text.is_misspelt(text):
        errors["name"] = Message(
            text=N_(
                "The name contains an invisible character. Please type it instead of pasting it."
            )
        )
        return ""
    name = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    if not name:
        errors["name"] = Message(text=N_("Please enter a name."))
    elif len(name) > (limit := _max_characters(name)):
        errors["name"] = Message(
            text=N_("The name is too long. It can have up to {limit} characters."),
            values={"limit": limit},
        )
    elif not typed_text.has_letter(name):
        errors["name"] = Message(text=N_("Please enter a name with at least one letter."))
    return name


def _read_country(typed: str, errors: dict[str, Message]) -> str:
    """Read the country field, which may be empty. Faults go to `errors["country"]`."""
    country = typed_text.trimmed(typed).upper()
    if country and country not in COUNTRIES:
        errors["country"] = Message(text=N_("Please choose a country from the list."))
    return country


def _max_characters(name: str) -> int:
    """The characters that a name may have, in letters of as many bytes as this one has."""
    size = len(name.encode()) + name.count('"') + name.count("\\")
    return min(MAX_NAME_CHARACTERS, MAX_NAME_BYTES * len(name) // size)
