"""The map of the tables in the docstring of `store` is true."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from chalicelib import store
from chalicelib.store import desk_keys, keys

SLUG, NEWS = "belarus-mothers", "belarus-mothers/first-news"
ORGANISER = "5c1e0b7fa2d49836"
ALERT = "8c1f04d27be96a35"
MAP: Mapping[str, keys.Key] = {
    "a signature": keys.signature(SLUG, "013f9a"),
    "a subscription": keys.subscriber(SLUG, "013b07"),
    "a suppression": keys.suppression("019a41"),
    "a petition": keys.petition(SLUG),
    "its versions": keys.petition_version(SLUG, 1),
    "its key file": keys.petition_key_file(SLUG),
    "its tally": keys.tally(SLUG),
    "its breakdown": keys.signature_figures(SLUG),
    "its subscribers": keys.audience(SLUG),
    "its funnel of a day": keys.funnel(SLUG, date(2026, 1, 31)),
    "the last look": keys.last_look(),
    "its preview images": keys.preview_image(SLUG, "be"),
    "its picture": keys.picture(SLUG, "2f5e0a9c41d7b836.svg"),
    "an update": keys.update(SLUG, "first-news"),
    "the schedule": keys.scheduled(datetime(2026, 1, 31, 9, tzinfo=UTC), NEWS),
    "its news": keys.news(SLUG),
    "sent updates": keys.sent(SLUG, "first-news"),
    "open alerts": keys.open_alert(ALERT),
    "an alert": keys.alert(ALERT),
    "its content": keys.alert_content(ALERT),
    "its chunks": keys.chunk(ALERT, 1),
    "its chunks' events": keys.chunk_events(ALERT, 1),
    "its open groups": {"pk": keys.open_groups(ALERT), "sk": keys.open_group(ALERT, 1)["sk"]},
    "the probe": keys.probe(),
    "the pace of sending": keys.pacing(),
    "an address for tests": keys.test_address("51c0"),
    "a value of the day": keys.limit_value(date(2026, 1, 31)),
    "an index salt": keys.index_salt(SLUG),
    "mail quota": keys.mail_limit(date(2026, 1, 31), "9c1d"),
    "post quota": keys.post_limit(datetime(2026, 1, 31, 9, 59, tzinfo=UTC), "77ab"),
    "mailboxes of a domain": keys.domain_limit(date(2026, 1, 31), "e1d0"),
    "post total": keys.post_total(datetime(2026, 1, 31, 9, 30, tzinfo=UTC), "2"),
    "a spent proof": keys.spent_proof("5e02"),
    "an organiser": desk_keys.organiser(ORGANISER),
    "a passkey": desk_keys.passkey(ORGANISER, "q1w2"),
    "a session": desk_keys.desk_session(ORGANISER, "9f86"),
    "a mailed link": desk_keys.desk_link(ORGANISER),
    "a petition of an organiser": desk_keys.membership(ORGANISER, SLUG),
    "the people of a petition": desk_keys.people(SLUG),
    "a spent challenge": desk_keys.spent_challenge("77ab"),
    "a line of a trail": desk_keys.trail_line(SLUG, 1),
    "an approval": desk_keys.approval(SLUG, "sending", "first-news"),
    "a draft": desk_keys.draft_version(SLUG, 1),
    "a text of a draft": desk_keys.draft_part(SLUG, "5f0c"),
    "an update with a draft": desk_keys.update_draft(SLUG, "first-news"),
    "a key file at the desk": desk_keys.petition_key_file(SLUG),
    "a job": desk_keys.job(SLUG, "019ad5f0c3e81b07"),
    "the link to its file": desk_keys.export_link(SLUG, "019ad5f0c3e81b07", "5c1e"),
}
LINE = re.compile(r"^  ([a-zA-Z' ]+?)  +(\S+) +(\S+)", re.MULTILINE)


def test_every_line_of_the_map_is_true_and_none_is_missing() -> None:
    assert store.__doc__
    documented = {
        name: {"pk": pk, "sk": sk.rstrip("…")}
        for name, pk, sk in LINE.findall(store.__doc__.partition("Questions,")[0])
    }

    assert documented == MAP


def test_every_question_has_one_number() -> None:
    assert store.__doc__
    numbers = [int(number) for number in re.findall(r"^  Q(\d+) ", store.__doc__, re.MULTILINE)]

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_index_has_its_bucket_and_its_shard() -> None:
    assert len(set(keys.BUCKETS)) == 256
    assert len(set(keys.SHARDS)) == 16
    assert {keys.signature(SLUG, f"{n:034x}")["pk"] for n in range(3)} == {f"{SLUG}#00"}
    assert keys.signature(SLUG, "ff" * 17)["pk"] == keys.bucket(SLUG, keys.BUCKETS[-1])
    assert keys.subscriber(SLUG, "ff" * 17)["pk"] == keys.shard(SLUG, keys.SHARDS[-1])


def test_chunks_are_sorted_by_number() -> None:
    numbers = [9, 10, 99_999, 100_000, 123_456, 1_000_000]
    for key in (keys.chunk, keys.chunk_events, keys.open_group):
        entries = [key(ALERT, number)["sk"] for number in numbers]

        assert entries == sorted(entries)


def test_the_schedule_is_sorted_by_time() -> None:
    moments = [datetime(2026, 1, 31, hour, tzinfo=UTC) for hour in (9, 10, 23)]
    entries = [keys.scheduled(moment, NEWS)["sk"] for moment in moments]

    assert entries == sorted(entries)
