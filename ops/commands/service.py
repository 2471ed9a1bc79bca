"""`zaklik tally`, `zaklik compile`: what the operator looks after."""

import click

from chalicelib.usecases.integrity import tallying
from ops import compiling
from ops.target import Target, pass_target
from ops.terminal import console


@click.group()
def tally() -> None:
    """Repair the counts."""


@tally.command()
@pass_target
def reconcile(target: Target) -> None:
    """Count all signatures anew and repair wrong counts.

    The service does the same every night. It waits a minute before it repairs anything, as people
    may be signing meanwhile; with --local it does not wait.
    """
    wait = 0.0 if target.local else tallying.SETTLING_SECONDS
    repaired = tallying.reconcile(target.services, settling_seconds=wait)
    for slug, drift in repaired.items():
        if drift:
            console.note(f"The count of “{slug}” was wrong and has been changed by {drift:+,}.")
        else:
            console.note(f"Figures of countries of “{slug}” were wrong and have been repaired.")
    if not repaired:
        console.done("Every count is right.")


@click.command("compile")
def compile_command() -> None:
    """Compile templates, catalogues and style sheet.

    The service reads the result, chalicelib/compiled.
    """
    compiling.compile_all()
    console.done(f"Compiled for {', '.join(compiling.languages())}.")
