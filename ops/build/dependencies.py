"""The wheels of requirements.txt for Lambda's processor, fetched on any machine.

Chalice fetches wheels for another processor by name and version alone and checks no hashes. Here
pip fetches them, with hashes, and Chalice finds them unpacked in `vendor/`.
"""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ops.build.errors import NotPacked

ARCHITECTURES: Final = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's name of a processor, and its name in the names of wheels."""


def install(requirements: Path, architecture: str, cache: Path) -> Path:
    """Folder with the unpacked wheels of `requirements` for `architecture`, made at most once.

    `cache` keeps such folders from build to build; the hashes in `requirements` name them, so a
    second build needs no network. Raises NotPacked with pip's own message.
    """
    key = f"{requirements.read_text('utf-8')}\n{architecture}\n{_python()}"
    folder = cache / f"{architecture}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    if folder.exists():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache) as unfinished:
        fresh = Path(unfinished) / "packages"
        _run_pip(requirements, architecture, fresh)
        try:
            fresh.rename(folder)
        except OSError:
            # Another process has just finished the same folder.
            if not folder.exists():
                raise
    return folder


def _run_pip(requirements: Path, architecture: str, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--target", str(target), "--no-deps", "--no-compile", "--require-hashes"]
    command += ["--only-binary=:all:", "--implementation=cp", f"--python-version={_python()}"]
    command += [f"--platform={platform}" for platform in _platforms(ARCHITECTURES[architecture])]
    ran = subprocess.run(
        [*command, "-r", str(requirements)], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise NotPacked(f"pip cannot fetch the wheels for {architecture}:\n{ran.stderr.strip()}")


def _python() -> str:
    """The running Python, which Chalice names as Lambda's."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _platforms(machine: str) -> Iterator[str]:
    """Names of the platforms whose wheels run in Lambda, the best first.

    Lambda's Python 3.11 stands on Amazon Linux 2 with glibc 2.26, later ones on Amazon Linux 2023
    with glibc 2.34 (AWS Lambda developer guide, "Lambda runtimes"); a wheel says which glibc it
    needs at least (PEP 600).
    """
    newest = 26 if sys.version_info < (3, 12) else 34
    for minor in range(newest, 16, -1):
        yield f"manylinux_2_{minor}_{machine}"
    yield f"manylinux2014_{machine}"
