"""Data-protection requests: what is kept about an address, over all petitions, and its erasure.

For the operator alone. An address is only ever hashed here: nothing of it is kept or written.
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
    """What is kept of a person on one petition."""

    petition: Petition
    record: PersonRecord


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """What was found: by petition, only those with something. `blocked`: they are never mailed."""

    found: Sequence[PetitionEntry]
    blocked: bool
    petition_count: int


def look_up(services: Services, address: EmailAddress) -> DataReport:
    """All that is kept about an address. One call a petition and one for their list.

    Raises Unavailable.
    """
    looked_at = [
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
        found=[each for each in looked_at if each.record.signature or each.record.subscription],
        blocked=any(each.record.blocked for each in looked_at),
        petition_count=len(looked_at),
    )


def erase(services: Services, address: EmailAddress) -> DataReport:
    """Delete signatures and subscriptions of an address, as it could itself; what there was.

    Tombstones stay until old links have expired, and a block stays: it is the person's own wish.
    A second time finds nothing more to delete, and mends what a crash has left. Raises Unavailable.
    """
    answer = look_up(services, address)
    for each in answer.found:
        indexes = blind_indexes.indexes_of(services, each.petition.slug, address)
        now, link_lifetime = services.now(), services.settings.link_lifetime
        if each.record.signed:
            signatures.mark_withdrawn(
                services.signatures,
                indexes.slug,
                indexes.signature,
                now=now,
                link_lifetime=link_lifetime,
            )
        if each.record.subscribed:
            subscribers.mark_unsubscribed(
                services.subscribers,
                indexes.slug,
                indexes.subscriber,
                now=now,
                link_lifetime=link_lifetime,
            )
    return answer


def unblock(services: Services, address: EmailAddress) -> None:
    """Let an address be mailed again. A second time changes nothing. Raises Unavailable."""
    index = blind_indexes.suppression_index(services, blind_indexes.person_index(services, address))
    suppressions.delete(services.subscribers, index)
