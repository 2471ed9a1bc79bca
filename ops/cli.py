"""`zaklik`: what organisers and the operator type. Faults become one sentence and a remedy."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import click

from ops.commands import deploy, exports, keys, people, petitions, service, signatures, updates
from ops.errors import CannotContinue, NotReady
from ops.target import Stage
from ops.terminal import command_hint, console

FAILED: Final = 1
INTERRUPTED: Final = 130
"""128 and the number of SIGINT, as shells count it."""


class Zaklik(click.Group):
    """A group of commands that never answers a person's mistake with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was typed."""
        with _faults_in_words():
            return super().invoke(ctx)


@click.group(
    command_hint.NAME, cls=Zaklik, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--local",
    is_flag=True,
    help="Talk to the service that `make run` has started on this machine.",
)
@click.pass_context
def main(ctx: click.Context, local: bool) -> None:
    """Zaklik: petitions and alerts for people for whom being on a list is dangerous.

    Without --local, commands talk to the service that deploy.toml in this folder names, or that
    ZAKLIK_* variables describe; AWS_* variables say who you are.

    \b
    Try it out:
      make run                                             in another window
      zaklik --local export belarus-mothers --out signatures.zaklik
      zaklik unseal signatures.zaklik --key .local/organiser.key --out signatures.csv

    \b
    For a petition of your own:
      zaklik keys new
      zaklik petition check --live petitions/my-petition
      zaklik petition publish petitions/my-petition

    Exit codes: 0 done, 1 not done (the reason is on standard error), 2 mistyped.
    """  # noqa: D301 - click reads the backspace as "do not wrap"
    ctx.obj = Stage(local=local)


for command in (
    petitions.petition,
    updates.update,
    signatures.signature,
    people.person,
    exports.export,
    exports.unseal,
    keys.keys,
    service.tally,
    service.secrets,
    service.compile_command,
    deploy.deploy,
):
    main.add_command(command)


@contextmanager
def _faults_in_words() -> Iterator[None]:
    """Turn what a person or AWS can cause into words on standard error, and an exit code."""
    try:
        yield
    except NotReady as not_ready:
        for problem in not_ready.problems:
            console.fault(f"{problem.file}:{problem.line}  {problem.what}")
            click.echo(f"    {problem.remedy}", err=True)
        things = console.counted(len(not_ready.problems), "thing")
        click.echo(f"{things} to correct.", err=True)
        raise click.exceptions.Exit(FAILED) from not_ready
    except CannotContinue as error:
        console.fault(str(error))
        raise click.exceptions.Exit(FAILED) from error
    except (KeyboardInterrupt, click.Abort) as stop:
        console.fault("Stopped. Nothing is half done.")
        raise click.exceptions.Exit(INTERRUPTED) from stop
    except (BrokenPipeError, click.ClickException, click.exceptions.Exit):
        raise
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        console.fault(f"{name}{error.strerror or error}.")
        raise click.exceptions.Exit(FAILED) from error
    except Exception as error:
        # Imported only now: it knows the errors of the AWS libraries.
        from ops.terminal.error_messages import explain  # noqa: PLC0415

        words = explain(error)
        if words is None:
            raise
        console.fault(words)
        raise click.exceptions.Exit(FAILED) from error


if __name__ == "__main__":
    main()
