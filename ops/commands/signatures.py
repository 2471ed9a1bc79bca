"""`zaklik signature …`: show, hold and release signatures that look as if a program sent them."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.signature import SignatureState
from chalicelib.domain.signature_filter import SignatureFilter
from chalicelib.store import keys
from chalicelib.usecases.exports.exporting import MAX_NAMED
from chalicelib.usecases.signatures.moderating import HeldSignatures, Moderator
from chalicelib.wiring import Services
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command
from ops.terminal.console import Bar

_FORMATS: Final = (("%Y-%m-%d", timedelta(days=1)), ("%Y-%m-%dT%H:%M", timedelta(minutes=1)))


def _country(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The code of a country in capitals; a usage error if it is none."""
    code = None if value is None else value.upper()
    if code is not None and code not in COUNTRIES:
        raise click.BadParameter(
            f"“{code}” is not the code of a country, as PL is Poland's.", ctx, param
        )
    return code


def _start(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """When a day or a minute begins."""
    return _interval(ctx, param, value)[0] if value else None


def _end(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """When a day or a minute is over."""
    return _interval(ctx, param, value)[1] if value else None


def _interval(ctx: click.Context, param: click.Parameter, value: str) -> tuple[datetime, datetime]:
    """The start and the end of a day or a minute, in UTC; a usage error if it is neither."""
    for form, length in _FORMATS:
        try:
            start = datetime.strptime(value, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return start, start + length
    raise click.BadParameter(
        f"“{value}” is no day (2026-03-08) and no minute (2026-03-08T12:00).", ctx, param
    )


def filter_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the fields of a SignatureFilter as options, and --dry-run and --yes."""
    options = (
        click.option(
            "--signal",
            type=click.Choice(list(map(str, Signal))),
            help="Only those with this sign of a program.",
        ),
        click.option(
            "--country", callback=_country, help="Only those from this country, for example PL."
        ),
        click.option("--language", help="Only those given in this language, for example be."),
        click.option(
            "--from",
            "confirmed_from",
            callback=_start,
            help="Only those confirmed on this day (2026-03-08) or in this minute "
            "(2026-03-08T12:00), in UTC, or later.",
        ),
        click.option(
            "--to",
            "confirmed_before",
            callback=_end,
            help="Only those confirmed on this day or in this minute, or earlier.",
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
    show_held(held_signatures)
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
        count = moderator.count(wanted, SignatureState.HELD)
    if _confirm(count, "released", dry_run=dry_run, yes=yes):
        with moderator_with_progress(target.services, slug, "Releasing") as moderator:
            released = moderator.release(wanted)
        console.done(f"{console.counted(released, 'signature')} released.")


@signature.command()
@click.argument("slug")
@filter_options
@click.option(
    "--why",
    required=True,
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
        raise CannotContinue("Say which: --signal, --country, --language, --from or --to.")
    with moderator_with_progress(target.services, slug, "Looking") as moderator:
        count = moderator.count(wanted, SignatureState.CONFIRMED)
    if _confirm(count, "held", dry_run=dry_run, yes=yes):
        with moderator_with_progress(target.services, slug, "Holding") as moderator:
            now_held = moderator.hold(wanted, why=why)
        console.done(f"{console.counted(now_held, 'signature')} held: “{why}”.")
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
    console.fault(
        f"{console.counted(count, 'item')} of the table cannot be read as a signature: damaged, or "
        "not written by the service."
    )
    for index in first:
        console.say(f"  {console.printable(index)}")
    if count > len(first):
        console.say(f"  … and {count - len(first):,} more")
    console.hint("The operator can restore them: docs/operating.md, “Damaged signatures”.")


def show_held(held_signatures: HeldSignatures) -> None:
    """Print damaged items; then how many are held, and by reason (a signature can have several)."""
    if damaged := held_signatures.damaged:
        show_damaged(len(damaged), damaged[:MAX_NAMED])
    if not held_signatures.count:
        console.say("No signature is held.")
        return
    console.note(f"{console.counted(held_signatures.count, 'signature')} held, not counted.")
    _show_chart("Why", held_signatures.by_reason)


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
