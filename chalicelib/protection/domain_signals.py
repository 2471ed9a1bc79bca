"""Signals of a domain from which suddenly many mailboxes confirm signatures.

One person can have any number of mailboxes in a domain of their own. Who confirms can read the
mailbox, so nobody can bring these signals on a domain by typing other people's addresses.
"""

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.mailboxes.mail_providers import is_large
from chalicelib.protection import registrable_domains
from chalicelib.store.limits import daily_keys, domain_counts
from chalicelib.wiring import Services


def count_mailbox(services: Services, address: EmailAddress) -> frozenset[Signal]:
    """Count a mailbox that confirms, once a day; the signals of its domain.

    Large providers are not counted, so they cost no call. A failed write refuses nobody: then there
    is no signal.
    """
    domain = registrable_domains.registrable(address.domain)
    if is_large(domain) or is_large(address.domain):
        return frozenset()
    settings, now = services.settings, services.now()
    day = now.date()
    try:
        key = services.limit_key(day)
        place = domain_counts.place_of(
            services.limits,
            daily_keys.keyed_hash(key, domain),
            daily_keys.keyed_hash(key, address.canonical),
            day=day,
            most=settings.flooded_domain_mailboxes,
            now=now,
        )
    except Unavailable:
        return frozenset()
    if place >= settings.flooded_domain_mailboxes:
        return frozenset({Signal.FLOODED_DOMAIN})
    return frozenset({Signal.BUSY_DOMAIN} if place >= settings.busy_domain_mailboxes else ())
