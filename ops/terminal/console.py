"""What commands print: lines, bars, and progress where a terminal can show it."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import click
from rich import bar
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.table import Table
from rich.text import Text


def say(line: str = "") -> None:
    """Print a line."""
    click.echo(line)


def done(line: str) -> None:
    """Print a line with a green tick: something has succeeded."""
    click.echo(f"{click.style('✓', fg='green')} {line}")


def note(line: str) -> None:
    """Print a line with a yellow mark: something is worth knowing, and nothing is broken."""
    click.echo(f"{click.style('•', fg='yellow')} {line}")


def fault(line: str) -> None:
    """Print a line with a red cross on standard error."""
    click.echo(f"{click.style('✗', fg='red')} {line}", err=True)


def hint(lines: str) -> None:
    """Print what to do next, dimmed and indented."""
    for line in lines.splitlines():
        click.echo(click.style(f"  {line}", dim=True))


def counted(count: int, noun: str) -> str:
    """A number and its noun: `1 signature`, `2,000 signatures`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def printable(text: str) -> str:
    """Text that a stranger may have written, cut, and without what could steer a terminal."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:60]
    )


@contextmanager
def progress(*columns: ProgressColumn | str) -> Iterator[Progress]:
    """A progress display on standard error; nothing where that is not a terminal."""
    terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not terminal
    ) as display:
        yield display


def percentage(part: int, whole: int, *, width: int = 40) -> str:
    """A bar of text with its percentage, for logs and terminals."""
    filled = width * part // whole
    return f"{'█' * filled}{'░' * (width - filled)} {100 * part // whole} %"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A line of a bar chart: what is counted, how many, and a remark behind the bar."""

    label: str
    count: int
    remark: str = ""


def bar_chart(bars: Sequence[Bar]) -> None:
    """Print the bars, as long as the terminal is wide."""
    chart = Table.grid(padding=(0, 1), expand=True)
    chart.add_column(max_width=28)
    chart.add_column(justify="right")
    chart.add_column(ratio=1, min_width=10)
    chart.add_column(style="dim")
    longest = max((line.count for line in bars), default=0)
    for line in bars:
        drawn = bar.Bar(longest, 0, line.count)
        # A Text, because a string could hold markup.
        label = Text(f"  {printable(line.label)}")
        chart.add_row(label, f"{line.count:,}", drawn, line.remark)
    Console(highlight=False).print(chart)
