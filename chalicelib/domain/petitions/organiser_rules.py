"""What an organiser must be before a petition of theirs can be published."""

import re
from typing import Final

from chalicelib.domain import plain_text
from chalicelib.domain.fields import Fields
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.email_address import BadAddress
from chalicelib.domain.petitions.petition import Organiser

_FIELDS: Final = ("name", "email", "website", "placeholder")
_OWN_WEBSITE: Final = "https://your-organisation.org"
_EXAMPLE: Final = re.compile(r"(?:^|[@/.])example\.(?:org|com|net)(?![\w.-])", re.IGNORECASE)
"""Domains that belong to nobody (RFC 2606): a petition that names one was left unfinished."""
_CONFUSING: Final = re.compile(r"@|=\?")
"""What no name of a sender may hold: an address, or the start of an encoded word (RFC 2047)."""
_EXAMPLE_NAME: Final = re.compile(r"example\b", re.IGNORECASE)


def parse_organiser(fields: Fields, *, live: bool) -> Organiser:
    """The organiser; with `fields.errors`, as much of it as could be read.

    `live`: real signatures are to be collected, so an example is an error.
    """
    fields.refuse_others(_FIELDS)
    organiser = Organiser(
        name=fields.text("name", "Your organisation", limit=100),
        email=fields.text("email", "petition@your-organisation.org"),
        website=fields.text("website", _OWN_WEBSITE),
        placeholder=fields.values.get("placeholder", False) is not False,
    )
    if _CONFUSING.search(organiser.name):
        what = "Mail programs would take this name for an address."
        fields.add("name", what, "Write it without @ and =?.")
    if organiser.email:
        _check_email(fields, organiser.email)
    if organiser.website and not plain_text.is_web_address(organiser.website):
        what = "This is not a web address that begins with https://."
        fields.add("website", what, example=_OWN_WEBSITE)
    if not live:
        return organiser
    if _EXAMPLE_NAME.match(organiser.name):
        what = f"“{organiser.name}” is an example, not the name of your organisation."
        fields.add("name", what, "Write your own.")
    for name, value in (("email", organiser.email), ("website", organiser.website)):
        if _EXAMPLE.search(value):
            what = f"“{value}” is an example, not an address of yours."
            fields.add(name, what, "Write your own.")
    if organiser.placeholder:
        fields.add(
            "placeholder",
            "The organiser is still a placeholder.",
            "Write your own name, email and website, then delete the placeholder.",
        )
    return organiser


def _check_email(fields: Fields, email: str) -> None:
    """Note an address that cannot be mailed, or cannot stand in a link."""
    try:
        email_address.parse(email)
    except BadAddress as bad:
        fields.add("email", "This is not a usable email address.", bad.reason.text)
        return
    if not plain_text.is_mailbox(email):
        what = "This address cannot stand in a link."
        fields.add("email", what, "Use one with letters, digits and . _ + ' - before the @.")
