"""Mail providers whose mailboxes the authorities of Belarus or Russia can read by their own law.

A mail to one of them shows those authorities who asked for it, so people are told before one is
sent, and choose. The list is kept by hand: add a domain with its country, in the order of the
alphabet. Addresses under a national ending are taken as kept in that country.
"""

from collections.abc import Mapping
from typing import Final

from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.errors import RiskyMailbox

BELARUS: Final = "BY"
RUSSIA: Final = "RU"

ENDINGS: Final = {
    "by": BELARUS,
    "xn--90ais": BELARUS,  # .бел
    "ru": RUSSIA,
    "su": RUSSIA,
    "xn--p1ai": RUSSIA,  # .рф
}
"""National endings of domain names, and whose law they stand under."""

NAMES: Final = {"rambler": RUSSIA, "yandex": RUSSIA}
"""Providers that own their name under many endings: yandex.com, yandex.kz and so on."""

PROVIDERS: Final = {"vk.com": RUSSIA}
"""Providers of those countries under an ending that does not say so."""

ACKNOWLEDGED: Final = "despite"
"""The field by which a form names the domain whose warning its sender has read, and goes on."""


def refuse_unacknowledged(address: EmailAddress, fields: Mapping[str, str]) -> None:
    """Raise ReadableMailbox, unless the form says that its sender has been warned of this one."""
    country = jurisdiction_of(address)
    if country and fields.get(ACKNOWLEDGED) != address.domain:
        raise RiskyMailbox(country, address.domain)


def jurisdiction_of(address: EmailAddress) -> str | None:
    """The country (ISO 3166-1 alpha-2) whose authorities can read this mailbox, if we know one."""
    domain = address.domain
    name, _, ending = domain.rpartition(".")
    return (
        PROVIDERS.get(domain)
        or ENDINGS.get(ending)
        or NAMES.get(name.rpartition(".")[2])
        or NAMES.get(domain.partition(".")[0])
    )
