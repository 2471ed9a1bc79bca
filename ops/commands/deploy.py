"""`zaklik deploy …`: the service on AWS, from nothing to nothing."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.errors import CannotContinue
from ops.terminal import console
from ops.terminal.command_hint import command

if TYPE_CHECKING:
    from ops.deploy.account import Account
    from ops.deploy.changes import Change
    from ops.deploy.settings import DeploySettings


@dataclass(kw_only=True)
class Deployment:
    """What the commands of this group work on."""

    file: Path

    @cached_property
    def settings(self) -> "DeploySettings":
        """What deploy.toml says. Raises CannotContinue, NotReady."""
        from ops.deploy.settings import read_settings  # noqa: PLC0415

        return read_settings(self.file)

    @cached_property
    def account(self) -> "Account":
        """Where to. Raises CannotContinue without a region."""
        from ops.deploy.account import account_for  # noqa: PLC0415

        return account_for(self.settings)


@click.group()
@click.option(
    "--settings",
    "file",
    type=click.Path(path_type=Path),
    default=Path("deploy.toml"),
    show_default=True,
    help="What to deploy, and as what.",
)
@click.pass_context
def deploy(ctx: click.Context, file: Path) -> None:
    """Put the service on AWS, change it there, try it, take it away.

    \b
    In this order:
      zaklik deploy check      what is missing, and how to get it
      zaklik deploy plan       what would be made or changed, in plain words
      zaklik deploy apply      do it; safe to repeat, also after a kill
      zaklik deploy smoke      sign, confirm and withdraw as a visitor
    """  # noqa: D301 - click reads the backspace as "do not wrap"
    ctx.obj = Deployment(file=file)


@deploy.command()
@click.option("--without-mail", is_flag=True, help="An unverified sender is no fault.")
@click.pass_obj
def check(deployment: Deployment, without_mail: bool) -> None:
    """Look at everything that a deployment needs. Changes nothing."""
    from ops.deploy import checking, packing  # noqa: PLC0415

    faults = checking.show(deployment.account, deployment.settings, without_mail=without_mail)
    package = packing.pack(deployment.settings)
    console.done(f"The package builds: {package.megabytes:.1f} MB.")
    if faults:
        raise CannotContinue(f"{console.counted(faults, 'fault')} to mend before `apply`.")
    console.hint(f"Next: {command('deploy plan')}")


@deploy.command()
@click.option("--without-mail", is_flag=True, help="An unverified sender is no fault.")
@click.pass_obj
def plan(deployment: Deployment, without_mail: bool) -> None:
    """Say what `apply` would make, change, replace or remove. The service stays as it is.

    Package and template are uploaded for it, as CloudFormation reads them from a bucket.
    """
    from ops.deploy import planning  # noqa: PLC0415

    planning.plan(deployment.account, deployment.settings, without_mail=without_mail)
    console.hint(f"To do it: {command('deploy apply')}")


@deploy.command()
@click.option(
    "--without-mail",
    is_flag=True,
    help="Deploy although mail cannot be sent yet; SES is told of the sender's domain.",
)
@click.option("--yes", is_flag=True, help="Do not ask before something is replaced or removed.")
@click.pass_obj
def apply(deployment: Deployment, without_mail: bool, yes: bool) -> None:
    """Check, build, upload, and bring the stack on AWS to the sources. Safe to repeat.

    Killed at any moment, it goes on where it was when it is typed again. Data is never deleted:
    tables and exports are kept even by a mistake in the template.
    """
    from ops.deploy import applying, preparing  # noqa: PLC0415

    def approve(changes: "Sequence[Change]") -> None:
        if not yes:
            _ask_about(changes)

    with _told_that_it_goes_on():
        target = preparing.prepare(
            deployment.account,
            deployment.settings,
            without_mail=without_mail,
            make_secrets=True,
        )
        stack = applying.apply(target, approve)
    console.done(f"The stack {stack.name} stands.")
    for line in applying.outputs_in_words(target, stack):
        console.say(f"  {line}")
    if without_mail:
        console.note(
            "SES rejects every mail until it has verified the sender, so nobody can sign yet. Set "
            f"the DNS records above; `{command('deploy check')}` says when SES has seen them."
        )
    console.hint(
        f"Next: {command('petition publish petitions/my-petition')}\n"
        f"Then: {command('deploy smoke')}"
    )


@deploy.command()
@click.option("--petition", "slug", help="Which petition to sign; needed if there are several.")
@click.option("--api", metavar="URL", help="Where API Gateway is, if not where AWS has it.")
@click.pass_obj
def smoke(deployment: Deployment, slug: str | None, api: str | None) -> None:
    """Sign, confirm and withdraw as a visitor would, and look whether all of it works.

    The signature is named “Zaklik smoke test”, counts for some seconds, and is always withdrawn.
    Its mail goes to SES's mailbox simulator.
    """
    from ops.deploy import smoking  # noqa: PLC0415

    smoking.smoke(deployment.account, deployment.settings, slug, api=api)
    console.done("The service works.")


@deploy.command()
@click.option("--with-all-data", is_flag=True, help="Also if people have signed.")
@click.option("--really", metavar="NAME", help="The stack's name, instead of typing it when asked.")
@click.pass_obj
def destroy(deployment: Deployment, with_all_data: bool, really: str | None) -> None:
    """Take the whole service away: stack, tables, exports, secrets. Safe to repeat.

    Refused while there is data, unless --with-all-data is given. Nothing can be brought back.
    """
    from ops.deploy import destroying  # noqa: PLC0415

    stack = deployment.settings.stack
    destroying.refuse_data(deployment.account, stack, allowed=with_all_data)
    name = really or click.prompt(f"Type the stack's name ({stack}) to delete it for good")
    if name != stack:
        raise CannotContinue(f"“{name}” is not “{stack}”. Nothing is deleted.")
    with _told_that_it_goes_on():
        left = destroying.destroy(deployment.account, stack)
    for each in left:
        console.note(f"Still there: {each}")
    if left:
        raise CannotContinue("Something is left. Run this again in a minute.")
    console.done(
        f"Nothing of {stack} is left but the role by which the account's APIs write access logs."
    )


def _ask_about(changes: "Sequence[Change]") -> None:
    """Have a person agree to what is loud. Raises CannotContinue where nobody can be asked."""
    if not any(change.is_loud for change in changes):
        return
    if not sys.stdin.isatty():
        raise CannotContinue(
            "Something would be replaced or removed. Add --yes if that is meant. "
            "Nothing has changed."
        )
    if not click.confirm("Go on?"):
        raise CannotContinue("Nothing has changed.")


@contextmanager
def _told_that_it_goes_on() -> Iterator[None]:
    """Tell a person who interrupts that CloudFormation does not stop with us."""
    try:
        yield
    except KeyboardInterrupt:
        console.note("What CloudFormation has begun goes on. Type the command again to join it.")
        raise
