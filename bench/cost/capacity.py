"""What breaks first at 100,000 signatures a minute? Demand on every resource beside its quota."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from bench.calls import Bills
from bench.cost import cost_model, stack_settings, usage
from bench.cost.usage import Usage
from bench.instruments import packaged_functions
from bench.instruments.reporting import Chapter, figure, ratio, table
from bench.journeys import steps
from chalicelib.config import Settings
from chalicelib.store import keys

A_MINUTE: Final = 100_000
_RAMP_SECONDS: Final = 10
"""All processes are taken to start within this time: the worst case."""
_READS_A_SECOND: Final = 4
"""Times a second that Lambda reads a shard (Lambda developer guide, "Using AWS Lambda with Amazon
DynamoDB")."""
TABLE_WRITES: Final = "DynamoDB: writes of a new on-demand table"
PARTITION_WRITES: Final = "DynamoDB: writes of one partition"
_PARTITION_READS: Final = "DynamoDB: reads of one partition"
_QUOTAS: Final[Mapping[str, Any]] = {
    quota["name"]: {**page, **quota} for page in cost_model.AWS["quotas"] for quota in page["of"]
}


@dataclass(frozen=True, kw_only=True)
class QuotaUse:
    """What is asked of one resource: the name of its quota, which `part` of it, computed how."""

    quota: str
    part: str = ""
    amount: float
    computed: str

    @property
    def name(self) -> str:
        """The quota and its part."""
        return f"{self.quota}: {self.part}" if self.part else self.quota

    @property
    def share(self) -> float:
        """The demand as a multiple of the quota: above 1 it breaks."""
        return float(self.amount / _QUOTAS[self.quota]["limit"])


def demands(used: Usage, bills: Bills, rate: float) -> Sequence[QuotaUse]:
    """What `rate` confirmed signatures a second ask of every resource, the tightest first."""
    listed = [*_requests(used, bills, rate), *_tables(used, bills, rate)]
    return sorted(listed, key=lambda demand: -demand.share)


def at_once(used: Usage, rate: float, *, visited: bool) -> float:
    """Functions busy at once: arrivals times how long each takes (Little's law)."""
    steps = [step for step in used.steps.values() if step.visited is visited]
    return rate * sum(step.count * step.seconds for step in steps)


def _shards(signature_writes: float) -> int:
    """Shards of the stream: as many as a new table has partitions, or more."""
    table_writes, partition_writes = (
        int(_QUOTAS[name]["limit"]) for name in (TABLE_WRITES, PARTITION_WRITES)
    )
    return max(table_writes // partition_writes, ceil(signature_writes / partition_writes))


def _secrets(bills: Bills, step: str) -> int:
    """Calls to SSM of a new process."""
    return sum(n for name, n in bills.first[step].calls.items() if name.startswith("ssm."))


def _requests(used: Usage, bills: Bills, rate: float) -> Sequence[QuotaUse]:
    units = used.units
    web, behind = (at_once(used, rate, visited=visited) for visited in (True, False))
    secrets = web * _secrets(bills, steps.ASKED) + behind * _secrets(bills, steps.MAILED)
    mails = rate * units[usage.MAILS]
    mails_at_once = mails * used.steps[packaged_functions.SEND_MAIL].seconds
    shards = _shards(rate * bills.steady[steps.CONFIRMED].write_units)
    gigabits = rate * units[usage.EDGE_GIGABYTES] * usage.GIGABYTE * 8 / 1e9
    listed = [
        ("CloudFront: requests per distribution", rate * units[usage.EDGE_REQUESTS],
         "measured requests; views are assumed"),
        ("CloudFront: data rate per distribution", gigabits, "measured weight of the page"),
        ("API Gateway: requests of an account", rate * units[usage.API],
         "measured requests; the cache's share is assumed"),
        ("Lambda: functions at once in an account", web + behind,
         f"arrivals × CPU and waits: {figure(web)} for visitors, {figure(behind)} for the rest"),
        ("Lambda: new processes of one function", web,
         f"all of the visitors' processes start within {_RAMP_SECONDS} seconds"),
        ("SSM: secrets read", secrets / _RAMP_SECONDS,
         f"measured reads of a new process, all started within {_RAMP_SECONDS} seconds"),
        ("SES: mails, sandbox", mails, "one mail for each form"),
        ("Lambda: mails sent at once, of one queue", mails_at_once, "mails × how long one takes"),
        ("SQS: messages of a queue in flight", mails_at_once, "mails being sent"),
        ("stream: changes in one batch", rate / shards / _READS_A_SECOND,
         f"signatures between two readings of {shards} shards"),
    ]  # fmt: skip
    return [QuotaUse(quota=name, amount=amount, computed=how) for name, amount, how in listed]


def _tables(used: Usage, bills: Bills, rate: float) -> Sequence[QuotaUse]:
    buckets = len(keys.BUCKETS)
    signatures = rate * bills.steady[steps.CONFIRMED].write_units
    petition_writes = rate * used.units[usage.WRITES] - signatures
    caps = rate * used.units[usage.MAILS] * bills.steady[steps.MAILED].write_units
    shards = _shards(signatures)
    tally = shards * _READS_A_SECOND * bills.tally_with_fences.write_units
    page = bills.steady[steps.COLD].read_units / Settings.page_cache_seconds
    reads = at_once(used, rate, visited=True) * page
    over_keys = f"measured units over {buckets} keys"
    listed = [
        (TABLE_WRITES, "petitions", petition_writes, "measured units: limits, claims, tally"),
        (TABLE_WRITES, "signatures", signatures, "measured units"),
        (PARTITION_WRITES, "a mail cap", caps / buckets, f"{over_keys} a day"),
        (PARTITION_WRITES, "a bucket of signatures", signatures / buckets, over_keys),
        (PARTITION_WRITES, "the tally", tally,
         f"{shards} shards, read {_READS_A_SECOND} times a second, measured units"),
        (_PARTITION_READS, "petition and tally", reads,
         f"each process reads them every {Settings.page_cache_seconds} seconds"),
    ]  # fmt: skip
    return [
        QuotaUse(quota=name, part=part, amount=amount, computed=how)
        for name, part, amount, how in listed
    ]


def chapter(used: Usage, bills: Bills) -> Chapter:
    """Demand and quota of every resource, and what becomes of the mails."""
    rate = A_MINUTE / 60
    listed = demands(used, bills, rate)
    heads = ("resource", "demand", "quota", "of the quota", "computed from", "moved by", "page")
    rows = [_row(demand) for demand in listed]
    over = "; ".join(demand.name for demand in listed if demand.share > 1)
    logged = rate * used.units[usage.LOGS] * 1024
    text = f"""
{figure(A_MINUTE)} confirmed signatures a minute, {figure(rate)} a second, that all begin at once.
**Nothing of this has been seen on AWS**: demand is computed from the counts and CPU times measured
above and the assumptions of the dollars; quotas are AWS's documented defaults, read on
{cost_model.AWS["quotas_read"]}.
Above 1 × a resource breaks, the first row first.

{table(heads, rows)}
With every default left as it is, these break, in this order: {over or "none"}. All others hold.

{_mails(used, rate)}

What only slows down: visitors are refused only where API Gateway, Lambda or a table is over its
quota. Mails, the tally and alerts wait in a queue or a stream; a late mail loses no signature,
since its link works for {Settings.link_days} days from the form. CloudWatch takes in
{figure(logged)} MB of logs a second; no quota on that was found.
"""
    return Chapter(title="On the way to 100,000 a minute", command="make bench", text=text)


def _row(demand: QuotaUse) -> Sequence[str]:
    quota = _QUOTAS[demand.quota]
    return (
        demand.name,
        figure(demand.amount),
        f"{figure(quota['limit'])} {quota['unit']}",
        ratio(demand.share),
        demand.computed,
        quota["moved_by"],
        quota["page"],
    )


def _mails(used: Usage, rate: float) -> str:
    """How long the mails of one such minute take, if SES takes them as fast as they are sent."""
    concurrency = stack_settings.mail_concurrency()
    seconds = used.steps[packaged_functions.SEND_MAIL].seconds
    pace = concurrency / seconds
    count = rate * used.units[usage.MAILS] * 60
    return (
        f"Mail decides. {concurrency} at once (MailConcurrency) send {figure(pace)} mails a "
        f"second, so the {figure(count)} mails of one such minute take "
        f"{figure(count / pace / 60)} minutes, if SES lets us send so fast: mails wait in the "
        "queue for their slots, and one that SES throttles comes again in seconds, for four days. "
        "So MailConcurrency belongs to SES's rate: that rate times "
        f"{figure(seconds)} seconds, and 2 at least."
    )
