"""Files that the build has written: compiled templates, catalogues, styles and scripts."""

import json
from pathlib import Path
from typing import Any, Final

COMPILED: Final = Path(__file__).parents[1] / "compiled"


class NotBuilt(Exception):
    """The build output is missing; the message names the command that makes it."""


def text(name: str) -> str:
    """A text of the build output that is not rendered, such as `disposable.txt`."""
    return existing(name).read_text("utf-8")


def read_json(name: str) -> Any:
    """A JSON file of the build output. Raises NotBuilt."""
    return json.loads(text(name))


def existing(name: str) -> Path:
    """The path of a file of the build output. Raises NotBuilt."""
    path = COMPILED / name
    if not path.exists():
        raise NotBuilt(f"{path} is missing: run `make build`, or `zaklik compile`")
    return path
