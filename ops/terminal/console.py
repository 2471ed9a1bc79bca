"""What commands say: calm lines for people, pictures only where a terminal can show them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress


def say(words: str = "") -> None:
    """A line on standard output."""
    click.echo(words)


def done(words: str) -> None:
    """A line with a green tick: something has been achieved."""
    click.echo(f"{click.style('✓', fg='green')} {words}")


def note(words: str) -> None:
    """A line with a yellow mark: worth knowing, nothing broken."""
    click.echo(f"{click.style('•', fg='yellow')} {words}")


def fault(words: str) -> None:
    """A line on standard error with a red cross."""
    click.echo(f"{click.style('✗', fg='red')} {words}", err=True)


def hint(words: str) -> None:
    """What to do next, dimmed and indented."""
    for line in words.splitlines():
        click.echo(click.style(f"  {line}", dim=True))


@contextmanager
def progress(*columns: Any) -> Iterator["Progress"]:
    """A progress display on standard error; nothing where that is not a terminal."""
    from rich.console import Console  # noqa: PLC0415 - a quick --help needs no pictures
    from rich.progress import Progress  # noqa: PLC0415

    terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not terminal
    ) as shown:
        yield shown


def counted(count: int, noun: str) -> str:
    """A number and its noun: `1 signature`, `2,000 signatures`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def bar(part: int, whole: int, *, width: int = 40) -> str:
    """A bar of text with its percentage; for logs as good as for terminals."""
    filled = width * part // whole
    return f"{'█' * filled}{'░' * (width - filled)} {100 * part // whole} %"
