"""How a person types the next command: as they typed this one."""

import shutil
import sys
from pathlib import Path
from typing import Final

import click

NAME: Final = "zaklik"


def command(words: str, *, local: bool = False) -> str:
    """The command `words`, begun as this one was: `.venv/bin/zaklik --local update send …`."""
    return " ".join([_program(), *(["--local"] if local else []), words])


def _program() -> str:
    """The program as it was called; its bare name where the shell finds it by that."""
    context = click.get_current_context(silent=True)
    name = (context.find_root().info_name if context else None) or NAME
    called = Path(sys.argv[0])
    found = shutil.which(name)
    if called.name != name or (found and Path(found).absolute() == called.absolute()):
        return name
    if called.is_relative_to(Path.cwd()):
        return str(called.relative_to(Path.cwd()))
    return str(called)
