"""Kinds of mail providers: a handful, so that none tells much about a person."""

from enum import StrEnum
from typing import Final

from chalicelib.domain.mailboxes import mail_providers, mailbox_risk
from chalicelib.domain.mailboxes.email_address import EmailAddress


class ProviderKind(StrEnum):
    """A kind of mail providers, as mails to them are counted."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    YAHOO = "yahoo"
    APPLE = "apple"
    PROTON = "proton"
    BELARUS_RUSSIA = "belarus-russia"
    OTHER_PUBLIC = "other-public"
    """Another provider at which very many strangers have mailboxes."""
    OTHER = "other"
    """Any other domain: that of a firm, a university, a person."""


_BY_CANONICAL_DOMAIN: Final = {
    "gmail.com": ProviderKind.GOOGLE,
    "icloud.com": ProviderKind.APPLE,
    "proton.me": ProviderKind.PROTON,
}
_BY_NAME: Final = {
    **dict.fromkeys(
        ("outlook", "hotmail", "live", "msn", "passport", "windowslive"), ProviderKind.MICROSOFT
    ),
    **dict.fromkeys(("yahoo", "ymail", "rocketmail", "myyahoo"), ProviderKind.YAHOO),
}
"""Providers that have their name under many endings."""


def kind_of(address: EmailAddress) -> ProviderKind:
    """The kind of the provider of an address."""
    domain = address.domain
    if mailbox_risk.jurisdiction_of(address):
        return ProviderKind.BELARUS_RUSSIA
    if not mail_providers.is_large(domain):
        return ProviderKind.OTHER
    rule = mail_providers.RULES.get(domain)
    return (
        (_BY_CANONICAL_DOMAIN.get(rule.domain) if rule else None)
        or _BY_NAME.get(domain.partition(".")[0])
        or ProviderKind.OTHER_PUBLIC
    )
