"""The command `zaklik`: what organisers and the operator run."""

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any, Final

import click

FAILED: Final = 1
INTERRUPTED: Final = 130
"""128 and the number of SIGINT, as shells count it."""
COMMANDS: Final = {
    "alert": (
        "ops.commands.alerts:alert",
        "See what is being mailed to subscribers, pause it, end it, mail again.",
    ),
    "compile": (
        "ops.commands.service:compile_command",
        "Compile templates, catalogues and style sheet.",
    ),
    "deploy": (
        "ops.commands.deploy:deploy",
        "Deploy the service to AWS, update it, test it, remove it.",
    ),
    "export": (
        "ops.commands.exports:export",
        "Export the signatures of the petition SLUG, still sealed.",
    ),
    "hand-in": (
        "ops.commands.hand_in:hand_in",
        "Write a report on the signatures of the petition SLUG for its target, as a PDF.",
    ),
    "keys": ("ops.commands.keys:keys", "Make the keys of organisers and petitions."),
    "organiser": (
        "ops.commands.organisers:organiser",
        "Let organisers into the desk: invite, resend, list, recover, close.",
    ),
    "person": (
        "ops.commands.people:person",
        "Answer data-protection requests: show, erase, unblock, unsubscribe.",
    ),
    "petition": (
        "ops.commands.petitions:petition",
        "Check and publish petitions, and count their signatures.",
    ),
    "secrets": ("ops.commands.secrets:secrets", "Make and change the service's own secrets."),
    "signature": (
        "ops.commands.signatures:signature",
        "Hold signatures back from the count, and release them.",
    ),
    "switch": (
        "ops.commands.switches:switch",
        "Stop parts of a petition within seconds, and show a notice on its page.",
    ),
    "tally": ("ops.commands.service:tally", "Repair the counts."),
    "trail": (
        "ops.commands.trails:trail",
        "See what was done at the desk, and check that nobody has changed it.",
    ),
    "unseal": (
        "ops.commands.unsealing:unseal",
        "Verify and open the sealed export FILE, and write a spreadsheet.",
    ),
    "unseal-page": (
        "ops.commands.unseal_page:unseal_page",
        "Write the page that opens lists and makes keys, or check a copy of it.",
    ),
    "update": (
        "ops.commands.updates:update",
        "Publish updates, look at them, mail them to subscribers.",
    ),
}
"""Where each command is, as `module:name`, and its line in `zaklik --help`."""


class LazyGroup(click.Group):
    """A group that imports a command when it is run or its help is asked for.

    After "Lazily Loading Subcommands" in click's manual. The lines of the group's own help are
    given, so that it imports none of its commands.
    """

    def __init__(
        self, *args: Any, lazy_commands: Mapping[str, tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.lazy_commands = lazy_commands
        # click lists these, and suggests them for a name that is misspelled.
        self.commands = {
            name: click.Command(name, short_help=short_help)
            for name, (_, short_help) in lazy_commands.items()
        }

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The imported command; None if there is none of that name."""
        if cmd_name not in self.lazy_commands:
            return None
        command: click.Command = resolve_name(self.lazy_commands[cmd_name][0])
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the lines of the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self.lazy_commands[name][1]) for name in self.list_commands(ctx)]
            )


class Zaklik(LazyGroup):
    """The commands of `zaklik`: no mistake of a person ends in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Raises click.exceptions.Exit for errors that have been explained."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort) as error:
            click.echo("\nStopped. It is safe to run the command again.", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from error
        except click.NoSuchOption as error:
            if error.option_name != "--local":
                raise
            reason = "--local stands right after zaklik: zaklik --local COMMAND …"
            raise click.UsageError(reason, error.ctx) from error
        except (BrokenPipeError, click.ClickException, click.exceptions.Exit):
            raise
        except Exception as error:
            # This module knows the errors of AWS's libraries, which --help must not import.
            from ops.terminal import error_messages  # noqa: PLC0415

            if not error_messages.show(error):
                raise
            raise click.exceptions.Exit(FAILED) from error


@click.group(
    "zaklik",
    cls=Zaklik,
    lazy_commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--local",
    is_flag=True,
    help="Talk to the service that `make run` has started on this machine.",
)
def main(local: bool) -> None:
    """Zaklik: petitions and alerts for people for whom being on a list is dangerous.

    Without --local, commands talk to the service that the file deploy.toml in this folder or the
    variables ZAKLIK_* name. The variables AWS_* say who you are.

    \b
    To try it:
      make run                                             in another window
      zaklik --local export belarus-mothers --out signatures.zaklik
      zaklik unseal signatures.zaklik --key .local/organiser.key --out signatures.csv

    \b
    For a petition of your own:
      zaklik keys new
      zaklik keys petition petitions/my-petition --for organiser.key
      zaklik keys check petitions/my-petition --key organiser.key
      zaklik petition check --live petitions/my-petition
      zaklik petition publish petitions/my-petition

    Exit codes: 0 done, 1 not done, or not all of it (standard error says why), 2 mistyped,
    130 stopped.
    """  # noqa: D301 - click reads the backspace as "do not wrap"


if __name__ == "__main__":
    main()
