"""An alert whose workers are killed mails everybody once.

The same at full size, with its report: python -m bench.crash_send
"""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench import audit_outbox
from ops.compiling import ROOT

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
RECIPIENTS = {"a@example.org": None, "b@example.org": None, "left@example.org": NOON}


def mail(to: str, **changes: Any) -> dict[str, Any]:
    headers = {"List-Unsubscribe": "<https://zaklik.example/en/stop>"}
    sent_at = (NOON - timedelta(minutes=1)).isoformat()
    return {"to": to, "subject": "News", "headers": headers, "sent_at": sent_at, **changes}


def test_each_of_400_is_mailed_once_though_workers_are_killed(tmp_path: Path) -> None:
    options = ["--recipients", "400", "--leaving", "20", "--kills", "6"]
    options += ["--rate", "12", "--workers", "2"]

    finished = subprocess.run(
        [sys.executable, "-m", "bench.crash_send", *options, "--folder", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr
    # The last kill waits for the eighth call from then on, which may never be made.
    assert re.search(r"killed: [56] of \d+ workers", finished.stdout), finished.stdout
    assert "ledger: complete" in finished.stdout
    audit = audit_outbox.of_files(tmp_path / "outbox.jsonl", tmp_path / "recipients.jsonl")
    assert audit.recipients == 400
    assert 380 <= audit.mails <= 400


def test_an_outbox_in_which_everybody_is_once_is_clean() -> None:
    mails = [mail("a@example.org"), mail("b@example.org"), mail("left@example.org")]
    confirmation = mail("a@example.org", headers={})

    audit = audit_outbox.audited([*mails, confirmation], RECIPIENTS)

    assert audit.is_clean
    assert (audit.mails, audit.recipients, audit.left) == (3, 3, 1)


def test_the_audit_names_who_was_mailed_twice_never_too_late_or_by_mistake() -> None:
    late = (NOON + timedelta(minutes=2)).isoformat()
    mails = [
        mail("a@example.org"),
        mail("a@example.org"),
        mail("left@example.org", sent_at=late),
        mail("stranger@example.org"),
    ]

    audit = audit_outbox.audited(mails, RECIPIENTS)

    assert audit.doubled == ["a@example.org"]
    assert audit.missing == ["b@example.org"]
    assert audit.mailed_after_leaving == ["left@example.org"]
    assert audit.strangers == ["stranger@example.org"]
    assert not audit.is_clean


@pytest.mark.parametrize(("copies", "status"), [(1, 0), (2, 1)])
def test_the_command_fails_if_anybody_was_mailed_twice(
    tmp_path: Path, copies: int, status: int
) -> None:
    outbox, recipients = tmp_path / "outbox.jsonl", tmp_path / "recipients.jsonl"
    outbox.write_text(f"{json.dumps(mail('a@example.org'))}\n" * copies, "utf-8")
    recipients.write_text('{"to": "a@example.org", "left_at": null}\n', "utf-8")

    finished = subprocess.run(
        [sys.executable, "-m", "bench.audit_outbox", str(outbox), str(recipients)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == status
    assert f"mailed more than once: {copies - 1}" in finished.stdout
