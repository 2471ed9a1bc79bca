"""The map of the three tables: the key of every item, and every question they answer.

signatures            PK                        SK
  a signature         belarus-mothers#3f        3f9a… (blind index, 32 hex digits)

subscribers
  a subscription      belarus-mothers#3         3b07… (another blind index)
  never to be mailed  #suppressed#9                  9a41… (a third, the same for all petitions)

petitions
  a petition          petition                  belarus-mothers
  its versions        petition#belarus-mothers  version#00001
  its tally           tally                     belarus-mothers
  its pictures        preview-image#belarus-mothers      be
  an update           update#belarus-mothers    first-news
  what falls due      schedule                  2026-01-31T09:00:00+00:00#belarus-mothers/first-news
  for the digest      pending-digest            belarus-mothers
  open alerts         alerts                    belarus-mothers/first-news
  an alert            alert#belarus-mothers/first-news    header
  its chunks          alert#belarus-mothers/first-news    chunk#00001
  who SES saw         alert#belarus-mothers/first-news    send-events#00001
  key of the day      limit-key                 2026-01-31
  mail cap            limit#mail#2026-01-31#9c  9c1d… (keyed hash of an address)
  network cap         limit#posts#2026-01-31T09#77    77ab… (keyed hash of a network)
  all posts           limit#all#2026-01-31T09:30#2    total
  a spent proof       limit#proof#5e            5e02… (its nonce, which we made by chance)

Questions, each answered by one key or one partition, never by a scan:
  Q1  which petition has this slug?               petitions, one key
  Q2  which petitions are there?                  petitions, one partition (a handful of items)
  Q3  how many have signed?                       petitions, one key
  Q4  has this address signed?                    signatures, one key
  Q5  which signatures does this bucket hold?     signatures, one partition, page by page
  Q6  is this address subscribed?                 subscribers, one key (50 in one batch)
  Q7  which subscribers does this shard hold?     subscribers, one partition, page by page
  Q8  which updates has this petition?            petitions, one partition
  Q9  what does this update say?                  petitions, one key
  Q10 what falls due by now?                      petitions, one partition, from its start
  Q11 which alerts are not complete?              petitions, one partition (usually empty)
  Q12 where does this alert stand?                petitions, one key
  Q13 what became of this chunk, of these chunks? petitions, one key, or a range of one partition
  Q14 has this address had its mails today?       petitions, one key, by the write that counts it
  Q15 has this network had its posts this hour?   petitions, one key, by the write that counts it
  Q16 under which key are today's limits hashed?  petitions, one key
  Q17 is this address never to be mailed?         subscribers, one key
  Q18 what waits for which petition's digest?     petitions, one partition (a handful of items)
  Q19 how many posts came in these minutes?       petitions, four keys a minute, in one batch
  Q20 has this proof of work been used?           petitions, one key, by the write that uses it
  Q21 what picture goes with this petition?       petitions, one key
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

Key = Mapping[str, str]

PK: Final = "pk"
SK: Final = "sk"
EXPIRES_AT: Final = "expires_at"
"""Seconds since 1970, for DynamoDB's TTL. TTL is late by design: no reader relies on it."""

BUCKETS: Final = tuple(f"{number:02x}" for number in range(256))
SHARDS: Final = tuple(f"{number:x}" for number in range(16))
PARTS: Final = ("0", "1", "2", "3")
"""Where posts of everybody are counted, at random: one partition takes 1,000 writes a second."""


def _key(pk: str, sk: str) -> Key:
    return {PK: pk, SK: sk}


def bucket(slug: str, bucket_id: str) -> str:
    """The partition of signatures whose blind index begins with `bucket_id`."""
    return f"{slug}#{bucket_id}"


def signature(slug: str, index: str) -> Key:
    """A signature, under its blind index."""
    return _key(bucket(slug, index[:2]), index)


def shard(slug: str, shard_id: str) -> str:
    """The partition of subscribers whose blind index begins with `shard_id`."""
    return f"{slug}#{shard_id}"


def subscriber(slug: str, index: str) -> Key:
    """A subscription, under its blind index."""
    return _key(shard(slug, index[0]), index)


def suppression(index: str) -> Key:
    """An address that is never mailed, under its blind index. No slug begins with #."""
    return _key(f"#suppressed#{index[0]}", index)


PETITIONS: Final = "petition"
TALLIES: Final = "tally"
SCHEDULE: Final = "schedule"
ALERTS: Final = "alerts"
PENDING_DIGESTS: Final = "pending-digest"
CHUNK: Final = "chunk#"


def petition(slug: str) -> Key:
    """The current version of a petition."""
    return _key(PETITIONS, slug)


def petition_version(slug: str, version: int) -> Key:
    """A version of a petition, kept as it was."""
    return _key(f"petition#{slug}", f"version#{version:05d}")


def tally(slug: str) -> Key:
    """What the stream has counted for a petition."""
    return _key(TALLIES, slug)


def preview_image(slug: str, language: str) -> Key:
    """The picture that goes with the petition's link, in one language."""
    return _key(f"preview-image#{slug}", language)


def updates(slug: str) -> str:
    """The partition of a petition's updates."""
    return f"update#{slug}"


def update(slug: str, name: str) -> Key:
    """An update."""
    return _key(updates(slug), name)


def scheduled(send_at: datetime, update_id: str) -> Key:
    """An update that is to be sent at `send_at` (aware UTC)."""
    return _key(SCHEDULE, f"{send_at.isoformat(timespec='seconds')}#{update_id}")


def pending_digest(slug: str) -> Key:
    """What the next digest of a petition will hold."""
    return _key(PENDING_DIGESTS, slug)


def open_alert(alert_id: str) -> Key:
    """The mark of an alert that is not complete."""
    return _key(ALERTS, alert_id)


def alert_partition(alert_id: str) -> str:
    """The partition of an alert: its header, its chunks, what SES saw."""
    return f"alert#{alert_id}"


def alert(alert_id: str) -> Key:
    """The header of an alert."""
    return _key(alert_partition(alert_id), "header")


def chunk(alert_id: str, number: int) -> Key:
    """A chunk of an alert."""
    return _key(alert_partition(alert_id), f"{CHUNK}{number:05d}")


def send_events(alert_id: str, number: int) -> Key:
    """Which recipients of a chunk SES says it has sent to."""
    return _key(alert_partition(alert_id), f"send-events#{number:05d}")


def limit_key(day: date) -> Key:
    """The random key under which one day's limits are hashed."""
    return _key("limit-key", day.isoformat())


def mail_limit(day: date, address_hash: str) -> Key:
    """How many mails an address has had on a day, and which jobs they were."""
    return _key(f"limit#mail#{day.isoformat()}#{address_hash[:2]}", address_hash)


def post_limit(hour: datetime, network_hash: str) -> Key:
    """How many posts a network has made within an hour.

    In 256 partitions, as the mail caps: one alone would take 1,000 writes a second of all visitors.
    """
    return _key(f"limit#posts#{hour.strftime('%Y-%m-%dT%H')}#{network_hash[:2]}", network_hash)


def post_total(minute: datetime, part: str) -> Key:
    """How many posts were made within a minute, all networks together, as counted in one part."""
    return _key(f"limit#all#{minute.strftime('%Y-%m-%dT%H:%M')}#{part}", "total")


def spent_proof(nonce: str) -> Key:
    """A proof of work that has been used, under the nonce that only its challenge had."""
    return _key(f"limit#proof#{nonce[:2]}", nonce)
