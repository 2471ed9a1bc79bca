"""`zaklik tally`, `zaklik compile`, `zaklik secrets`: what the operator types."""

import click

from ops.target import Stage
from ops.terminal import console


@click.group()
def tally() -> None:
    """Look after the counts."""


@tally.command()
@click.pass_obj
def reconcile(stage: Stage) -> None:
    """Count all signatures anew and repair a count that is surely wrong.

    The service does the same every night. It waits a minute before it repairs anything, as people
    may be signing meanwhile; with --local it does not wait.
    """
    from chalicelib.usecases.integrity import tallying  # noqa: PLC0415

    wait = 0.0 if stage.local else tallying.SETTLING_SECONDS
    repaired = tallying.reconcile(stage.services, settling_seconds=wait)
    for slug, drift in repaired.items():
        if drift:
            console.note(f"The count of “{slug}” was wrong and has been changed by {drift:+,}.")
        else:
            console.note(f"Figures of countries of “{slug}” were wrong and have been put right.")
    if not repaired:
        console.done("Every count is right.")


@click.command("compile", short_help="Compile templates, catalogues and style sheet.")
def compile_command() -> None:
    """Compile templates, catalogues and style sheet into chalicelib/compiled."""
    from ops import compiling  # noqa: PLC0415

    compiling.compile_all()
    console.done(f"Compiled for {', '.join(compiling.languages())}.")


@click.group()
def secrets() -> None:
    """Look after the service's own secrets."""


@secrets.command()
@click.pass_obj
def make(stage: Stage) -> None:
    """Make the secrets that are missing in SSM Parameter Store.

    They lie under ZAKLIK_SECRETS_PATH and are never shown. One that is there is never replaced.
    """
    from ops.keys.secrets import store_missing  # noqa: PLC0415

    services = stage.services
    made = store_missing(services.secrets.ssm(), services.settings.secrets_path)
    for name in made:
        console.done(f"{services.settings.secrets_path}/{name} is made.")
    if not made:
        console.done("All secrets are there.")
