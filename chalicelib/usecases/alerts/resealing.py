"""Seals the addresses of subscribers and organisers anew, to the mailer's current key."""

import logging
from typing import Final

from chalicelib.crypto import sealing, unsealing
from chalicelib.crypto.sealing import ORGANISER, SUBSCRIBER
from chalicelib.crypto.unsealing import PrivateKey, UnsealFailed
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import Reseal
from chalicelib.store import keys, subscribers
from chalicelib.store.organisers import accounts
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_ORGANISERS: Final = Reseal(slug="", shard="", after=None)
"""The job for all organisers: a few hundred at most."""
_SUBSCRIBERS_PER_JOB: Final = 50
"""One batch of reads, and about half of a second of writes, so that alerts need not wait."""


def start(services: Services) -> None:
    """Queue a job for organisers, and one for each shard of each petition. Safe to repeat.

    Raises Unavailable.
    """
    pages = [
        Reseal(slug=slug, shard=shard, after=None)
        for slug in petitions.slugs(services.petitions)
        for shard in keys.SHARDS
    ]
    job_queue.put_all(
        services.sqs, services.settings.job_queue_url, [_ORGANISERS, *pages], services.job_key
    )


def reseal(services: Services, job: Reseal) -> None:
    """Seal one page of a shard anew, and queue a job for the next page. Safe to run twice.

    A seal that has changed since it was read stays: the subscription was ended, or another worker
    has sealed it. An address that no key opens is logged and stays. Raises Unavailable.
    """
    key = unsealing.private_key(services.secrets.mailer_private_keys.current(services.now()).raw)
    if job == _ORGANISERS:
        _reseal_organisers(services, key)
        return
    outdated, cursor = subscribers.page_of_outdated(
        services.subscribers,
        job.slug,
        job.shard,
        current_key=key.id,
        after=job.after,
        limit=_SUBSCRIBERS_PER_JOB,
    )
    active = subscribers.active_among(services.subscribers, job.slug, outdated)
    for index, subscriber in active.items():
        old, context = subscriber.sealed_address, sealing.info(SUBSCRIBER, job.slug, index)
        try:
            record = unsealing.unseal(old, services.mailer_keys, context)
        except UnsealFailed:
            log.error("a subscriber of %s cannot be opened", job.slug)
            continue
        new = sealing.seal(record, SUBSCRIBER, key.public_bytes, context)
        subscribers.replace_seal(services.subscribers, job.slug, index, old=old, new=new)
    if cursor is not None:
        rest = Reseal(slug=job.slug, shard=job.shard, after=cursor)
        job_queue.put(services.sqs, services.settings.job_queue_url, rest, services.job_key)


def _reseal_organisers(services: Services, key: PrivateKey) -> None:
    for organiser in accounts.list_all(services.organisers):
        old, context = organiser.sealed_address, sealing.info(ORGANISER, organiser.id)
        if sealing.named_key(old) == key.id:
            continue
        try:
            address = unsealing.unseal(old, services.mailer_keys, context)
        except UnsealFailed:
            log.error("the address of an organiser cannot be opened")
            continue
        new = sealing.seal(address, ORGANISER, key.public_bytes, context)
        accounts.replace_seal(services.organisers, organiser.id, old=old, new=new)
