"""`zaklik organiser …`: who may enter the desk."""

from collections.abc import Sequence
from typing import Final

import click

from chalicelib.domain.errors import InvalidForm
from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.organiser import OrganiserAccount
from chalicelib.domain.organisers.roles import Role
from chalicelib.usecases.organisers import assigning, closing, inviting
from chalicelib.usecases.petitions import browsing
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console

_LINK: Final = "A link is on its way. It works once, for 30 minutes."
_NO_LINK: Final = "The link could not be mailed now. Run this again, or `zaklik organiser resend`."


@click.group()
def organiser() -> None:
    """Let organisers into the desk: invite, resend, list, recover, close.

    Organisers invite each other at the desk. These commands are for the first one, and for the day
    when nobody can enter any more.
    """


@organiser.command()
@click.argument("name")
@click.argument("email", required=False)
@click.option("--petition", "slug", metavar="SLUG", default="", help="Give roles on this petition.")
@click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    help="A role on it; may be given several times. Without it: steward.",
)
@pass_target
def invite(target: Target, name: str, email: str | None, slug: str, roles: Sequence[str]) -> None:
    """Invite NAME, who gets a link at EMAIL; without EMAIL, it is asked for.

    Each invitation makes a new account. Without --petition the organiser can begin petitions, and
    be given roles by stewards.
    """
    if roles and not slug:
        raise click.UsageError("--role needs --petition: roles are on a petition.")
    if slug:
        browsing.get_petition(target.services, slug)
    held = frozenset(map(Role, roles)) or frozenset({Role.STEWARD})
    try:
        invited = inviting.invite(
            target.services,
            by=OPERATOR,
            name=name,
            email=email or click.prompt("Address", err=True),
            slug=slug,
            roles=held if slug else frozenset(),
        )
    except InvalidForm as error:
        raise _refused(error) from error
    console.done(f"{invited.organiser.name} is invited, as {invited.organiser.id}.")
    _say_link(mailed=invited.mailed)


@organiser.command("list")
@click.argument("slug", required=False)
@pass_target
def list_command(target: Target, slug: str | None) -> None:
    """List all organisers, or those of the petition SLUG with their roles."""
    if slug is None:
        for account in closing.list_accounts(target.services):
            console.say(_line(account))
        return
    for member in assigning.list_members(target.services, slug):
        console.say(f"{_line(member.organiser)}  {assigning.named(member.roles)}")


@organiser.command()
@click.argument("organiser_id", metavar="ID")
@pass_target
def resend(target: Target, organiser_id: str) -> None:
    """Mail a new link to an invited organiser who has not entered yet."""
    account = _get(target, organiser_id)
    try:
        mailed = inviting.invite_again(target.services, by=OPERATOR, slug="", organiser=account)
    except InvalidForm as error:
        raise _refused(error) from error
    _say_link(mailed=mailed)


@organiser.command()
@click.argument("organiser_id", metavar="ID")
@click.option(
    "--without-code",
    is_flag=True,
    help="The printed code is lost, too: whoever reads the mailbox gets the account.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_target
def recover(target: Target, organiser_id: str, without_code: bool, yes: bool) -> None:
    """Mail a link to an organiser who has lost all passkeys.

    It opens only together with the recovery code that the organiser has printed. Make sure that it
    is really this person who asks: call, or meet.
    """
    account = _get(target, organiser_id)
    if without_code and not yes:
        click.confirm(f"Is it surely {account.name} who asks?", abort=True, err=True)
    slugs = assigning.slugs_of(target.services, account.id)
    try:
        mailed = inviting.start_recovery(
            target.services,
            by=OPERATOR,
            slug=slugs[0] if slugs else "",
            organiser=account,
            with_code=not without_code,
        )
    except InvalidForm as error:
        raise _refused(error) from error
    _say_link(mailed=mailed)


@organiser.command()
@click.argument("organiser_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Close without asking.")
@pass_target
def close(target: Target, organiser_id: str, yes: bool) -> None:
    """Close an account: passkeys, sessions and roles are gone. The trail stays."""
    account = _get(target, organiser_id)
    if not yes:
        click.confirm(f"Close the account of {account.name}?", abort=True, err=True)
    without_steward = closing.close_account(target.services, account)
    console.done(f"The account of {account.name} is closed.")
    for slug in without_steward:
        console.note(
            f"“{slug}” has no steward any more: zaklik organiser invite NAME --petition {slug}"
        )


def _get(target: Target, organiser_id: str) -> OrganiserAccount:
    known = closing.list_accounts(target.services)
    for account in known:
        if account.id == organiser_id:
            return account
    raise CannotContinue("There is no such account. `zaklik organiser list` shows all.")


def _line(account: OrganiserAccount) -> str:
    state = f"since {account.entered_at:%Y-%m-%d}" if account.entered_at else "invited"
    return f"{account.id}  {console.printable(account.name)}  {state}"


def _say_link(*, mailed: bool) -> None:
    if mailed:
        console.say(_LINK)
    else:
        console.note(_NO_LINK)


def _refused(error: InvalidForm) -> CannotContinue:
    return CannotContinue(" ".join(message.text for message in error.errors.values()))
