"""What one confirmed signature uses of AWS: measured counts and sizes, and stated assumptions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bench.calls import Bills
from bench.cold_start import Starts
from bench.cost import stack_settings
from bench.instruments import packaged_functions
from bench.instruments.call_recorder import Bill
from bench.journeys import steps
from bench.page import Weight

GIGABYTE: Final = 1024**3
_CORE_GB: Final = 1769 / 1024
"""Memory with which a function has one core (Lambda developer guide, "Configure memory")."""
_ITEM_OVERHEAD: Final = 100
"""Bytes that DynamoDB adds to each stored item (DynamoDB pricing, "Data storage")."""
# The names of what is charged, as in aws.toml.
MAILS: Final = "SES mails"
API: Final = "API Gateway, REST"
EDGE_REQUESTS: Final = "CloudFront requests"
EDGE_GIGABYTES: Final = "CloudFront traffic"
COMPUTE: Final = "Lambda, arm64"
INVOCATIONS: Final = "Lambda requests"
WRITES: Final = "DynamoDB writes"
READS: Final = "DynamoDB reads"
QUEUES: Final = "SQS"
LOGS: Final = "CloudWatch logs"
Amounts = Mapping[str, float]
"""Units or dollars, by the name of what is charged."""


def _assumed(value: float, meaning: str) -> Any:
    return field(default=value, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What cannot be measured before anybody visits. Counts are for each confirmed signature."""

    views: float = _assumed(5, "views of the petition's page")
    missed: float = _assumed(0.2, "share of views that CloudFront asks the function for")
    asked: float = _assumed(1.25, "sign forms sent, each with a mail (four in five confirm)")
    followed: float = _assumed(2, "times that a mail's link is followed, scanners included")
    cold: float = _assumed(0.01, "share of calls of a function that start a process")
    call_seconds: float = _assumed(0.01, "seconds that a call to DynamoDB, SQS or SSM takes")
    mail_seconds: float = _assumed(0.1, "seconds that a call to SES takes")
    batch: float = _assumed(100, "changes in a batch of the stream")
    platform_log_bytes: float = _assumed(400, "bytes that Lambda itself logs for each call")


@dataclass(frozen=True, kw_only=True)
class Step:
    """Work of one function, `count` times for a signature.

    `seconds` is how long a warm process is busy with it, `start_seconds` what a new one adds.
    """

    count: float
    function: str
    bill: Bill
    seconds: float
    start_seconds: float
    log_bytes: float

    @property
    def visited(self) -> bool:
        """Whether it is asked for through API Gateway."""
        return self.function == packaged_functions.WEB


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one confirmed signature uses, from the first view to its share of the tally."""

    steps: Mapping[str, Step]
    assumed: Assumptions
    page_bytes: int
    page_files: int
    stored_bytes: int

    @property
    def units(self) -> Amounts:
        """Units that are charged, of everything but storage.

        Every answer is taken to be as heavy as the heaviest petition page with its files, and every
        view to fetch these files. A message is put on the queue, received and deleted, each by a
        request of its own.
        """
        steps, assumed = self.steps.values(), self.assumed
        requests = sum(step.count for step in steps if step.visited)
        answers = requests + assumed.views * (1 - assumed.missed)
        calls = sum(step.count for step in steps)
        messages = sum(step.count * step.bill.calls["sqs.SendMessage"] for step in steps)
        logged = sum(step.count * step.log_bytes for step in steps)
        logged += calls * assumed.platform_log_bytes
        return {
            MAILS: sum(step.count * step.bill.calls["sesv2.SendEmail"] for step in steps),
            API: requests,
            EDGE_REQUESTS: answers + assumed.views * self.page_files,
            EDGE_GIGABYTES: answers * self.page_bytes / GIGABYTE,
            COMPUTE: sum(
                step.count
                * stack_settings.memory_gb(step.function)
                * (step.seconds + assumed.cold * step.start_seconds)
                for step in steps
            ),
            INVOCATIONS: calls,
            WRITES: sum(step.count * step.bill.write_units for step in steps),
            READS: sum(step.count * step.bill.read_units for step in steps),
            QUEUES: 3 * messages,
            LOGS: logged / GIGABYTE,
        }


def of_run(
    bills: Bills, weights: Mapping[str, Weight], starts: Starts, assumed: Assumptions
) -> Usage:
    """What a signature uses, from what one run has measured."""
    steady = bills.steady
    kinds = {
        packaged_functions.PAGE: (assumed.views * assumed.missed, steady[steps.COLD]),
        packaged_functions.SIGN: (assumed.asked, steady[steps.ASKED]),
        packaged_functions.SEND_MAIL: (assumed.asked, steady[steps.MAILED]),
        packaged_functions.LINK: (assumed.followed, steady[steps.SHOWN]),
        packaged_functions.CONFIRM: (1, steady[steps.CONFIRMED]),
        packaged_functions.TALLY: (1 / assumed.batch, bills.tally_with_fences),
    }
    heaviest = max(weights.values(), key=lambda weight: weight.transferred)
    return Usage(
        steps={
            name: step(name, count, bill, starts, assumed) for name, (count, bill) in kinds.items()
        },
        assumed=assumed,
        page_bytes=heaviest.transferred,
        page_files=heaviest.requests - 1,
        stored_bytes=bills.signature_bytes + _ITEM_OVERHEAD,
    )


def step(name: str, count: float, bill: Bill, starts: Starts, assumed: Assumptions) -> Step:
    """A step as measured; CPU time is stretched by the share of a core that its function has."""
    warm = starts.warm[name]
    stretch = max(1.0, _CORE_GB / stack_settings.memory_gb(warm.function))
    mails = bill.calls["sesv2.SendEmail"]
    waits = (bill.call_count - mails) * assumed.call_seconds + mails * assumed.mail_seconds
    return Step(
        count=count,
        function=warm.function,
        bill=bill,
        seconds=warm.cpu * stretch + waits,
        start_seconds=starts.cpu(name) * stretch,
        log_bytes=warm.log_bytes,
    )
