"""The keys of the four tables, and their access patterns, Q1 to Q36.

signatures            PK                        SK
  a signature         belarus-mothers#3f        013f9a… (blind index: 2 + 32 hex digits)
subscribers
  a subscription      belarus-mothers#3         013b07… (another blind index)
  a suppression       #suppressed#9             019a41… (a third, the same for all petitions)
petitions
  a petition          petition                  belarus-mothers
  its versions        petition-version#belarus-mothers          00001
  its key file        petition#belarus-mothers  key-file
  its tally           tally                     belarus-mothers
  the last look       public-figures            last-look
  its preview images  preview-image#belarus-mothers             be
  its picture         picture#belarus-mothers   2f5e0a9c41d7b836.svg
  an update           update#belarus-mothers    first-news
  its news            news                      belarus-mothers
  the schedule        schedule                  2026-01-31T09:00:00+00:00#belarus-mothers/first-news
  sent updates        sent#belarus-mothers      first-news
  open alerts         alerts                    8c1f04d27be96a35
  an alert            alert#8c1f04d27be96a35    header
  its content         alert#8c1f04d27be96a35    content
  its chunks          alert#8c1f04d27be96a35    chunk#00000001
  its chunks' events  alert#8c1f04d27be96a35    events#00000001
  its open groups     open-groups#8c1f04d27be96a35      00000001
  the probe           probe                     newest
  the pace of sending  pacing                   account
limits
  an index salt       index-salt                belarus-mothers
  a value of the day  limit-value               2026-01-31
  mail quota          limit#mail#2026-01-31#9c  9c1d… (keyed hash of an address)
  post quota          limit#posts#2026-01-31T09#77    77ab… (keyed hash of a /24 or a /48)
  mailboxes of a domain    limit#domains#2026-01-31#e1     e1d0… (keyed hash of a domain)
  post total          limit#all#2026-01-31T09:30#2    total
  a spent proof       limit#proof#5e            5e02… (its random nonce)

Questions, each answered by one key or one partition, never by a scan:
  Q1  which petition has this slug?               petitions, one key
  Q2  which petitions are there?                  petitions, one partition (a handful of items)
  Q3  how many have signed?                       petitions, one key, or one partition for all
  Q4  has this address signed?                    signatures, one key
  Q5  which signatures are in this bucket?        signatures, one partition, page by page
  Q6  is this address subscribed?                 subscribers, one key (99 in one batch)
  Q7  which subscribers are in this shard?        subscribers, one partition, page by page
  Q8  which updates has this petition?            petitions, one partition
  Q9  what is the text of this update?            petitions, one key
  Q10 which updates are due by now?               petitions, one partition, from its start
  Q11 which alerts are not complete?              petitions, one partition (usually empty)
  Q12 what does this alert say, how far is it?    petitions, one key
  Q13 what is the state of these chunks?          petitions, one key, or one partition
  Q14 which mails did this address get today?     limits, one key, by the write that counts it
  Q15 how many posts did this network send?       limits, one key, by the write that counts it
  Q16 what is today's random value of limits?     limits, one key
  Q17 is this address suppressed?                 subscribers, one key
  Q18 what waits for digests and milestones?      petitions, one partition (a handful of items)
  Q19 how many posts came in these minutes?       limits, four keys a minute, in one batch
  Q20 has this proof of work been spent?          limits, one key, by the write that spends it
  Q21 what is the preview image of this petition? petitions, one key
  Q22 what is the index salt of this petition?    limits, one key
  Q23 which root keys do petitions use?           limits, one partition (a handful of items)
  Q24 by which alert was this update sent?        petitions, one key, or one partition
  Q25 which groups of chunks are not settled?     petitions, one partition, from its start
  Q26 which root keys do suppressions use?        subscribers, 16 partitions
  Q27 which keys are subscribers sealed to?       subscribers, 16 partitions of each petition
  Q28 what is the key file of this petition?      petitions, one key
  Q29 what was the text in this version?          petitions, one key
  Q30 has anybody filled in a form?               limits, one key
  Q31 when were all public figures set?           petitions, one key
  Q32 how many of this domain confirm today?      limits, one key, by the write that counts it
  Q33 what are the bytes of this picture?         petitions, one key
  Q34 what does SES report about these chunks?    petitions, one key (100 in one batch)
  Q35 how many mails may be sent when?            petitions, one key, by the write that takes a slot
  Q36 how late do events of SES come?             petitions, one key
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

Key = Mapping[str, str]

PK: Final = "pk"
SK: Final = "sk"
EXPIRES_AT: Final = "expires_at"
"""Seconds since 1970, for DynamoDB's TTL. It deletes late: readers ignore expired items."""

BUCKETS: Final = tuple(f"{number:02x}" for number in range(256))
SHARDS: Final = tuple(f"{number:x}" for number in range(16))
PARTS: Final = ("0", "1", "2", "3")
"""Parts of the post total, chosen at random: one partition takes 1,000 writes a second."""


def _key(pk: str, sk: str) -> Key:
    return {PK: pk, SK: sk}


def bucket(slug: str, bucket_id: str) -> str:
    """The partition of signatures whose blind index has `bucket_id` after its root key."""
    return f"{slug}#{bucket_id}"


def signature(slug: str, index: str) -> Key:
    """A signature, under its blind index."""
    return _key(bucket(slug, index[2:4]), index)


def shard(slug: str, shard_id: str) -> str:
    """The partition of subscribers whose blind index has `shard_id` after its root key."""
    return f"{slug}#{shard_id}"


def subscriber(slug: str, index: str) -> Key:
    """A subscription, under its blind index."""
    return _key(shard(slug, index[2]), index)


