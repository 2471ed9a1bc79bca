"""Answers data-protection requests: shows and erases what is stored about an address.

For the operator alone. The address is hashed on the operator's machine, and stored nowhere. The
operator queues jobs; the function that reads that queue makes the conditional writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain import suppression
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.person import PersonIndexes, PersonRecord
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.suppression import Suppression
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import (
    DataRequest,
    DeleteSuppression,
    EraseSignature,
    EraseSubscription,
)
from chalicelib.people import blind_indexes
from chalicelib.store import people, subscribers, suppressions
from chalicelib.store.petitions import petitions
from chalicelib.store.signatures import signature_revisions, signatures
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class PetitionEntry:
    """What is stored about a person on one petition."""

    petition: Petition
    indexes: PersonIndexes
    record: PersonRecord


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """Petitions with an entry for the person, and the suppression of the address."""

    found: Sequence[PetitionEntry]
    suppression: Suppression | None
    petition_count: int

    @property
    def active(self) -> Sequence[PetitionEntry]:
        """The entries with something that can be erased."""
        return [entry for entry in self.found if entry.record.signed or entry.record.subscribed]


def look_up(services: Services, address: EmailAddress) -> DataReport:
    """All that is stored about an address. Two AWS calls a petition, and one for their list.

    Raises Unavailable.
    """
    entries = [
        _look_up(services, petition, address) for petition in petitions.list_all(services.petitions)
    ]
    return DataReport(
        found=[e for e in entries if e.record.signature or e.record.subscription],
        suppression=suppression.strongest(entry.record.suppression for entry in entries),
        petition_count=len(entries),
    )


def _look_up(services: Services, petition: Petition, address: EmailAddress) -> PetitionEntry:
    indexes = blind_indexes.find_indexes(services, petition.slug, address)
    record = people.find(services.signatures, services.subscribers, indexes, now=services.now())
    return PetitionEntry(petition=petition, indexes=indexes, record=record)


def request_erasure(services: Services, report: DataReport) -> None:
    """Queue the end of the signatures and subscriptions in a report. Raises Unavailable.

    Tombstones stay until old links have expired. A suppression stays.
    """
    requested: list[DataRequest] = []
    for entry in report.active:
        indexes = entry.indexes
        if entry.record.signed:
            stored = signature_revisions.revisions_of(
                services.signatures, indexes.slug, [indexes.signature]
            )
            requested += [EraseSignature(revision=revision) for revision in stored]
        if entry.record.subscribed and entry.record.subscription:
            requested.append(
                EraseSubscription(
                    slug=indexes.slug,
                    index=indexes.subscriber,
                    subscribed_on=entry.record.subscription.since,
                )
            )
    _queue(services, requested)


def request_unblocking(services: Services, address: EmailAddress) -> None:
    """Queue the removal of every suppression of an address. Raises Unavailable."""
    indexes = blind_indexes.suppression_indexes(services, address)
    stored = suppressions.find_many(services.subscribers, indexes, now=services.now())
    requested = [
        DeleteSuppression(index=index, reason=found.reason, since=found.since)
        for index, found in stored.items()
    ]
    _queue(services, requested)


def answer(services: Services, job: DataRequest) -> None:
    """Change the record of a job. A second time changes nothing. Raises Unavailable.

    A record that has been made anew is left alone: a signature by its attestation, the others by
    their day, a suppression also by its reason.
    """
    now, link_lifetime = services.now(), services.settings.link_lifetime
    match job:
        case EraseSignature(revision=seen):
            signatures.mark_withdrawn(
                services.signatures,
                seen.slug,
                seen.index,
                now=now,
                link_lifetime=link_lifetime,
                attestation=seen.attestation,
            )
        case EraseSubscription():
            subscribers.mark_unsubscribed(
                services.subscribers,
                job.slug,
                job.index,
                now=now,
                link_lifetime=link_lifetime,
                subscribed_on=job.subscribed_on,
            )
        case DeleteSuppression():
            suppressions.delete(services.subscribers, job.index, job.reason, since=job.since)


def _queue(services: Services, requested: Sequence[DataRequest]) -> None:
    key = services.secrets.data_request_keys.current(services.now())
    job_queue.put_all(services.sqs, services.settings.change_queue_url, requested, key)
