"""Claims on mail jobs and the daily mail quotas, in one item for each address and day.

Each kind of mail has a quota of its own, and within it each network that asks for such mails has
one: else a stranger could use up what the owner of the address needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_epoch, to_milliseconds
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.limits.daily_keys import RETENTION

_SENT: Final = "sent"
_SHORT_HASH: Final = 16
"""Hexadecimal digits of a network in the item of an address: enough for some dozens."""
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
    """No: the address, or the network for it, has used up its mails of this kind and day."""


@dataclass(frozen=True, kw_only=True)
class QueuedMail:
    """A mail as limits know it: hashes of its address and of the network that has asked for it.

    `day` is the day on which it was queued, so that a second delivery after midnight reads the
    claim of the first.
    """

    job_id: str
    day: date
    address_hash: str
    kind: str
    asker: str

    @property
    def key(self) -> keys.Key:
        """The key of the item with its claim and its counts."""
        return keys.mail_limit(self.day, self.address_hash)

    @property
    def names(self) -> Mapping[str, str]:
        """Its attributes in that item."""
        return {
            "#job": f"job#{self.job_id}",
            "#kind": f"mails#{self.kind}",
            "#asker": f"mails#{self.kind}#{self.asker[:_SHORT_HASH]}",
        }


def claim_mail(
    table: Table, mail: QueuedMail, *, cap: int, network_cap: int, now: datetime
) -> Claim:
    """Q14: count one mail to an address and claim its job, in one write.

    `cap` is of all mails of its kind, `network_cap` of those that its network has asked for.
    """
    claim = f"claimed@{to_milliseconds(now)}"
    try:
        table.update(
            mail.key,
            "SET #job = :claim, expires_at = :expires_at ADD #kind :one, #asker :one",
            condition=(
                "attribute_not_exists(#job) "
                "AND (attribute_not_exists(#kind) OR #kind < :cap) "
                "AND (attribute_not_exists(#asker) OR #asker < :network_cap)"
            ),
            names=mail.names,
            values={
                ":claim": claim,
                ":one": 1,
                ":cap": cap,
                ":network_cap": network_cap,
                ":expires_at": to_epoch(now + RETENTION),
            },
        )
    except ConditionFailed as failed:
        stored = (failed.item or {}).get(mail.names["#job"])
    else:
        return Claim.TAKEN
    if stored is None:
        return Claim.OVER_CAP
    if stored == _SENT:
        return Claim.DONE
    if to_milliseconds(now - CLAIM_LEASE) < int(stored.partition("@")[2]):
        return Claim.RUNNING
    return _take_over(table, mail, stored, claim)


def _take_over(table: Table, mail: QueuedMail, expired: str, claim: str) -> Claim:
    try:
        table.update(
            mail.key,
            "SET #job = :claim",
            condition="#job = :expired",
            names={"#job": mail.names["#job"]},
            values={":claim": claim, ":expired": expired},
        )
    except ConditionFailed:
        return Claim.RUNNING
    return Claim.TAKEN


def mark_mailed(table: Table, mail: QueuedMail) -> None:
    """Q14: mark a job as sent, so that a second delivery of its message sends nothing."""
    table.update(
        mail.key,
        "SET #job = :sent",
        names={"#job": mail.names["#job"]},
        values={":sent": _SENT},
    )


def release_mail(table: Table, mail: QueuedMail) -> None:
    """Q14: release a claim whose mail SES has not taken. Safe to repeat."""
    try:
        table.update(
            mail.key,
            "REMOVE #job ADD #kind :minus_one, #asker :minus_one",
            condition="attribute_exists(#job) AND #job <> :sent",
            names=mail.names,
            values={":minus_one": -1, ":sent": _SENT},
        )
    except ConditionFailed:
        # Released before: the answer to the first attempt was lost.
        return
