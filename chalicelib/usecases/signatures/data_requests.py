"""Answers data-protection requests: shows and erases what is stored about an address.

For the operator alone. The address is hashed here, and stored nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.person import PersonRecord
from chalicelib.domain.petition import Petition
from chalicelib.people import blind_indexes
from chalicelib.store import people, petitions, signatures, subscribers, suppressions
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class PetitionEntry:
    """What is stored about a person on one petition."""

    petition: Petition
    record: PersonRecord


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """Petitions with an entry for the person. `blocked`: the address is suppressed."""

    found: Sequence[PetitionEntry]
    blocked: bool
    petition_count: int


def look_up(services: Services, address: EmailAddress) -> DataReport:
    """All that is stored about an address. One AWS call a petition, and one for their list.

    Raises Unavailable.
    """
    entries = [
        PetitionEntry(
            petition=petition,
            record=people.find(
                services.signatures,
                services.subscribers,
                blind_indexes.indexes_of(services, petition.slug, address),
                now=services.now(),
            ),
        )
        for petition in petitions.list_all(services.petitions)
    ]
    return DataReport(
        found=[e for e in entries if e.record.signature or e.record.subscription],
        blocked=any(entry.record.blocked for entry in entries),
        petition_count=len(entries),
    )


def erase(services: Services, address: EmailAddress) -> DataReport:
    """Withdraw signatures and end subscriptions of an address; what was stored before.

    Tombstones stay until old links have expired. A suppression stays, since the person wanted it.
    A second run deletes what a crash has left. Raises Unavailable.
    """
    report = look_up(services, address)
    for entry in report.found:
        indexes = blind_indexes.indexes_of(services, entry.petition.slug, address)
        now, link_lifetime = services.now(), services.settings.link_lifetime
        if entry.record.signed:
            signatures.mark_withdrawn(
                services.signatures,
                indexes.slug,
                indexes.signature,
                now=now,
                link_lifetime=link_lifetime,
            )
        if entry.record.subscribed:
            subscribers.mark_unsubscribed(
                services.subscribers,
                indexes.slug,
                indexes.subscriber,
                now=now,
                link_lifetime=link_lifetime,
            )
    return report


def unblock(services: Services, address: EmailAddress) -> None:
    """Remove the suppression of an address. A second time changes nothing. Raises Unavailable."""
    for index in blind_indexes.suppression_indexes(services, address):
        suppressions.delete(services.subscribers, index)