def suppressions(shard_id: str) -> str:
    """The partition of suppressions with `shard_id` after the root key. No slug begins with #."""
    return f"#suppressed#{shard_id}"


def suppression(index: str) -> Key:
    """A suppression, under its blind index."""
    return _key(suppressions(index[2]), index)


PETITIONS: Final = "petition"
TALLIES: Final = "tally"
SCHEDULE: Final = "schedule"
ALERTS: Final = "alerts"
NEWS: Final = "news"
CHUNK: Final = "chunk#"
"""Before a number of eight digits: text order is number order up to 100 million chunks."""
EVENTS: Final = "events#"
"""The same before the number of a chunk that SES has reported about."""


def petition(slug: str) -> Key:
    """The current version of a petition."""
    return _key(PETITIONS, slug)


def petition_version(slug: str, version: int) -> Key:
    """A version of a petition. Public pages read it: nothing but versions is in its partition."""
    return _key(f"petition-version#{slug}", f"{version:05d}")


def petition_key_file(slug: str) -> Key:
    """The key file of a petition: its wrapped keys."""
    return _key(f"petition#{slug}", "key-file")


def tally(slug: str) -> Key:
    """The tally of a petition."""
    return _key(TALLIES, slug)


def last_look() -> Key:
    """When the public figures of all petitions were looked at."""
    return _key("public-figures", "last-look")


def preview_image(slug: str, language: str) -> Key:
    """The preview image of a petition in one language."""
    return _key(f"preview-image#{slug}", language)


def picture(slug: str, file_name: str) -> Key:
    """The bytes of a petition's picture, under the name of its file."""
    return _key(f"picture#{slug}", file_name)


def updates(slug: str) -> str:
    """The partition of a petition's updates."""
    return f"update#{slug}"


def update(slug: str, name: str) -> Key:
    """An update."""
    return _key(updates(slug), name)


def scheduled(send_at: datetime, update_id: str) -> Key:
    """The schedule's entry of an update that is to be sent at `send_at` (aware UTC)."""
    return _key(SCHEDULE, f"{send_at.isoformat(timespec='seconds')}#{update_id}")


def news(slug: str) -> Key:
    """The news of a petition: pending digests, sendings, milestones."""
    return _key(NEWS, slug)


def sent_partition(slug: str) -> str:
    """The partition of the updates and digests of a petition that were sent."""
    return f"sent#{slug}"


def sent(slug: str, name: str) -> Key:
    """The entry of an update or digest that was sent: the id of its alert."""
    return _key(sent_partition(slug), name)


def open_alert(alert_id: str) -> Key:
    """The entry of an alert that is not complete."""
    return _key(ALERTS, alert_id)


def alert_partition(alert_id: str) -> str:
    """The partition of an alert: its header, content, chunks and their events."""
    return f"alert#{alert_id}"


def alert(alert_id: str) -> Key:
    """The header of an alert."""
    return _key(alert_partition(alert_id), "header")


def alert_content(alert_id: str) -> Key:
    """The content of an alert."""
    return _key(alert_partition(alert_id), "content")


def chunk(alert_id: str, number: int) -> Key:
    """A chunk of an alert."""
    return _key(alert_partition(alert_id), f"{CHUNK}{number:08d}")


def chunk_events(alert_id: str, number: int) -> Key:
    """What SES has reported about the recipients of a chunk."""
    return _key(alert_partition(alert_id), f"{EVENTS}{number:08d}")


def chunk_number(sort_key: str) -> int:
    """The number of the chunk to which an item of an alert's partition belongs."""
    return int(sort_key.rpartition("#")[2])


def open_groups(alert_id: str) -> str:
    """The partition of an alert's groups of chunks that are not known to be settled."""
    return f"open-groups#{alert_id}"


def open_group(alert_id: str, first: int) -> Key:
    """The entry of a group, under the number of its first chunk."""
    return _key(open_groups(alert_id), f"{first:08d}")


def probe() -> Key:
    """The newest probe."""
    return _key("probe", "newest")


def pacing() -> Key:
    """The pace of sending: the rate and quota of the account at SES, and the slots given."""
    return _key("pacing", "account")


INDEX_SALTS: Final = "index-salt"


def index_salt(slug: str) -> Key:
    """The salt of the blind indexes of a petition."""
    return _key(INDEX_SALTS, slug)


def limit_value(day: date) -> Key:
    """The random value from which the key of one day's limits is made."""
    return _key("limit-value", day.isoformat())


def mail_limit(day: date, address_hash: str) -> Key:
    """The jobs of the mails to an address on a day, and their numbers by kind and asker."""
    return _key(f"limit#mail#{day.isoformat()}#{address_hash[:2]}", address_hash)


def post_limit(hour: datetime, network_hash: str) -> Key:
    """The posts of a network in an hour, and of those inside it. One of 256 partitions."""
    return _key(f"limit#posts#{hour.strftime('%Y-%m-%dT%H')}#{network_hash[:2]}", network_hash)


def domain_limit(day: date, domain_hash: str) -> Key:
    """The mailboxes of a domain that confirm signatures on a day."""
    return _key(f"limit#domains#{day.isoformat()}#{domain_hash[:2]}", domain_hash)


def post_total(minute: datetime, part: str) -> Key:
    """The number of posts of all networks in a minute, as counted in one part."""
    return _key(f"limit#all#{minute.strftime('%Y-%m-%dT%H:%M')}#{part}", "total")


def spent_proof(nonce: str) -> Key:
    """A spent proof of work, under the nonce of its challenge."""
    return _key(f"limit#proof#{nonce[:2]}", nonce)
