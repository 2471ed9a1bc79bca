"""Claims on mail jobs and the daily cap of each address, in one item an address and day."""

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
"""Longer than the mailer may run: an older claim belongs to a worker that is dead."""


class Claim(Enum):
    """Whether a mail job may be sent now."""

    TAKEN = "taken"
    """Yes: it is ours."""
    RUNNING = "running"
    """Not now: another worker has it, or has just died with it."""
    DONE = "done"
    """No: it has been sent."""
    OVER_CAP = "over cap"
    """No: the address has had its mails for the day."""


def claim_mail(
    table: Table, address_hash: str, job_id: str, *, day: date, cap: int, now: datetime
) -> Claim:
    """Q14: count one mail to an address and claim its job, in one write.

    The day is the one on which the job was queued, so that a second delivery after midnight still
    finds the claim of the first.
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
        standing = (failed.item or {}).get(job)
    else:
        return Claim.TAKEN
    if standing is None:
        return Claim.OVER_CAP
    if standing == _SENT:
        return Claim.DONE
    if to_milliseconds(now - CLAIM_LEASE) < int(standing.partition("@")[2]):
        return Claim.RUNNING
    return _take_over(table, key, job, standing, claim)


def _take_over(table: Table, key: keys.Key, job: str, standing: str, claim: str) -> Claim:
    try:
        table.update(
            key,
            "SET #job = :claim",
            condition="#job = :standing",
            names={"#job": job},
            values={":claim": claim, ":standing": standing},
        )
    except ConditionFailed:
        return Claim.RUNNING
    return Claim.TAKEN


def mark_mailed(table: Table, address_hash: str, job_id: str, *, day: date) -> None:
    """Note that a job is done: a second delivery of its message sends nothing."""
    table.update(
        keys.mail_limit(day, address_hash),
        "SET #job = :sent",
        names={"#job": f"job#{job_id}"},
        values={":sent": _SENT},
    )


def release_mail(table: Table, address_hash: str, job_id: str, *, day: date) -> None:
    """Give a claim back, because SES has not taken the mail."""
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
        # Released before: the answer to our first try was lost.
        return
