"""Runs a program in a folder of its own, and ends both when whoever asked for it is gone.

The asker holds this process's standard input open for as long as the program is wanted. When it is
closed, by a `with` that ends or by a death of any kind, the program's whole process group is killed
and the folder removed. Nothing here is imported from the project: it is run as a file.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence


def main(folder: str, command: Sequence[str]) -> int:
    """Run `command` until standard input closes or it ends by itself; its exit status."""
    # The asker's Ctrl-C and the end of its terminal reach it, not us: it says when we end.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    program = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, process_group=0)
    threading.Thread(target=_kill_when_left, args=[program.pid], daemon=True).start()
    try:
        return program.wait()
    finally:
        _kill(program.pid)
        shutil.rmtree(folder, ignore_errors=True)


def _kill_when_left(group: int) -> None:
    sys.stdin.read()
    _kill(group)


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
