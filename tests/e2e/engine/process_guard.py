"""Runs a program in a folder of its own, and ends both when the process that started it is gone.

The parent holds this process's standard input open for as long as it needs the program. When it
closes, by a `with` that ends or by a death of any kind, the program's whole process group is killed
and the folder removed. Run as a file: imports nothing of the project.
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
    # Ctrl-C and the end of the terminal reach the parent, which then closes standard input.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    program = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, process_group=0)
    threading.Thread(target=_kill_when_closed, args=[program.pid], daemon=True).start()
    try:
        return program.wait()
    finally:
        _kill(program.pid)
        shutil.rmtree(folder, ignore_errors=True)


def _kill_when_closed(group: int) -> None:
    sys.stdin.read()
    _kill(group)


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
