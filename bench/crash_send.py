"""Sends an alert while workers are killed, and counts who was mailed how often.

    python -m bench.crash_send --recipients 20000 --kills 20

Workers are processes that call the real functions for the messages of real queues. Another
process stands for AWS: it survives, and kills the worker that makes a certain call, before or after
the call is done, often one to SES. Events come late, in any order, some twice, some never. SES
turns calls away, stops for an hour and has a daily quota; people leave; the alert is paused and
goes on. Time is simulated. Exits with 1 if anybody was mailed twice, not at all, or after leaving.
"""

import argparse
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from bench import audit_outbox
from tests.crash.driver import CrashSend, Plan


def main() -> int:
    """Send, audit and print; 1 if the audit finds anything."""
    parser = argparse.ArgumentParser(prog="python -m bench.crash_send", description=__doc__)
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--leaving", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--rate", type=float, default=1000, help="mails a second by SES")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where outbox and recipients stay")
    options = parser.parse_args()
    plan = Plan(
        recipients=options.recipients,
        leaving=options.leaving,
        kills=options.kills,
        workers=options.workers,
        rate=options.rate,
        seed=options.seed,
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        with CrashSend(folder, plan, progress=partial(print, flush=True)) as send:
            send.run()
            seconds = time.monotonic() - started
            audit = audit_outbox.of_files(send.outbox_file, send.recipients_file)
            print("\n".join(send.report()))
    print(f"{seconds:.0f} seconds on this machine, {send.simulated} of simulated time")
    print("\n".join(audit.lines()))
    return 0 if audit.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
