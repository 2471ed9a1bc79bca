"""Was everybody mailed once? Reads an outbox and a list of recipients; exits with 1 if not.

    python -m bench.audit_outbox OUTBOX RECIPIENTS

OUTBOX holds a mail in each line, as the local service writes it (`outbox.jsonl`). RECIPIENTS holds
a recipient in each line: `{"to": …, "left_at": …}`, the moment in ISO 8601 or null. A mail is that
of an alert if people can unsubscribe from it; alerts of one subject and recipient are copies.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

UNSUBSCRIBE: Final = "List-Unsubscribe"
GRACE: Final = timedelta(seconds=60)
"""A mail may be on its way when its recipient leaves: a worker reads a chunk's subscribers, and has
sent to the last of them within its timeout."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was found: addresses by what is wrong, and how many mails and recipients there are."""

    mails: int
    recipients: int
    left: int
    doubled: Sequence[str]
    missing: Sequence[str]
    mailed_after_leaving: Sequence[str]
    strangers: Sequence[str]

    @property
    def is_clean(self) -> bool:
        """Whether everybody was mailed once, and nobody who had left."""
        return not (self.doubled or self.missing or self.mailed_after_leaving or self.strangers)

    def lines(self) -> Sequence[str]:
        """The findings, one a line."""
        return [
            f"{self.mails} mails to {self.recipients} recipients, {self.left} of whom left",
            f"mailed more than once: {len(self.doubled)}",
            f"not mailed: {len(self.missing)}",
            f"mailed after leaving: {len(self.mailed_after_leaving)}",
            f"mailed and no recipient: {len(self.strangers)}",
        ]


def audited(mails: Iterable[Mapping[str, Any]], recipients: Mapping[str, datetime | None]) -> Audit:
    """Compare mails with the recipients: each address, and when it left."""
    of_alerts = [mail for mail in mails if UNSUBSCRIBE in mail["headers"]]
    copies = Counter((mail["subject"], mail["to"]) for mail in of_alerts)
    reached = {mail["to"] for mail in of_alerts}
    late = {
        mail["to"]
        for mail in of_alerts
        if (left_at := recipients.get(mail["to"]))
        and datetime.fromisoformat(mail["sent_at"]) > left_at + GRACE
    }
    return Audit(
        mails=len(of_alerts),
        recipients=len(recipients),
        left=sum(left_at is not None for left_at in recipients.values()),
        doubled=sorted(to for (_, to), count in copies.items() if count > 1),
        missing=sorted(to for to, left in recipients.items() if left is None and to not in reached),
        mailed_after_leaving=sorted(late),
        strangers=sorted(reached - recipients.keys()),
    )


def of_files(outbox: Path, recipients: Path) -> Audit:
    """Compare the mails of a file with the recipients of another."""
    people = _lines(recipients)
    return audited(
        _lines(outbox),
        {
            person["to"]: datetime.fromisoformat(person["left_at"]) if person["left_at"] else None
            for person in people
        },
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def main() -> int:
    """Print the findings; 1 if any is bad."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit_outbox", description=__doc__)
    parser.add_argument("outbox", type=Path)
    parser.add_argument("recipients", type=Path)
    options = parser.parse_args()
    audit = of_files(options.outbox, options.recipients)
    print("\n".join(audit.lines()))
    return 0 if audit.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
