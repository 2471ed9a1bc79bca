"""`zaklik signature …`: show, hold and release signatures that look as if a program sent them."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

import click
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter
from chalicelib.store import keys
from chalicelib.usecases.exports.packing import MAX_NAMED
from chalicelib.usecases.signatures import moderating
from chalicelib.usecases.signatures.moderating import HeldSignatures, Moderator
from chalicelib.wiring import Services
from ops.commands import trail_lines
from ops.commands.queued_changes import await_signatures
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command
from ops.terminal.console import Bar

MAX_REASON_CHARACTERS: Final = 200


def _country(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The code of a country in capitals; a usage error if it is none."""
    code = None if value is None else value.upper()
    if code is not None and code not in COUNTRIES:
        raise click.BadParameter(
            f"“{code}” is not the code of a country, as PL is Poland's.", ctx, param
        )
    return code


def _day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """A day; a usage error if it is none."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(f"“{value}” is no day (2026-03-08).", ctx, param) from None


def _reason(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A reason; a usage error if it is too long to be stored with each signature."""
    if value and len(value) > MAX_REASON_CHARACTERS:
        raise click.BadParameter(
            f"It has more than {MAX_REASON_CHARACTERS} characters.", ctx, param
        )
    return value


def filter_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the fields of a SignatureFilter as options, and --dry-run and --yes."""
    options = (
        click.option(
            "--signal",
            "signals",
            multiple=True,
            type=click.Choice(list(map(str, Signal))),
            help="Only those with this sign of a program; given twice, with both.",
        ),
        click.option(
            "--without",
            multiple=True,
            type=click.Choice(list(map(str, Signal))),
            help="Only those without this sign; given twice, with neither.",
        ),
        click.option(
            "--country",
            callback=_country,
            help="Only those from this country, for example PL, if the petition shows countries.",
        ),
        click.option(
            "--from",
            "confirmed_from",
            callback=_day,
            help="Only those confirmed on this day (2026-03-08, in UTC) or later.",
        ),
        click.option(
            "--to",
            "confirmed_to",
            callback=_day,
            help="Only those confirmed on this day or earlier.",
        ),
        click.option("--dry-run", is_flag=True, help="Show how many there are. Changes nothing."),
        click.option("--yes", is_flag=True, help="Go on without asking."),
    )
    # As for a stack of decorators, the last is applied first.
    for option in reversed(options):
        function = option(function)
    return function


@click.group()
def signature() -> None:
    """Hold signatures back from the count, and release them.

    A held signature is kept, sealed like any other, and neither counted nor exported. Its signer
    sees nothing of that. Options narrow each other: only signatures that fit all of them change.
    """


@signature.command()
@click.argument("slug")
@pass_target
def held(target: Target, slug: str) -> None:
    """Show how many signatures of the petition SLUG are held.

    They are counted by reason, and by the day on which they were confirmed.
    """
    with moderator_with_progress(target.services, slug, "Looking") as moderator:
        held_signatures = moderator.held()
    show_held(slug, held_signatures)
    if held_signatures.count:
        by_day = {str(day): count for day, count in held_signatures.by_day.items()}
        _show_chart("On which day they were confirmed", by_day)
        console.hint(f"To let them count: {command(f'signature release {slug}')}")


@signature.command()
@click.argument("slug")
@filter_options
@click.option("--why", help="Only those that were held by hand for this reason.")
@pass_target
def release(
    target: Target, /, slug: str, why: str | None, dry_run: bool, yes: bool, **fields: Any
) -> None:
    """Let held signatures of the petition SLUG count.

    Without options, all of them. Each counts from when it was confirmed. If the command is stopped,
    it can be run again.
    """
    wanted = SignatureFilter(**fields, why=why)
    with moderator_with_progress(target.services, slug, "Looking") as moderator:
        selected = moderator.select(wanted, SignatureState.HELD)
    if _confirm(len(selected), "released", dry_run=dry_run, yes=yes):
        count = console.counted(len(selected), "signature")
        trail_lines.record(target.services, slug, Act.RELEASE, count)
        moderating.request_release(target.services, selected)
        await_signatures(target.services, selected, "released")


@signature.command()
@click.argument("slug")
@filter_options
@click.option(
    "--why",
    required=True,
    callback=_reason,
    help="The reason, by which they can be released again. It must name no person.",
)
@pass_target
def hold(target: Target, /, slug: str, why: str, dry_run: bool, yes: bool, **fields: Any) -> None:
    """Hold confirmed signatures of the petition SLUG.

    At least one option chooses which. They are kept, and not counted until they are released. If
    the command is stopped, it can be run again.
    """
    wanted = SignatureFilter(**fields)
    if wanted.is_everything:
        raise CannotContinue("Say which: --signal, --without, --country, --from or --to.")
    with moderator_with_progress(target.services, slug, "Looking") as moderator:
        selected = moderator.select(wanted, SignatureState.CONFIRMED)
    if _confirm(len(selected), "held", dry_run=dry_run, yes=yes):
        count = console.counted(len(selected), "signature")
        trail_lines.record(target.services, slug, Act.HOLD, f"{count}: {why}")
        moderating.request_hold(target.services, selected, why=why)
        await_signatures(target.services, selected, "held")
        undo = command(f"signature release {slug} --why {shlex.quote(why)}")
        console.hint(f"To take it back: {undo}")


@contextmanager
def moderator_with_progress(services: Services, slug: str, label: str) -> Iterator[Moderator]:
    """A Moderator whose progress through the partitions is shown."""
    columns = (
        TextColumn(label),
        BarColumn(),
        TextColumn("{task.fields[count]:,} signatures"),
        TimeRemainingColumn(),
    )
    with console.progress(*columns) as display:
        task = display.add_task("", total=len(keys.BUCKETS), count=0)
        yield Moderator(
            services=services,
            slug=slug,
            progress=lambda bucket, count: display.update(task, completed=bucket, count=count),
        )


def show_damaged(count: int, first: Sequence[str]) -> None:
    """Print how many items cannot be read, and the blind indexes of the first ones."""
    items = console.counted(count, "item")
    console.fault(f"{items} of the table cannot be read as a signature: damaged, or not ours.")
    for index in first:
        console.say(f"  {console.printable(index)}")
    if count > len(first):
        console.say(f"  … and {count - len(first):,} more")
    console.hint("The operator can restore them: docs/operating.md, “When something is wrong”.")


def show_held(slug: str, held_signatures: HeldSignatures) -> None:
    """Print damaged items; then how many are held, and by reason (a signature can have several)."""
    if damaged := held_signatures.damaged:
        show_damaged(len(damaged), damaged[:MAX_NAMED])
    if not held_signatures.count:
        console.say("No signature is held.")
        return
    console.note(f"{console.counted(held_signatures.count, 'signature')} held, not counted.")
    _show_chart("Why", held_signatures.by_reason)
    if count := held_signatures.by_reason[Signal.FLOODED_DOMAIN]:
        console.note(
            f"{console.counted(count, 'signature')} of a domain from which suddenly many signed: "
            "a university or a firm, or one person who owns the domain."
        )
        release = f"signature release {slug} --signal {Signal.FLOODED_DOMAIN}"
        console.hint(f"If you expect them: {command(f'{release} --dry-run')}")


def _show_chart(heading: str, counts: Mapping[str, int]) -> None:
    console.say(heading)
    console.bar_chart([Bar(label=label, count=counts[label]) for label in sorted(counts)])


def _confirm(count: int, participle: str, *, dry_run: bool, yes: bool) -> bool:
    """Whether to go on: asks, unless nothing is to be changed. Raises click.Abort at a no."""
    signatures = console.counted(count, "signature")
    if dry_run or not count:
        console.note(f"{signatures} would be {participle}. Nothing is changed.")
        return False
    return yes or click.confirm(f"{signatures} will be {participle}. Go on?", abort=True)
