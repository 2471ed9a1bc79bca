"""The next command, written so that a person can type it as they typed this one."""

import shutil
import sys
from pathlib import Path

import click


def command(words: str) -> str:
    """The program, --local if it was typed, and `words`: `.venv/bin/zaklik --local keys new`."""
    return " ".join([_program(), *(["--local"] if is_local() else []), words])


def is_local() -> bool:
    """Whether `--local` was typed."""
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().params.get("local"))


def _program() -> str:
    """The name of the program; its path where the shell does not find that name."""
    context = click.get_current_context(silent=True)
    name = context.find_root().command_path if context else "zaklik"
    path = Path(sys.argv[0])
    return str(path) if path.name == name and shutil.which(name) != str(path) else name
