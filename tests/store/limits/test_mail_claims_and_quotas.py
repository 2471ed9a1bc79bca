"""Mail claims, the quotas of addresses, networks and domains, and the values of a day."""

from datetime import date, timedelta
from typing import Any

import pytest

from bench.instruments import capacity_units
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item, serialize
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.limits import daily_keys, domain_counts, mail_claims, quotas
from chalicelib.store.limits.mail_claims import CLAIM_LEASE, Claim, QueuedMail
from tests.builders import NOW

DAY = NOW.date()
ADDRESS, OTHER = "9c" * 16, "77" * 16


def _mail(
    job: str, *, address: str = ADDRESS, kind: str = "signature", asker: str = "a"
) -> QueuedMail:
    return QueuedMail(job_id=job, day=DAY, address_hash=address, kind=kind, asker=asker)


def _claim(
    limits_table: Table,
    mail: QueuedMail,
    *,
    cap: int = 9,
    network_cap: int = 3,
    minutes: float = 0,
) -> Claim:
    now = NOW + timedelta(minutes=minutes)
    return mail_claims.claim_mail(limits_table, mail, cap=cap, network_cap=network_cap, now=now)


def _counts(limits_table: Table) -> dict[str, int]:
    """The counts of the address, by the end of their names."""
    item = limits_table.find(keys.mail_limit(DAY, ADDRESS)) or {}
    return {
        name.removeprefix("mails#"): int(count)
        for name, count in item.items()
        if name.startswith("mails#")
    }


def test_each_day_has_one_value_of_its_own(
    limits_table: Table,
) -> None:
    first = daily_keys.get_value(limits_table, DAY, now=NOW)
    again = daily_keys.get_value(limits_table, DAY, now=NOW)
    tomorrow = daily_keys.get_value(limits_table, date(2026, 3, 9), now=NOW)

    assert first == again
    assert first != tomorrow
    assert len(first) == len(tomorrow) == 32


def test_two_concurrent_processes_get_the_same_value(limits_table: Table) -> None:
    class Late(Table):
        """A table that another process writes to after each read."""

        def find(self, key: keys.Key, *, consistent: bool = False) -> Item | None:
            item = super().find(key, consistent=consistent)
            daily_keys.get_value(limits_table, DAY, now=NOW)
            return item

    late = Late(name=limits_table.name, client=limits_table.client)

    assert daily_keys.get_value(late, DAY, now=NOW) == daily_keys.get_value(
        limits_table, DAY, now=NOW
    )


def test_the_value_of_a_day_expires_with_the_counts_under_it(limits_table: Table) -> None:
    daily_keys.get_value(limits_table, DAY, now=NOW)
    _claim(limits_table, _mail("a"))
    quotas.count_post(limits_table, [OTHER], caps=[1], now=NOW)
    domain_counts.place_of(limits_table, OTHER, ADDRESS, day=DAY, most=9, now=NOW)

    items = [
        limits_table.find(key)
        for key in (
            keys.limit_value(DAY),
            keys.mail_limit(DAY, ADDRESS),
            keys.domain_limit(DAY, OTHER),
            keys.post_limit(NOW, OTHER),
        )
    ]

    lives = [item["expires_at"] - NOW.timestamp() for item in items if item]
    assert lives == [172_800, 172_800, 172_800, 7_200]


def test_a_hash_depends_on_the_key_and_on_the_text() -> None:
    hashes = {daily_keys.keyed_hash(k, t) for k in (b"a", b"b") for t in ("x", "y")}

    assert len(hashes) == 4


def test_a_job_is_claimed_once_and_done_once_it_is_marked(limits_table: Table) -> None:
    claims = [_claim(limits_table, _mail("a")), _claim(limits_table, _mail("a"))]
    mail_claims.mark_mailed(limits_table, _mail("a"))

    assert claims == [Claim.TAKEN, Claim.RUNNING]
    assert _claim(limits_table, _mail("a")) is Claim.DONE
    assert _counts(limits_table) == {"signature": 1, "signature#a": 1}


def test_an_expired_claim_is_taken_over_once(limits_table: Table) -> None:
    lease = CLAIM_LEASE.total_seconds() / 60
    _claim(limits_table, _mail("a"))

    within = _claim(limits_table, _mail("a"), minutes=lease - 0.01)
    over = _claim(limits_table, _mail("a"), minutes=lease)
    again = _claim(limits_table, _mail("a"), minutes=lease)

    assert [within, over, again] == [Claim.RUNNING, Claim.TAKEN, Claim.RUNNING]
    assert _counts(limits_table) == {"signature": 1, "signature#a": 1}


def test_a_claim_that_another_worker_took_over_is_running(limits_table: Table) -> None:
    _claim(limits_table, _mail("a"))
    expired = (limits_table.find(keys.mail_limit(DAY, ADDRESS)) or {})["job#a"]
    _claim(limits_table, _mail("a"), minutes=10)

    late = mail_claims._take_over(limits_table, _mail("a"), expired, "claimed@1")

    assert late is Claim.RUNNING


def test_one_network_gets_no_more_mails_to_an_address_than_its_cap(limits_table: Table) -> None:
    claims = [_claim(limits_table, _mail(job), network_cap=2) for job in "abc"]
    mail_claims.mark_mailed(limits_table, _mail("a"))

    assert claims == [Claim.TAKEN, Claim.TAKEN, Claim.OVER_CAP]
    assert _claim(limits_table, _mail("a"), network_cap=2) is Claim.DONE
    assert _claim(limits_table, _mail("c", asker="b"), network_cap=2) is Claim.TAKEN
    assert _claim(limits_table, _mail("d", kind="news"), network_cap=2) is Claim.TAKEN
    assert _claim(limits_table, _mail("e", address=OTHER), network_cap=2) is Claim.TAKEN


