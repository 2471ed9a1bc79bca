"""The files of the build: compiled templates, catalogues, style sheets and scripts."""

import json
from pathlib import Path
from typing import Any, Final

COMPILED: Final = Path(__file__).parents[1] / "compiled"


class NotBuilt(Exception):
    """A file of the build is missing. The message names the command that makes it."""


def text(name: str) -> str:
    """The text of a file of the build. Raises NotBuilt."""
    return existing(name).read_text("utf-8")


def read_json(name: str) -> Any:
    """The values of a JSON file of the build. Raises NotBuilt."""
    return json.loads(text(name))


def existing(name: str) -> Path:
    """The path of a file of the build. Raises NotBuilt."""
    path = COMPILED / name
    if not path.exists():
        raise NotBuilt(f"{path} is missing: run `make build`, or `zaklik compile`")
    return path
