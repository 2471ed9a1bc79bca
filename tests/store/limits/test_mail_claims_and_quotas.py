"""Mail claims, mail quotas and the values of a day."""

from datetime import date, timedelta

from chalicelib.store import keys
from chalicelib.store.dynamodb.items import Item
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.limits import daily_keys, mail_claims, quotas
from chalicelib.store.limits.mail_claims import CLAIM_LEASE, Claim
from tests.builders import NOW

DAY = NOW.date()
ADDRESS, OTHER = "9c" * 16, "77" * 16


def _claim(
    limits_table: Table, job: str, *, cap: int = 3, minutes: float = 0, address: str = ADDRESS
) -> Claim:
    now = NOW + timedelta(minutes=minutes)
    return mail_claims.claim_mail(limits_table, address, job, day=DAY, cap=cap, now=now)


def _mail_count(limits_table: Table) -> int:
    item = limits_table.find(keys.mail_limit(DAY, ADDRESS))
    assert item
    return int(item["mail_count"])


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
    _claim(limits_table, "a")
    quotas.count_post(limits_table, OTHER, cap=1, now=NOW)

    items = [
        limits_table.find(key)
        for key in (
            keys.limit_value(DAY),
            keys.mail_limit(DAY, ADDRESS),
            keys.post_limit(NOW, OTHER),
        )
    ]

    lives = [item["expires_at"] - NOW.timestamp() for item in items if item]
    assert lives == [172_800, 172_800, 7_200]


def test_a_hash_depends_on_the_key_and_on_the_text() -> None:
    hashes = {daily_keys.keyed_hash(k, t) for k in (b"a", b"b") for t in ("x", "y")}

    assert len(hashes) == 4


def test_a_job_is_claimed_once_and_done_once_it_is_marked(limits_table: Table) -> None:
    claims = [_claim(limits_table, "a"), _claim(limits_table, "a")]
    mail_claims.mark_mailed(limits_table, ADDRESS, "a", day=DAY)

    assert claims == [Claim.TAKEN, Claim.RUNNING]
    assert _claim(limits_table, "a") is Claim.DONE
    assert _mail_count(limits_table) == 1


def test_an_expired_claim_is_taken_over_once(limits_table: Table) -> None:
    lease = CLAIM_LEASE.total_seconds() / 60
    _claim(limits_table, "a")

    within = _claim(limits_table, "a", minutes=lease - 0.01)
    over = _claim(limits_table, "a", minutes=lease)
    again = _claim(limits_table, "a", minutes=lease)

    assert [within, over, again] == [Claim.RUNNING, Claim.TAKEN, Claim.RUNNING]
    assert _mail_count(limits_table) == 1


def test_a_claim_that_another_worker_took_over_is_running(limits_table: Table) -> None:
    _claim(limits_table, "a")
    expired = (limits_table.find(keys.mail_limit(DAY, ADDRESS)) or {})["job#a"]
    _claim(limits_table, "a", minutes=10)

    late = mail_claims._take_over(
        limits_table, keys.mail_limit(DAY, ADDRESS), "job#a", expired, "claimed@1"
    )

    assert late is Claim.RUNNING


def test_an_address_gets_no_more_mails_than_its_cap(limits_table: Table) -> None:
    claims = [_claim(limits_table, job, cap=2) for job in "abc"]
    mail_claims.mark_mailed(limits_table, ADDRESS, "a", day=DAY)

    assert claims == [Claim.TAKEN, Claim.TAKEN, Claim.OVER_CAP]
    assert _claim(limits_table, "a", cap=2) is Claim.DONE
    assert _claim(limits_table, "c", cap=2, address=OTHER) is Claim.TAKEN


def test_a_released_claim_does_not_count_however_often_it_is_released(
    limits_table: Table,
) -> None:
    _claim(limits_table, "a")
    _claim(limits_table, "b")

    mail_claims.release_mail(limits_table, ADDRESS, "a", day=DAY)
    mail_claims.release_mail(limits_table, ADDRESS, "a", day=DAY)

    assert _mail_count(limits_table) == 1
    assert _claim(limits_table, "a") is Claim.TAKEN


def test_a_mail_that_was_sent_cannot_be_released(limits_table: Table) -> None:
    _claim(limits_table, "a")
    mail_claims.mark_mailed(limits_table, ADDRESS, "a", day=DAY)

    mail_claims.release_mail(limits_table, ADDRESS, "a", day=DAY)

    assert _claim(limits_table, "a") is Claim.DONE
    assert _mail_count(limits_table) == 1