def test_all_networks_together_have_a_cap_for_each_kind(limits_table: Table) -> None:
    claims = [_claim(limits_table, _mail(asker, asker=asker), cap=2) for asker in "abc"]

    assert claims == [Claim.TAKEN, Claim.TAKEN, Claim.OVER_CAP]
    assert _claim(limits_table, _mail("d", kind="own-page", asker="c"), cap=2) is Claim.TAKEN


def test_a_refused_mail_counts_for_nobody(limits_table: Table) -> None:
    for job in "abcde":
        _claim(limits_table, _mail(job), network_cap=2)
    _claim(limits_table, _mail("f", asker="b"), cap=2)

    assert _counts(limits_table) == {"signature": 2, "signature#a": 2}


def test_a_released_claim_does_not_count_however_often_it_is_released(
    limits_table: Table,
) -> None:
    _claim(limits_table, _mail("a"))
    _claim(limits_table, _mail("b", asker="b"))

    mail_claims.release_mail(limits_table, _mail("a"))
    mail_claims.release_mail(limits_table, _mail("a"))

    assert _counts(limits_table) == {"signature": 1, "signature#a": 0, "signature#b": 1}
    assert _claim(limits_table, _mail("a")) is Claim.TAKEN


def test_a_mail_that_was_sent_cannot_be_released(limits_table: Table) -> None:
    _claim(limits_table, _mail("a"))
    mail_claims.mark_mailed(limits_table, _mail("a"))

    mail_claims.release_mail(limits_table, _mail("a"))

    assert _claim(limits_table, _mail("a")) is Claim.DONE
    assert _counts(limits_table) == {"signature": 1, "signature#a": 1}


def test_the_item_of_a_bombed_address_stays_small(limits_table: Table) -> None:
    """Twelve mails of each of three kinds, each asked for by a network of its own."""
    for kind in ("signature", "news", "own-page"):
        for number in range(12):
            asker = f"{number:016x}" * 2
            mail = _mail(f"{kind:0<16}{number:016x}", kind=kind, asker=asker)
            assert _claim(limits_table, mail, cap=12) is Claim.TAKEN

    item = limits_table.find(keys.mail_limit(DAY, ADDRESS))
    assert capacity_units.item_bytes(serialize(item or {})) < 4 * 1024


# Posts of networks.

WIDEST, MIDDLE, NARROWEST = "aa" * 16, "bb" * 16, "cc" * 16


def _post(limits_table: Table, *hashes: str, caps: list[int], slow: list[int] | None = None) -> Any:
    quota = quotas.count_post(limits_table, hashes, caps=caps, slow_caps=slow or (), now=NOW)
    return (*quota.counts, quota.counted)


def test_nested_networks_are_counted_in_one_item(limits_table: Table) -> None:
    nested = [
        _post(limits_table, WIDEST, MIDDLE, NARROWEST, caps=[9, 9, 9]),
        _post(limits_table, WIDEST, MIDDLE, "dd" * 16, caps=[9, 9, 9]),
        _post(limits_table, WIDEST, "ee" * 16, "ff" * 16, caps=[9, 9, 9]),
    ]

    assert nested == [(1, 1, 1, True), (2, 2, 1, True), (3, 1, 1, True)]


@pytest.mark.parametrize("full", range(3))
def test_a_post_counts_nowhere_when_one_of_nested_networks_is_full(
    limits_table: Table, full: int
) -> None:
    caps = [9, 9, 9]
    caps[full] = 1
    _post(limits_table, WIDEST, MIDDLE, NARROWEST, caps=caps)

    assert _post(limits_table, WIDEST, MIDDLE, NARROWEST, caps=caps) == (1, 1, 1, False)


@pytest.mark.parametrize("full", range(3))
def test_the_slow_lane_of_each_nested_network_has_a_cap_of_its_own(
    limits_table: Table, full: int
) -> None:
    slow = [9, 9, 9]
    slow[full] = 1
    nested = (WIDEST, MIDDLE, NARROWEST)
    counts = [
        _post(limits_table, *nested, caps=[9, 9, 9]),
        _post(limits_table, *nested, caps=[9, 9, 9], slow=slow),
        _post(limits_table, *nested, caps=[9, 9, 9], slow=slow),
    ]

    assert counts == [(1, 1, 1, True), (2, 2, 2, True), (2, 2, 2, False)]


def test_the_item_of_a_flooding_network_stays_small(limits_table: Table) -> None:
    """A /48 has 65,536 /64, which share 256 counts; so do its 256 /56."""
    for number in range(256):
        inner = f"{number:02x}" * 16
        slow = [80, 40, 20] if number < 80 else None
        _post(limits_table, WIDEST, inner, inner, caps=[2400, 1200, 600], slow=slow)

    item = limits_table.find(keys.post_limit(NOW, WIDEST))
    assert capacity_units.item_bytes(serialize(item or {})) < 5 * 1024


# Mailboxes of a domain.


def _places(limits_table: Table, mailboxes: str, *, most: int = 9) -> list[int]:
    return [
        domain_counts.place_of(limits_table, OTHER, mailbox * 32, day=DAY, most=most, now=NOW)
        for mailbox in mailboxes
    ]


def test_a_mailbox_keeps_its_place_of_the_day(limits_table: Table) -> None:
    assert _places(limits_table, "abacb") == [1, 2, 1, 3, 2]


def test_mailboxes_beyond_the_last_place_share_it_and_are_not_stored(limits_table: Table) -> None:
    assert _places(limits_table, "abcda", most=2) == [1, 2, 2, 2, 1]
    item = limits_table.find(keys.domain_limit(DAY, OTHER)) or {}
    assert len([name for name in item if name.startswith("mailbox#")]) == 2
