"""Seals the addresses of subscribers anew, to the mailer's current key."""

import logging
from typing import Final

from chalicelib.crypto import sealing, unsealing
from chalicelib.crypto.sealing import SUBSCRIBER
from chalicelib.crypto.unsealing import UnsealFailed
from chalicelib.mail import job_queue
from chalicelib.mail.jobs import Reseal
from chalicelib.store import keys, subscribers
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services

log = logging.getLogger(__name__)

_SUBSCRIBERS_PER_JOB: Final = 50
"""One batch of reads, and about half of a second of writes, so that alerts need not wait."""


def start(services: Services) -> None:
    """Queue a job for each shard of each petition. Safe to repeat. Raises Unavailable."""
    pages = [
        Reseal(slug=slug, shard=shard, after=None)
        for slug in petitions.slugs(services.petitions)
        for shard in keys.SHARDS
    ]
    job_queue.put_all(services.sqs, services.settings.job_queue_url, pages, services.job_key)


def reseal(services: Services, job: Reseal) -> None:
    """Seal one page of a shard anew, and queue a job for the next page. Safe to run twice.

    A seal that has changed since it was read stays: the subscription was ended, or another worker
    has sealed it. An address that no key opens is logged and stays. Raises Unavailable.
    """
    key = unsealing.private_key(services.secrets.mailer_private_keys.current(services.now()).raw)
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
