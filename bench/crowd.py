"""What a crowd asks of every resource of the stack, beside the limit of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from bench import journeys, packaged_work, quotas
from bench.calls import Bills
from bench.quotas import Quota
from bench.reporting import figure
from bench.using import Use
from chalicelib.config import Settings
from chalicelib.store import keys

_SECRETS: Final = "ssm.GetParameters"
_RAMP_SECONDS: Final = 10
"""All processes are taken to start within this time: the worst that a crowd can do."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What the crowd asks of one resource, beside its limit; `why` is how it was computed."""

    quota: Quota
    demand: float
    why: str

    @property
    def share(self) -> float:
        """The demand as a multiple of the limit: above 1 it breaks."""
        return self.demand / self.quota.limit


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """So many confirmed signatures a second, and what each uses."""

    use: Use
    bills: Bills
    rate: float

    def at_once(self, *, visited: bool) -> float:
        """Functions busy at once: arrivals times how long each takes."""
        return self.rate * sum(
            act.count * act.seconds for act in self.use.acts.values() if act.visited is visited
        )

    @property
    def mail_seconds(self) -> float:
        """How long one mail keeps its function busy."""
        return self.use.acts[packaged_work.SEND_MAIL].seconds

    @property
    def mails(self) -> float:
        """Mails a second."""
        return self.rate * self.use.mails

    @property
    def signature_writes(self) -> float:
        """Write units a second of the table of signatures."""
        return self.rate * self.bills.steady[journeys.CONFIRMED].write_units

    @property
    def shards(self) -> int:
        """Shards of the stream: as many as the partitions that a new table begins with, or more."""
        limit = quotas.PARTITION_WRITES.limit
        return max(int(quotas.TABLE_WRITES.limit / limit), ceil(self.signature_writes / limit))


def loads(crowd: Crowd) -> Sequence[Load]:
    """Every resource, the most burdened first."""
    found = [*_front(crowd), *_tables(crowd), *_behind(crowd)]
    return sorted(found, key=lambda load: -load.share)


def _front(crowd: Crowd) -> Sequence[Load]:
    use = crowd.use
    web, mailers = crowd.at_once(visited=True), crowd.at_once(visited=False)
    secrets = {
        True: crowd.bills.first[journeys.ASKED].calls[_SECRETS],
        False: crowd.bills.first[journeys.MAILED].calls[_SECRETS],
    }
    fresh = (web * secrets[True] + mailers * secrets[False]) / _RAMP_SECONDS
    return (
        Load(
            quota=quotas.EDGE_REQUESTS,
            demand=crowd.rate * use.edge_requests,
            why="counted requests; views are assumed",
        ),
        Load(
            quota=quotas.EDGE_GIGABITS,
            demand=crowd.rate * use.edge_bytes * 8 / 1e9,
            why="measured weight of the page",
        ),
        Load(
            quota=quotas.API_REQUESTS,
            demand=crowd.rate * use.api_requests,
            why="counted requests; the cache's share is assumed",
        ),
        Load(
            quota=quotas.CONCURRENCY,
            demand=web + mailers,
            why=f"arrivals × measured CPU and assumed waits: {figure(web)} for visitors, "
            f"{figure(mailers)} for mails and tally",
        ),
        Load(
            quota=quotas.RAMP,
            demand=web,
            why=f"all of the visitors' functions within {_RAMP_SECONDS} seconds",
        ),
        Load(
            quota=quotas.PARAMETERS,
            demand=fresh,
            why=f"counted reads of a fresh process, all started within {_RAMP_SECONDS} seconds",
        ),
    )


def _tables(crowd: Crowd) -> Sequence[Load]:
    use, bills = crowd.use, crowd.bills
    desk = crowd.rate * use.write_units - crowd.signature_writes
    caps = crowd.mails * bills.steady[journeys.MAILED].write_units / len(keys.BUCKETS)
    tally = crowd.shards * quotas.POLLS_PER_SECOND * bills.tally_with_fences.write_units
    processes = crowd.at_once(visited=True)
    page = bills.steady[journeys.COLD].read_units / Settings.page_cache_seconds
    return (
        _named(quotas.TABLE_WRITES, "desk", desk, "counted units: limits, claims, tally"),
        _named(quotas.TABLE_WRITES, "signatures", crowd.signature_writes, "counted units"),
        _named(
            quotas.PARTITION_WRITES,
            "a mail cap",
            caps,
            f"counted units over {len(keys.BUCKETS)} keys a day",
        ),
        _named(
            quotas.PARTITION_WRITES,
            "a bucket of signatures",
            crowd.signature_writes / len(keys.BUCKETS),
            f"counted units over {len(keys.BUCKETS)} keys",
        ),
        _named(
            quotas.PARTITION_WRITES,
            "the tally",
            tally,
            f"{crowd.shards} shards, read {quotas.POLLS_PER_SECOND} times a second, counted units",
        ),
        _named(
            quotas.PARTITION_READS,
            "petition and tally",
            processes * page,
            f"each process reads them every {Settings.page_cache_seconds} seconds",
        ),
    )


def _behind(crowd: Crowd) -> Sequence[Load]:
    polls = crowd.shards * quotas.POLLS_PER_SECOND
    at_once = crowd.mails * crowd.mail_seconds
    return (
        Load(quota=quotas.MAIL_RATE, demand=crowd.mails, why="one mail for each form"),
        Load(quota=quotas.MAPPING, demand=at_once, why="mails × how long one takes"),
        Load(quota=quotas.IN_FLIGHT, demand=at_once, why="mails that are being worked on"),
        Load(
            quota=quotas.STREAM_BATCH,
            demand=crowd.rate / polls,
            why=f"signatures between two readings of {crowd.shards} shards",
        ),
    )


def _named(quota: Quota, what: str, demand: float, why: str) -> Load:
    return Load(quota=replace(quota, name=f"{quota.name}: {what}"), demand=demand, why=why)
