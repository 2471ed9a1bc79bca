"""`zaklik deploy …`: deploys the service to AWS, tests it there, and removes it again."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click

from ops.deploy import apply as applying
from ops.deploy import artifacts, checks
from ops.deploy import destroy as destroying
from ops.deploy import smoke as smoking
from ops.deploy.account import Account, account_for
from ops.deploy.change_sets import ResourceChange
from ops.deploy.settings import DeploySettings, read_settings
from ops.errors import CannotContinue
from ops.terminal import console
from ops.terminal.command_hint import command


@dataclass(kw_only=True)
class DeployContext:
    """What the commands of this group work on."""

    file: Path

    @cached_property
    def settings(self) -> DeploySettings:
        """The content of deploy.toml. Raises CannotContinue, NotReady."""
        return read_settings(self.file)

    @cached_property
    def account(self) -> Account:
        """The AWS account. Raises CannotContinue without a region."""
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
    """Deploy the service to AWS, update it, test it, remove it.

    \b
    In this order:
      zaklik deploy check      what is missing, and how to get it
      zaklik deploy plan       what would be made or changed, in plain words
      zaklik deploy apply      do it; safe to repeat, also after a kill
      zaklik deploy smoke      sign, confirm and withdraw as a visitor
    """  # noqa: D301 - click reads the backspace as "do not wrap"
    ctx.obj = DeployContext(file=file)


@deploy.command()
@click.option("--without-mail", is_flag=True, help="An unverified sender is no fault.")
@click.pass_obj
def check(context: DeployContext, without_mail: bool) -> None:
    """Check everything that a deployment needs. Changes nothing."""
    results = applying.check(context.account, context.settings, without_mail=without_mail)
    faults = checks.print_results(results)
    package = artifacts.build(context.settings)
    console.done(f"The package builds: {package.megabytes:.1f} MB.")
    if faults:
        raise CannotContinue(f"{console.counted(faults, 'fault')} to fix before `apply`.")
    console.hint(f"Next: {command('deploy plan')}")


@deploy.command()
@click.option("--without-mail", is_flag=True, help="An unverified sender is no fault.")
@click.pass_obj
def plan(context: DeployContext, without_mail: bool) -> None:
    """Print what `apply` would make, change, replace or remove. Leaves the service unchanged.

    Uploads package and template, since CloudFormation reads them from a bucket.
    """
    deployment = applying.prepare(
        context.account, context.settings, without_mail=without_mail, make_secrets=False
    )
    applying.plan(deployment)
    console.hint(f"To do it: {command('deploy apply')}")


@deploy.command()
@click.option(
    "--without-mail",
    is_flag=True,
    help="Deploy although mail cannot be sent yet; SES gets to know the sender's domain.",
)
@click.option("--yes", is_flag=True, help="Do not ask before something is replaced or removed.")
@click.pass_obj
def apply(context: DeployContext, without_mail: bool, yes: bool) -> None:
    """Check, build, upload, and bring the stack to the state of the sources. Safe to repeat.

    After a kill at any moment the same command continues. Data is never deleted: tables and
    exports are kept even by a mistake in the template.
    """

    def approve(changes: Sequence[ResourceChange]) -> None:
        if not yes and any(change.needs_approval for change in changes):
            _ask()

    with _hint_on_interrupt():
        deployment = applying.prepare(
            context.account, context.settings, without_mail=without_mail, make_secrets=True
        )
        stack = applying.apply(deployment, approve)
    console.done(f"The stack {stack.name} is deployed.")
    for line in applying.next_steps(deployment, stack):
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
@click.option("--api", metavar="URL", help="API Gateway's address, if not that of AWS.")
@click.pass_obj
def smoke(context: DeployContext, slug: str | None, api: str | None) -> None:
    """Sign, confirm and withdraw as a visitor does, and check every step.

    The signature is named “Zaklik smoke test”, counts for some seconds, and is always withdrawn.
    Its mail goes to SES's mailbox simulator.
    """
    smoking.smoke(context.account, context.settings, slug, api=api)
    console.done("The service works.")


@deploy.command()
@click.option("--with-all-data", is_flag=True, help="Also if people have signed.")
@click.option("--really", metavar="NAME", help="The stack's name, instead of typing it when asked.")
@click.pass_obj
def destroy(context: DeployContext, with_all_data: bool, really: str | None) -> None:
    """Delete the whole service: stack, tables, exports, secrets. Safe to repeat.

    Refused while there is data, unless --with-all-data is given. Nothing can be restored.
    """
    stack = context.settings.stack
    destroying.refuse_data(context.account, stack, allowed=with_all_data)
    name = really or click.prompt(f"Type the stack's name ({stack}) to delete it for good")
    if name != stack:
        raise CannotContinue(f"“{name}” is not “{stack}”. Nothing is deleted.")
    with _hint_on_interrupt():
        remaining = destroying.destroy(context.account, stack)
    for resource in remaining:
        console.note(f"Still there: {resource}")
    if remaining:
        raise CannotContinue("Something is left. Run this again in a minute.")
    console.done(f"Nothing of {stack} is left.")


def _ask() -> None:
    """Let a person agree. Raises CannotContinue otherwise, and where nobody can be asked."""
    if not sys.stdin.isatty():
        raise CannotContinue(
            "Something would be replaced or removed. Add --yes if that is meant. "
            "Nothing has changed."
        )
    if not click.confirm("Go on?"):
        raise CannotContinue("Nothing has changed.")


@contextmanager
def _hint_on_interrupt() -> Iterator[None]:
    """Print after an interruption that CloudFormation continues."""
    try:
        yield
    except KeyboardInterrupt:
        console.note("CloudFormation continues what it has begun. Type the command again to join.")
        raise
