"""Installs a requirements file into a virtual environment, for `make`.

Runs before anything is installed, so it needs nothing but Python's own library. A requirements file
names every package with its version and hashes, and pip resolves nothing (`--no-deps`) and builds
nothing (`--only-binary`): what is published later changes no installation.
"""

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

UNFINISHED: Final = ".unfinished"
"""Lies in an environment while pip writes packages into it."""
LOG: Final = "install.log"

_PINNED: Final = re.compile(r"^[a-z0-9][^\s;]*==", re.MULTILINE)
_SEEN: Final = ("Collecting ", "Requirement already satisfied")
_WRITING: Final = "Installing collected packages"
_OURS: Final[Mapping[str, str]] = {
    "PIP_CONSTRAINT": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_USER": "0",
    "PYTHONUNBUFFERED": "1",
}
"""Settings of pip that would change what is installed, or where, if this machine has its own."""
_FULL: Final = (
    "The disk is full. Zaklik needs about 250 MB to run and 800 MB for the tests. Free some space, "
    "then type the same command again."
)
_CHANGED: Final = (
    "A package is not the one that Zaklik pins: it was changed on its way or at its source. "
    "Nothing was installed. Try again from a network that you trust."
)
_UNREACHABLE: Final = (
    "The packages could not be fetched. Check the network (and the proxy, if there is one), then "
    "type the same command again: it goes on from here."
)
_UNKNOWN_MACHINE: Final = (
    "A package has no ready-made file for this Python or this machine. Zaklik runs on Python 3.11 "
    "to 3.14: name one with make PYTHON=/path/to/python3"
)
_CAUSES: Final = {
    r"No space left on device|Disk quota exceeded": _FULL,
    r"DO NOT MATCH THE HASHES": _CHANGED,
    r"connection broken by|ConnectionError|Read ?[Tt]ime(d ?)?out|IncompleteRead|name resolution": (
        _UNREACHABLE
    ),
    r"No matching distribution found": _UNKNOWN_MACHINE,
}
"""What pip says, and what a person can do about it; the first that fits is shown."""


class NotInstalled(Exception):
    """The message says what failed and what helps."""


def install(environment: Path, requirements: Path, *, project: bool) -> None:
    """Bring an environment to what `requirements` pins; with `project`, link this project in.

    An environment is made anew when it cannot run, or when pip was stopped while it wrote. Raises
    NotInstalled; whatever fails before pip writes leaves the environment as it was.
    """
    python = environment / "bin" / "python"
    if (environment / UNFINISHED).exists() or not _runs(python):
        _create(environment)
    pinned = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(requirements)]
    total = len(_PINNED.findall(_read(requirements)))
    _pip(environment, ["install", *pinned], total)
    if project:
        linked = ["--no-deps", "--no-index", "--no-build-isolation", "--editable", "."]
        _pip(environment, ["install", *linked], 0)
    _pip(environment, ["check"], 0)


def explain(log: str) -> str:
    """The cause of a failed installation, and the remedy, from pip's own output."""
    for pattern, remedy in _CAUSES.items():
        if re.search(pattern, log):
            return remedy
    errors = re.findall(r"^(?:ERROR|error): .*", log, re.MULTILINE)
    return f"pip could not install the packages. {errors[-1] if errors else ''}".strip()


def main(arguments: Sequence[str]) -> int:
    """`install.py ENVIRONMENT REQUIREMENTS [--project]`; returns the exit status."""
    environment, requirements = (Path(argument) for argument in arguments[:2])
    try:
        install(environment, requirements, project="--project" in arguments)
    except NotInstalled as error:
        print(f"{error}\n(What pip said is in {environment / LOG}.)", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        said = _FULL if full else f"{environment} cannot be written ({error.strerror})."
        print(said, file=sys.stderr)
        return 1
    return 0


def _read(requirements: Path) -> str:
    try:
        return requirements.read_text("utf-8")
    except OSError as error:
        raise NotInstalled(f"{requirements} cannot be read ({error.strerror}).") from error


def _runs(python: Path) -> bool:
    """Whether an environment's Python is there, starts and has pip."""
    try:
        tried = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    except OSError:
        return False
    return tried.returncode == 0


def _create(environment: Path) -> None:
    if environment.exists():
        shutil.rmtree(environment)
    made = subprocess.run(
        [sys.executable, "-m", "venv", environment], capture_output=True, text=True, check=False
    )
    if made.returncode:
        environment.mkdir(exist_ok=True)
        (environment / LOG).write_text(made.stdout + made.stderr, "utf-8")
        (environment / UNFINISHED).touch()
        raise NotInstalled(explain(made.stdout + made.stderr))


def _pip(environment: Path, arguments: Sequence[str], total: int) -> None:
    """Run pip and show how far it is. Raises NotInstalled."""
    log = environment / LOG
    unfinished = environment / UNFINISHED
    command = [str(environment / "bin" / "python"), "-m", "pip", *arguments]
    with (
        log.open("w", encoding="utf-8") as kept,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **_OURS},
        ) as pip,
    ):
        if pip.stdout is not None:
            _follow(pip.stdout, kept, unfinished, total)
    if pip.returncode:
        raise NotInstalled(explain(log.read_text("utf-8")))
    unfinished.unlink(missing_ok=True)


def _follow(output: IO[str], kept: IO[str], unfinished: Path, total: int) -> None:
    """Keep what pip says, mark the environment while it writes, and show a line that changes."""
    done = 0
    for line in output:
        kept.write(line)
        if line.startswith(_WRITING):
            unfinished.touch()
            _show("  installing …")
        elif line.startswith(_SEEN):
            done += 1
            _show(f"  package {done} of {total}")
    _show("")


def _show(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
