"""Mail providers whose mailboxes the authorities of Belarus or Russia can read by their own law.

A mail to such a mailbox shows those authorities who requested it, so a form is refused until its
sender has read a warning. The lists are edited by hand, in alphabetical order. A national ending
counts as a mailbox in that country.
"""

from collections.abc import Mapping
from typing import Final

from chalicelib.domain.errors import RiskyMailbox
from chalicelib.domain.mailboxes.email_address import EmailAddress

BELARUS: Final = "BY"
RUSSIA: Final = "RU"

ENDINGS: Final = {
    "by": BELARUS,
    "xn--90ais": BELARUS,  # .бел
    "ru": RUSSIA,
    "su": RUSSIA,
    "xn--p1ai": RUSSIA,  # .рф
}
"""Top-level domains, and the country whose law applies."""

NAMES: Final = {"rambler": RUSSIA, "yandex": RUSSIA}
"""Providers that use their name under many endings: yandex.com, yandex.kz and so on."""

PROVIDERS: Final = {"vk.com": RUSSIA}
"""Providers of these countries under an international ending."""

ACKNOWLEDGED: Final = "despite"
"""The field of a form with the domain whose warning its sender has read."""


def refuse_unacknowledged(address: EmailAddress, fields: Mapping[str, str]) -> None:
    """Raise RiskyMailbox for a risky address, unless its sender has read the warning."""
    country = jurisdiction_of(address)
    if country and fields.get(ACKNOWLEDGED) != address.domain:
        raise RiskyMailbox(country, address.domain)


def jurisdiction_of(address: EmailAddress) -> str | None:
    """The country (ISO 3166-1 alpha-2) whose authorities can read this mailbox, or None."""
    domain = address.domain
    name, _, ending = domain.rpartition(".")
    return (
        PROVIDERS.get(domain)
        or ENDINGS.get(ending)
        or NAMES.get(name.rpartition(".")[2])
        or NAMES.get(domain.partition(".")[0])
    )
