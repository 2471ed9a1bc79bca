"""`zaklik …` as a person types it: a process of its own, in a folder with its deploy.toml."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.rehearsal.steps import Unexpected

ZAKLIK: Final = Path(sys.executable).with_name("zaklik")
_PATIENCE_SECONDS: Final = 300
_FOREIGN: Final = ("AWS_", "ZAKLIK_")


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Where commands are typed. `environment` holds the standard AWS variables."""

    folder: Path
    environment: Mapping[str, str]

    def type(self, *words: str, status: int = 0) -> str:
        """Run `zaklik` with `words`; what it said. Raises Unexpected at another exit status."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)
        }
        ran = subprocess.run(
            [str(ZAKLIK), *words],
            cwd=self.folder,
            env={**inherited, **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        said = ran.stdout + ran.stderr
        if ran.returncode != status:
            raise Unexpected(
                f"zaklik {' '.join(words)}",
                expected=f"exit status {status}",
                came=f"{ran.returncode}, and it said:\n{said[-3000:]}",
            )
        return said
