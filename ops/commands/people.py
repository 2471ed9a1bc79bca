"""`zaklik person …`: data-protection requests, answered with a receipt."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.usecases.signatures import data_requests
from chalicelib.usecases.signatures.data_requests import DataReport
from ops.commands import receipts
from ops.commands.queued_changes import await_data_request
from ops.commands.receipts import Receipt
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console

_STANDARD_INPUT: Final = "-"


@click.group()
def person() -> None:
    """Answer data-protection requests: show, erase, unblock.

    Each command covers all petitions. It asks for the address, so that the history of your shell
    does not keep it; with "-" it reads the address from standard input. The address is compared in
    its scrambled form and written nowhere.
    """


def _address_and_receipt(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its target, an address, and a file for the receipt."""
    receipt = click.option(
        "--receipt",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write a receipt without the address: FILE.json and FILE.txt.",
    )
    return click.argument("address", required=False)(receipt(pass_target(command)))


@person.command()
@_address_and_receipt
def show(target: Target, address: str | None, receipt: Path | None) -> None:
    """Show what is kept about an address.

    That is its signatures, its news by mail, and whether it is blocked: never mailed.
    """
    known = _read_address(address, receipt)
    report = _show_report(target, known)
    _write_receipt(target, receipt, request="show", report=report)


@person.command()
@click.option("--yes", is_flag=True, help="Delete without asking.")
@_address_and_receipt
def erase(target: Target, address: str | None, receipt: Path | None, yes: bool) -> None:
    """Delete the signatures and the news of an address.

    The sealed text is gone at once and the count goes down, as when the person withdraws. A block
    stays: the address is still never mailed. Downloaded exports and backups are not reached; the
    receipt says so.
    """
    known = _read_address(address, receipt)
    report, completed = _show_report(target, known), True
    if report.active:
        if not yes:
            click.confirm("Delete all of it? It cannot be brought back.", abort=True, err=True)
        data_requests.request_erasure(target.services, report)
        completed = await_data_request(
            lambda: not data_requests.look_up(target.services, known).active
        )
        if completed:
            console.done("It is deleted.")
    _write_receipt(target, receipt, request="erase", report=report, completed=completed)


@person.command()
@_address_and_receipt
def unblock(target: Target, address: str | None, receipt: Path | None) -> None:
    """Let a blocked address be mailed again. Only its owner may ask for that."""
    known = _read_address(address, receipt)
    report = _show_report(target, known)
    data_requests.request_unblocking(target.services, known)
    completed = await_data_request(
        lambda: not data_requests.look_up(target.services, known).suppression
    )
    if completed:
        console.done("The address may be mailed again.")
    _write_receipt(target, receipt, request="unblock", report=report, completed=completed)


def _read_address(argument: str | None, receipt: Path | None) -> EmailAddress:
    """The address: from the argument, with a warning; from standard input; else asked for.

    Raises CannotContinue if it is none, or if the receipt would replace a file.
    """
    if receipt is not None:
        receipts.refuse_to_replace(receipt)
    if argument is None:
        text: Any = click.prompt("Address", err=True)
    elif argument == _STANDARD_INPUT:
        text = sys.stdin.readline()
    else:
        text = argument
        console.note("Your shell's history keeps the address. Leave it out to be asked for it.")
    try:
        return email_address.parse_pasted(str(text))
    except email_address.BadAddress as error:
        raise CannotContinue(error.reason.text) from error


def _show_report(target: Target, address: EmailAddress) -> DataReport:
    report = data_requests.look_up(target.services, address)
    for line in receipts.report_lines(report):
        console.say(line)
    return report


def _write_receipt(target: Target, path: Path | None, **fields: Any) -> None:
    """Write the receipt, if one is wanted. Takes the fields of a Receipt, but its time."""
    if path is None:
        return
    receipts.write(path, Receipt(**fields, at=target.services.now()))
    json_path, text_path = receipts.paths_of(path)
    console.done(f"{json_path} and {text_path} hold the receipt. The address is not in them.")
