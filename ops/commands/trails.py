"""`zaklik trail …`: what was done at the desk, and whether the trail is whole."""

from collections.abc import Sequence
from pathlib import Path

import click

from chalicelib.domain.organisers.trail import TrailEntry
from chalicelib.usecases.organisers import reviewing
from ops.atomic_write import atomic_write, refuse_existing
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console


@click.group()
def trail() -> None:
    """See what was done at the desk, and check that nobody has changed it.

    Every act on a petition leaves a line, with the hash of the line before it.
    """


@trail.command()
@click.argument("slug")
@click.option("--last", "count", type=click.IntRange(min=1), default=50, help="How many lines.")
@pass_target
def show(target: Target, slug: str, count: int) -> None:
    """Show the last lines of the trail of SLUG."""
    for entry in _lines(target, slug)[-count:]:
        refused = " (refused)" if entry.refused else ""
        detail = f": {entry.detail}" if entry.detail else ""
        console.say(
            f"{entry.number:>5}  {entry.at:%Y-%m-%d %H:%M}  {console.printable(entry.actor.name)}  "
            f"{entry.act}{refused}{console.printable(detail)}"
        )


@trail.command()
@click.argument("slug")
@click.option(
    "--copy",
    "copy_path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Compare with an earlier export in JSON Lines, which shows also lines that were cut off.",
)
@pass_target
def check(target: Target, slug: str, copy_path: Path | None) -> None:
    """Check that every line of the trail of SLUG follows from the one before it."""
    entries = _lines(target, slug)
    copy = _read_copy(copy_path) if copy_path else []
    if found := reviewing.check(entries, copy):
        raise CannotContinue(
            f"The trail of “{slug}” breaks at line {found.number}: {found.reason}."
        )
    newest = f" The newest has the hash {entries[-1].hash}." if entries else ""
    console.done(f"{console.counted(len(entries), 'line')}, none changed or missing.{newest}")
    if not copy_path:
        console.note("Lines that were cut off at the end show only in a comparison: --copy FILE.")


@trail.command()
@click.argument("slug")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="A new file."
)
@click.option("--csv", "as_csv", is_flag=True, help="For spreadsheets; else JSON Lines.")
@pass_target
def export(target: Target, slug: str, out: Path, as_csv: bool) -> None:
    """Write the trail of SLUG into FILE: JSON Lines, which `check --copy` reads, or CSV."""
    refuse_existing(out, force=False, remedy="Name another file.")
    entries = _lines(target, slug)
    text = reviewing.to_csv(entries) if as_csv else reviewing.to_json_lines(entries)
    with atomic_write(out) as file:
        file.write(text.encode())
    console.done(f"{console.counted(len(entries), 'line')} in {out}.")


def _lines(target: Target, slug: str) -> Sequence[TrailEntry]:
    return reviewing.all_lines(target.services, slug)


def _read_copy(path: Path) -> Sequence[TrailEntry]:
    try:
        return reviewing.read_json_lines(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise CannotContinue(f"{path} is no trail in JSON Lines.") from error
