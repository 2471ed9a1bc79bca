"""`zaklik switch …`: stop parts of a petition within seconds, and put a notice on its page."""

from collections.abc import Callable, Sequence

import click

from chalicelib.domain.errors import NotFound
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.switches import BadNotice, Switch
from chalicelib.usecases.alerts import switching
from chalicelib.wiring import Services
from ops.commands import trail_lines
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command

_OFF = {
    Switch.SIGNING: (
        "Nobody can ask to sign. Links in mails that were sent before still work, and so does the "
        "form for news."
    ),
    Switch.MAILS: "Single mails wait on their queue, for up to four days.",
    Switch.ALERTS: "No update is mailed: what is being sent pauses, and what starts waits.",
    Switch.COUNT: "The public is not shown how many have signed.",
}
_which = click.argument("name", type=click.Choice(list(map(str, Switch))))
_slug = click.argument("slug", required=False)
_all = click.option("--all", "everywhere", is_flag=True, help="Of every petition of this service.")


@click.group()
def switch() -> None:
    """Stop parts of a petition within seconds, and show a notice on its page.

    NAME is signing (its form), mails (the mails with links to those who filled in a form), alerts
    (updates to subscribers) or count (the number on the page). For a proof of work with each form
    there is `zaklik petition guard`.
    """


@switch.command("list")
@pass_target
def list_switches(target: Target) -> None:
    """Show what is switched off, and the notices."""
    for slug, switches in switching.show(target.services).items():
        off = ", ".join(sorted(switches.off))
        console.say(f"{slug}: {f'off: {off}' if off else 'everything is on'}")
        for language, text in switches.notice.items():
            console.say(f"  {language}: {console.printable(text)}")


@switch.command()
@_which
@_slug
@_all
@pass_target
def off(target: Target, name: str, slug: str | None, *, everywhere: bool) -> None:
    """Switch NAME off for the petition SLUG, or for --all."""
    which = Switch(name)
    paused = _for_each(
        target.services,
        slug,
        everywhere,
        lambda each: _throw(target.services, each, which, on=False),
    )
    console.done(f"“{name}” is off. {_OFF[which]}")
    if paused:
        console.note(f"{console.counted(paused, 'alert')} paused.")
    where = "--all" if everywhere else slug
    console.hint(f"To switch it on again: {command(f'switch on {name} {where}')}")


@switch.command()
@_which
@_slug
@_all
@pass_target
def on(target: Target, name: str, slug: str | None, *, everywhere: bool) -> None:
    """Switch NAME on again for the petition SLUG, or for --all."""
    resumed = _for_each(
        target.services,
        slug,
        everywhere,
        lambda each: _throw(target.services, each, Switch(name), on=True),
    )
    console.done(f"“{name}” is on.")
    if resumed:
        console.note(f"{console.counted(resumed, 'alert')} {'goes' if resumed == 1 else 'go'} on.")


@switch.command()
@click.argument("slug")
@click.argument("texts", nargs=-1, metavar="[LANGUAGE=TEXT]…")
@pass_target
def notice(target: Target, slug: str, texts: Sequence[str]) -> None:
    """Show a notice at the top of the page of the petition SLUG, in each of its languages.

    As `be="…" en="…"`. Without a text the notice is taken away.
    """
    pairs = [text.partition("=") for text in texts]
    if any(not separator for _, separator, _ in pairs):
        raise CannotContinue("Write each text as LANGUAGE=TEXT, for example en=“We move house.”")
    try:
        typed = {language: text for language, _, text in pairs}
        shown = switching.check_notice(target.services, slug, typed)
        detail = "shown" if shown else "taken away"
        trail_lines.record(target.services, slug, Act.SET_NOTICE, detail)
        switching.set_notice(target.services, slug, typed)
    except NotFound:
        raise CannotContinue(f"There is no petition “{slug}” online.") from None
    except BadNotice as error:
        raise CannotContinue(f"“{error.language}”: {error}") from None
    console.done("The notice is shown." if shown else "No notice is shown.")


def _throw(services: Services, slug: str, which: Switch, *, on: bool) -> int:
    """Throw a switch, after a line in the trail says so."""
    trail_lines.record(services, slug, Act.SWITCH_ON if on else Act.SWITCH_OFF, str(which))
    return switching.switch(services, slug, which, on=on)


def _for_each(
    services: Services, slug: str | None, everywhere: bool, work: Callable[[str], int]
) -> int:
    """Do it for one petition, or for all; the sum. Raises CannotContinue."""
    if everywhere == (slug is not None):
        raise CannotContinue("Name one petition, or say --all.")
    online = switching.show(services)
    if slug is not None and slug not in online:
        raise CannotContinue(f"There is no petition “{slug}” online.")
    return sum(map(work, online if slug is None else [slug]))
