"""The deployed queues from outside: what waits, and what has been given up."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ops.deploy.account import Account
from ops.deploy.stacks import Stack

DRAIN_SECONDS: Final = 120.0
"""A mail takes seconds; SES's per-second rate may make it wait behind others."""
_SECONDS_BETWEEN_LOOKS: Final = 2.0
_MAIL: Final = "MailQueueUrl"
_DEAD: Final = "DeadLettersUrl"


@dataclass(frozen=True, kw_only=True)
class Queues:
    """The queues of one stack. Counts are SQS's own, which lag by seconds."""

    account: Account
    stack: Stack

    def dead(self) -> Mapping[str, int]:
        """How many messages each dead-letter queue holds, by the name of the stack's output."""
        return {
            name: self._count(url)
            for name, url in self.stack.outputs.items()
            if name.endswith(_DEAD)
        }

    def wait_until_mail_is_gone(self) -> bool:
        """Whether no mail waits, or is being sent, any more within DRAIN_SECONDS."""
        until = time.monotonic() + DRAIN_SECONDS
        while self._count(self.stack.outputs[_MAIL]):
            if time.monotonic() > until:
                return False
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        return True

    def _count(self, url: str) -> int:
        attributes = self.account.sqs.get_queue_attributes(
            QueueUrl=url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ],
        )["Attributes"]
        return sum(int(number) for number in attributes.values())
