"""`zaklik person …`: data-protection requests, answered with a receipt."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ops.errors import CannotContinue
from ops.target import Stage
from ops.terminal import console

if TYPE_CHECKING:
    from chalicelib.domain.email_address import EmailAddress
    from chalicelib.usecases.signatures.data_requests import DataReport

_STANDARD_INPUT: Final = "-"


@click.group()
def person() -> None:
    """Say, erase or unblock what is kept about an address, over all petitions.

    The address is asked for, so that it does not stay in the history of your shell; with "-" it is
    read from standard input. It is compared in its scrambled form and written nowhere.
    """


def _asking(command: Callable[..., None]) -> Callable[..., None]:
    """What the three commands take: an address, and a file for the receipt."""
    receipt = click.option(
        "--receipt",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write FILE.json and FILE.txt: what was found and done, without the address.",
    )
    return click.argument("address", required=False)(receipt(click.pass_obj(command)))


@person.command()
@_asking
def show(stage: Stage, address: str | None, receipt: Path | None) -> None:
    """Say what is kept about an address: signatures, news, whether it is never mailed."""
    from chalicelib.usecases.signatures import data_requests  # noqa: PLC0415

    known = _read_address(address, receipt)
    answer = data_requests.look_up(stage.services, known)
    _tell(answer)
    _hand_over(stage, "show", answer, receipt)


@person.command()
@click.option("--yes", is_flag=True, help="Do not ask whether you mean it.")
@_asking
def erase(stage: Stage, address: str | None, receipt: Path | None, yes: bool) -> None:
    """Delete the signatures and the news of an address.

    As the person could do it: what is sealed is gone at once and the count goes down. A wish never
    to be mailed stays. Exports that were taken home and backups are not reached; the receipt says
    so.
    """
    from chalicelib.usecases.signatures import data_requests  # noqa: PLC0415

    known = _read_address(address, receipt)
    answer = data_requests.look_up(stage.services, known)
    _tell(answer)
    if any(each.record.signed or each.record.subscribed for each in answer.found):
        if not yes:
            click.confirm("Delete all of it? It cannot be brought back.", abort=True, err=True)
        answer = data_requests.erase(stage.services, known)
        console.done("It is deleted.")
    _hand_over(stage, "erase", answer, receipt)


@person.command()
@_asking
def unblock(stage: Stage, address: str | None, receipt: Path | None) -> None:
    """Let an address be mailed again that asked never to be. Only its owner may ask for that."""
    from chalicelib.usecases.signatures import data_requests  # noqa: PLC0415

    known = _read_address(address, receipt)
    answer = data_requests.look_up(stage.services, known)
    _tell(answer)
    data_requests.unblock(stage.services, known)
    console.done("The address may be mailed again.")
    _hand_over(stage, "unblock", answer, receipt)


def _read_address(given: str | None, receipt: Path | None) -> "EmailAddress":
    """The address: asked for, from standard input, or as it was typed, which is remarked on."""
    from chalicelib.domain import email_address  # noqa: PLC0415
    from ops.keys import receipts  # noqa: PLC0415

    if receipt is not None:
        receipts.refuse_to_replace(receipt)
    if given is None:
        typed: Any = click.prompt("Address", err=True)
    elif given == _STANDARD_INPUT:
        typed = sys.stdin.readline()
    else:
        typed = given
        console.note("The address now stands in your shell's history; without it, it is asked for.")
    try:
        return email_address.parse(str(typed))
    except email_address.BadAddress as bad:
        raise CannotContinue(bad.reason.text) from bad


def _tell(answer: "DataReport") -> None:
    from ops.keys import receipts  # noqa: PLC0415

    for line in receipts.found_lines(answer):
        console.say(line)


def _hand_over(stage: Stage, asked: str, answer: "DataReport", path: Path | None) -> None:
    """Write the receipt, if one is wanted."""
    from ops.keys import receipts  # noqa: PLC0415
    from ops.keys.receipts import Receipt  # noqa: PLC0415

    if path is None:
        return
    receipts.write(path, Receipt(asked=asked, answer=answer, at=stage.services.now()))
    as_json, as_text = receipts.paths_of(path)
    console.done(f"{as_json} and {as_text} say what was found and done. No address is in them.")
