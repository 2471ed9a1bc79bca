"""Data-protection requests: what is kept about an address, over all petitions, and its erasure.

For the operator alone. An address is only ever hashed here: nothing of it is kept or written.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.person import Kept
from chalicelib.domain.petition import Petition
from chalicelib.people import blind_indexes
from chalicelib.store import people, petitions, signatures, subscribers, suppressions
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class OnPetition:
    """What is kept of a person on one petition."""

    petition: Petition
    kept: Kept


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was found: by petition, only those with something. `blocked`: they are never mailed."""

    found: Sequence[OnPetition]
    blocked: bool
    petition_count: int


def look_up(services: Services, address: EmailAddress) -> Answer:
    """All that is kept about an address. One call a petition and one for their list.

    Raises Unavailable.
    """
    looked_at = [
        OnPetition(
            petition=petition,
            kept=people.find(
                services.signatures,
                services.subscribers,
                blind_indexes.filed(services, petition.slug, address),
                now=services.now(),
            ),
        )
        for petition in petitions.list_all(services.desk)
    ]
    return Answer(
        found=[each for each in looked_at if each.kept.signature or each.kept.subscription],
        blocked=any(each.kept.blocked for each in looked_at),
        petition_count=len(looked_at),
    )


def erase(services: Services, address: EmailAddress) -> Answer:
    """Delete signatures and subscriptions of an address, as it could itself; what there was.

    Tombstones stay until old links have expired, and a block stays: it is the person's own wish.
    A second time finds nothing more to delete, and mends what a crash has left. Raises Unavailable.
    """
    answer = look_up(services, address)
    for each in answer.found:
        filed = blind_indexes.filed(services, each.petition.slug, address)
        now, links_live = services.now(), services.settings.links_live
        if each.kept.signed:
            signatures.mark_withdrawn(
                services.signatures, filed.slug, filed.signature, now=now, links_live=links_live
            )
        if each.kept.subscribed:
            subscribers.mark_unsubscribed(
                services.subscribers, filed.slug, filed.subscriber, now=now, links_live=links_live
            )
    return answer


def unblock(services: Services, address: EmailAddress) -> None:
    """Let an address be mailed again. A second time changes nothing. Raises Unavailable."""
    index = blind_indexes.never_index(services, blind_indexes.person(services, address))
    suppressions.delete(services.subscribers, index)
