"""The keys of four tables: `chalicelib/store/__init__.py` shows examples of each."""

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


def figures(slug: str) -> str:
    """The partition of what organisers see of a petition's figures."""
    return f"figures#{slug}"


def signature_figures(slug: str) -> Key:
    """The breakdown of a petition's signatures."""
    return _key(figures(slug), "signatures")


def audience(slug: str) -> Key:
    """The numbers of a petition's subscribers, as they were counted last."""
    return _key(figures(slug), "audience")


FUNNEL: Final = "funnel#"


def funnel(slug: str, day: date) -> Key:
    """The funnel of a petition on a day."""
    return _key(figures(slug), f"{FUNNEL}{day.isoformat()}")


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
    return _key(alert_partition(alert_id), f"events#{number:08d}")


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


def test_address(address_hash: str) -> Key:
    """The entry of an address to which its organiser may have tests mailed."""
    return _key("test-address", address_hash)


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
