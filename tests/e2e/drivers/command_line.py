"""`zaklik …` as a person types it: a process of its own, in a folder with its deploy.toml."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROGRAM: Final = Path(sys.executable).with_name("zaklik")
_LIMIT_SECONDS: Final = 300
_OURS: Final = ("AWS_", "ZAKLIK_")


@dataclass(frozen=True, kw_only=True)
class CommandLine:
    """A shell in `folder`. `environment` holds the standard AWS variables."""

    folder: Path
    environment: Mapping[str, str]

    def __call__(self, *words: str, exit_status: int = 0) -> str:
        """Run `zaklik` with `words`; its output. Raises AssertionError at another exit status."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(_OURS)
        }
        process = subprocess.run(
            [str(_PROGRAM), *words],
            cwd=self.folder,
            env={**inherited, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_LIMIT_SECONDS,
            check=False,
        )
        if process.returncode != exit_status:
            raise AssertionError(
                f"zaklik {' '.join(words)}: expected exit status {exit_status}, came "
                f"{process.returncode}. Its output:\n{process.stdout[-3000:]}"
            )
        return process.stdout
