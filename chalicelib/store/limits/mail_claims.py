"""Claims on mail jobs and the daily mail quota, in one item for each address and day."""

from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_epoch, to_milliseconds
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.limits.daily_keys import RETENTION

_SENT: Final = "sent"
CLAIM_LEASE: Final = timedelta(minutes=2)
"""Longer than the mailer can run: the worker of an older claim has failed."""


class Claim(Enum):
    """Whether a mail job may be sent now."""

    TAKEN = "taken"
    """Yes: this worker has the claim."""
    RUNNING = "running"
    """Not now: another worker has the claim, or has failed with it less than a lease ago."""
    DONE = "done"
    """No: the mail was sent."""
    OVER_CAP = "over cap"
    """No: the address has used up its mails of the day."""


def claim_mail(
    table: Table, address_hash: str, job_id: str, *, day: date, cap: int, now: datetime
) -> Claim:
    """Q14: count one mail to an address and claim its job, in one write.

    `day` is the day on which the job was queued, so that a second delivery after midnight reads the
    claim of the first.
    """
    key, job = keys.mail_limit(day, address_hash), f"job#{job_id}"
    claim = f"claimed@{to_milliseconds(now)}"
    try:
        table.update(
            key,
            "SET #job = :claim, expires_at = :expires_at ADD mail_count :one",
            condition=(
                "attribute_not_exists(#job) "
                "AND (attribute_not_exists(mail_count) OR mail_count < :cap)"
            ),
            names={"#job": job},
            values={
                ":claim": claim,
                ":one": 1,
                ":cap": cap,
                ":expires_at": to_epoch(now + RETENTION),
            },
        )
    except ConditionFailed as failed:
        stored = (failed.item or {}).get(job)
    else:
        return Claim.TAKEN
    if stored is None:
        return Claim.OVER_CAP
    if stored == _SENT:
        return Claim.DONE
    if to_milliseconds(now - CLAIM_LEASE) < int(stored.partition("@")[2]):
        return Claim.RUNNING
    return _take_over(table, key, job, stored, claim)


def _take_over(table: Table, key: keys.Key, job: str, expired: str, claim: str) -> Claim:
    try:
        table.update(
            key,
            "SET #job = :claim",
            condition="#job = :expired",
            names={"#job": job},
            values={":claim": claim, ":expired": expired},
        )
    except ConditionFailed:
        return Claim.RUNNING
    return Claim.TAKEN


def mark_mailed(table: Table, address_hash: str, job_id: str, *, day: date) -> None:
    """Q14: mark a job as sent, so that a second delivery of its message sends nothing."""
    table.update(
        keys.mail_limit(day, address_hash),
        "SET #job = :sent",
        names={"#job": f"job#{job_id}"},
        values={":sent": _SENT},
    )


def release_mail(table: Table, address_hash: str, job_id: str, *, day: date) -> None:
    """Q14: release a claim whose mail SES has not taken. Safe to repeat."""
    job = f"job#{job_id}"
    try:
        table.update(
            keys.mail_limit(day, address_hash),
            "REMOVE #job ADD mail_count :minus_one",
            condition="attribute_exists(#job) AND #job <> :sent",
            names={"#job": job},
            values={":minus_one": -1, ":sent": _SENT},
        )
    except ConditionFailed:
        # Released before: the answer to the first attempt was lost.
        return
