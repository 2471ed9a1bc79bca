"""`zaklik update test`: an update is mailed to an organiser's own address, as a test."""

from collections.abc import Sequence
from typing import Final

import click

from chalicelib.domain.errors import ExpiredToken
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.store.petitions import updates
from chalicelib.usecases.alerts import testing, verifying
from chalicelib.wiring import Services
from ops.commands import trail_lines
from ops.commands.update_arguments import chosen_languages, language_option, update_id_argument
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command

_TRIES: Final = 3


@click.command()
@update_id_argument
@click.option("--to", "to", metavar="ADDRESS", help="Your own address; asked for without it.")
@language_option
@pass_target
def test(target: Target, update_id: str, to: str | None, languages: Sequence[str]) -> None:
    """Mail the published update ID to yourself.

    You get what subscribers would get: one mail in each of its languages. An address that is new is
    mailed a code first, which you type here; it is then remembered for 90 days, in a form that
    nobody can read. Subscribers get nothing. An address gets only a few codes a day.
    """
    services = target.services
    update = updates.get(services.petitions, *split_id(update_id))
    chosen = chosen_languages(update, languages)
    address = _read_address(to)
    if not verifying.is_verified(services, address):
        _verify(services, update, chosen[0], address)
    trail_lines.record(services, update.slug, Act.TEST_UPDATE, update.name)
    testing.request_tests(services, update, chosen, address)
    console.done(f"{console.counted(len(chosen), 'test mail')} on the way: {', '.join(chosen)}.")
    console.hint(f"If all is well: {command(f'update send {update_id}')}")


def _read_address(typed: str | None) -> EmailAddress:
    """The address. Raises CannotContinue if it is none."""
    text: str = typed or click.prompt("To which address", err=True)
    try:
        return email_address.parse_pasted(text)
    except email_address.BadAddress as error:
        raise CannotContinue(error.reason.text) from error


def _verify(services: Services, update: Update, language: str, address: EmailAddress) -> None:
    """Mail a code and ask for it. Raises CannotContinue after three wrong ones, or too late."""
    pending = verifying.mail_code(services, update.slug, language, address)
    minutes = int(verifying.CODE_LIFETIME.total_seconds()) // 60
    console.note(
        f"This address is new. A code is on its way to it; it works for {minutes} minutes. "
        f"{_limit(services)}"
    )
    for left in reversed(range(_TRIES)):
        typed = click.prompt("The code", err=True)
        try:
            if verifying.verify(services, pending, typed, address):
                console.done("The address is yours. It is remembered for 90 days.")
                return
        except ExpiredToken as error:
            raise CannotContinue("The code has expired. Type the command again.") from error
        if left:
            console.note("That is not the code. Take the code of the newest mail.")
    raise CannotContinue(
        "That was not the code either. No test has been sent. Type the command again for a new "
        f"code. {_limit(services)}"
    )


def _limit(services: Services) -> str:
    """How many codes an address gets, and what to do if none comes."""
    most = min(services.settings.mails_per_address, services.settings.mails_per_network)
    return (
        f"An address gets at most {console.counted(most, 'code')} a day (UTC). If none comes, look "
        "into the folder for spam, then use another address, or wait until tomorrow if you have "
        "asked that often. An address whose owner has blocked our mails gets none."
    )
