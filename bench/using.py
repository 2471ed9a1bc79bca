"""What one confirmed signature uses of AWS: measured counts and sizes, and stated assumptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bench import deployed, journeys, packaged_work
from bench.calls import Bills
from bench.cold_start import Starts
from bench.gate import Bill
from bench.page import Weight

CORE_MEGABYTES: Final = 1769
"""Memory with which a function has one core (Lambda developer guide, "Configure memory")."""
ITEM_OVERHEAD: Final = 100
"""Bytes that DynamoDB adds to each stored item (DynamoDB pricing, "Data storage")."""


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What no machine without visitors can measure. Counts are for each confirmed signature."""

    views: float = field(default=5, metadata={"meaning": "views of the petition's page"})
    missed: float = field(
        default=0.2, metadata={"meaning": "share of views that CloudFront asks the function for"}
    )
    asked: float = field(
        default=1.25,
        metadata={"meaning": "sign forms sent, each with a mail (four in five confirm)"},
    )
    followed: float = field(
        default=2, metadata={"meaning": "times that a mail's link is followed, scanners included"}
    )
    cold: float = field(
        default=0.01, metadata={"meaning": "share of calls of a function that start a process"}
    )
    call_seconds: float = field(
        default=0.01,
        metadata={"meaning": "seconds that a call to DynamoDB, SQS or SSM is waited for"},
    )
    mail_seconds: float = field(
        default=0.1, metadata={"meaning": "seconds that a call to SES is waited for"}
    )
    batch: float = field(default=100, metadata={"meaning": "changes in a batch of the stream"})
    platform_log_bytes: float = field(
        default=400, metadata={"meaning": "bytes that Lambda writes to the log on its own account"}
    )
    access_log_bytes: float = field(
        default=200, metadata={"meaning": "bytes of API Gateway's access log for a request"}
    )


@dataclass(frozen=True, kw_only=True)
class Act:
    """One kind of work: how often a signature has it done, by which function, at which cost.

    `seconds` is how long a warm function is busy, `cold_seconds` what a fresh one adds; `visited`
    says that it is asked for through API Gateway.
    """

    count: float
    function: str
    visited: bool
    seconds: float
    cold_seconds: float
    bill: Bill
    log_bytes: float

    @property
    def gigabyte_seconds(self) -> float:
        """What Lambda charges for one call of it, were it warm."""
        return self.seconds * deployed.memory(self.function) / 1024


@dataclass(frozen=True, kw_only=True)
class Use:
    """What one confirmed signature uses, from the first view to its share of the tally."""

    acts: Mapping[str, Act]
    assumed: Assumptions
    page_bytes: int
    stored_bytes: int

    @property
    def api_requests(self) -> float:
        """Requests that reach API Gateway."""
        return sum(act.count for act in self.acts.values() if act.visited)

    @property
    def edge_requests(self) -> float:
        """Requests that reach CloudFront: every view, and what is not the page."""
        assumed = self.assumed
        return self.api_requests + assumed.views * (1 - assumed.missed)

    @property
    def edge_bytes(self) -> float:
        """Bytes to visitors, every answer taken to be as heavy as the heaviest petition page."""
        return self.edge_requests * self.page_bytes

    @property
    def invocations(self) -> float:
        """Calls of functions."""
        return sum(act.count for act in self.acts.values())

    @property
    def gigabyte_seconds(self) -> float:
        """Lambda's time, the share of fresh processes included."""
        return sum(
            act.count
            * (act.gigabyte_seconds + self.assumed.cold * act.cold_seconds * _gigabytes(act))
            for act in self.acts.values()
        )

    @property
    def write_units(self) -> float:
        """Write units of all tables."""
        return sum(act.count * act.bill.write_units for act in self.acts.values())

    @property
    def read_units(self) -> float:
        """Read units of all tables."""
        return sum(act.count * act.bill.read_units for act in self.acts.values())

    @property
    def queue_requests(self) -> float:
        """Messages put on a queue, taken off it and deleted, each by a request of its own."""
        sent = sum(act.count * act.bill.calls["sqs.SendMessage"] for act in self.acts.values())
        return 3 * sent

    @property
    def mails(self) -> float:
        """Mails handed to SES."""
        return sum(act.count * act.bill.calls["sesv2.SendEmail"] for act in self.acts.values())

    @property
    def log_bytes(self) -> float:
        """Bytes that CloudWatch takes in."""
        ours = sum(act.count * act.log_bytes for act in self.acts.values())
        lambdas = self.invocations * self.assumed.platform_log_bytes
        return ours + lambdas + self.api_requests * self.assumed.access_log_bytes


def of(
    bills: Bills, weights: Mapping[str, Weight], starts: Starts, assumed: Assumptions | None = None
) -> Use:
    """What a signature uses, from what has been measured in one run."""
    assumed = assumed or Assumptions()
    steady = bills.steady
    kinds: Sequence[tuple[str, float, Bill]] = (
        (packaged_work.PAGE, assumed.views * assumed.missed, steady[journeys.COLD]),
        (packaged_work.SIGN, assumed.asked, steady[journeys.ASKED]),
        (packaged_work.SEND_MAIL, assumed.asked, steady[journeys.MAILED]),
        (packaged_work.LINK, assumed.followed, steady[journeys.SHOWN]),
        (packaged_work.CONFIRM, 1, steady[journeys.CONFIRMED]),
        (packaged_work.TALLY, 1 / assumed.batch, bills.tally_with_fences),
    )
    return Use(
        acts={name: act(name, count, bill, starts, assumed) for name, count, bill in kinds},
        assumed=assumed,
        page_bytes=max(weight.gzip for weight in weights.values()),
        stored_bytes=bills.signature_bytes + ITEM_OVERHEAD,
    )


def act(name: str, count: float, bill: Bill, starts: Starts, assumed: Assumptions) -> Act:
    """A kind of work with the time that it takes in Lambda.

    CPU time is stretched by the share of a core that the function's memory buys; calls are waited
    for one after another.
    """
    warm = starts.warm[name]
    stretch = max(1.0, CORE_MEGABYTES / deployed.memory(warm.function))
    mails = bill.calls["sesv2.SendEmail"]
    waits = (bill.call_count - mails) * assumed.call_seconds + mails * assumed.mail_seconds
    return Act(
        count=count,
        function=warm.function,
        visited=warm.function == packaged_work.WEB,
        seconds=warm.cpu * stretch + waits,
        cold_seconds=starts.cpu(name) * stretch,
        bill=bill,
        log_bytes=warm.log_bytes,
    )


def _gigabytes(done: Act) -> float:
    return deployed.memory(done.function) / 1024
