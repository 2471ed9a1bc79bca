"""What the engine lacks, and what the rehearsal does instead: the one list, printed at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Lack:
    """A thing that AWS does and the engine does not, and what stands for it in the rehearsal."""

    what: str
    instead: str


LACKS: Final[Sequence[Lack]] = (
    Lack(
        what="No arm64 processor: functions run on the processor of this machine.",
        instead="The package is built for it; a test compares it with the one for arm64.",
    ),
    Lack(
        what="CloudFront fetches nothing from API Gateway, caches nothing, and has no TLS.",
        instead="A small edge follows the deployed distribution: origin, path, secret header, "
        "headers that its origin request policy forwards, methods, no query strings.",
    ),
    Lack(
        what="API Gateway does not import gateway responses: an unknown path is its own 403.",
        instead="The status is checked; a test reads the page of the template.",
    ),
    Lack(
        what="API Gateway does not read from an API's definition which types are binary, and "
        "hands on a picture's base64 as it is.",
        instead="That the edge asks for it by its type is seen, and its base64 is read.",
    ),
    Lack(
        what="SES verifies a stack's domain at once, and gives no DKIM records to set for it.",
        instead="The identity is looked at; the printing of its records has a test.",
    ),
    Lack(
        what="A number that comes by a parameter stays text, with which no queue is polled.",
        instead="The mappings' concurrency is set again, as a number, through Lambda's API.",
    ),
    Lack(
        what="IAM is asked about sending mail for every resource at once, and not of the sender.",
        instead="In the roles of SendMail and RunJob that statement loses both for the rehearsal.",
    ),
    Lack(
        what="IAM is asked about several secrets for every resource at once, not for each of them.",
        instead="In the three roles that read some, that statement names no resource for the "
        "rehearsal; tests/policies judges every name that is asked for.",
    ),
    Lack(
        what="IAM ignores the prefixes of keys (dynamodb:LeadingKeys) to which roles are held.",
        instead="tests/policies judges every call by them.",
    ),
    Lack(
        what="No metric raises an alarm, and API Gateway writes no access log.",
        instead="Nothing; that they are made is seen.",
    ),
    Lack(
        what="SES keeps neither headers nor tags of a mail.",
        instead="One-click unsubscribing is tried with the link of the mail's text.",
    ),
    Lack(
        what="SES sends no events.",
        instead="The rule's pattern is asked whether it matches the event, and the message that "
        "its transformer writes is put on the feedback queue.",
    ),
    Lack(
        what="The stream's mapping has no tumbling window, so its events name no shard.",
        instead="It is seen to call Tally, then switched off; the deployed Tally is invoked with "
        "the stream's own records and a shard.",
    ),
    Lack(
        what="A nightly schedule does not come round within minutes.",
        instead="The deployed Reconcile is invoked with the event of its rule.",
    ),
)
