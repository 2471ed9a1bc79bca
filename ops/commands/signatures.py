"""`zaklik signature …`: look at what is held, hold what looks made by a program, and release it."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ops.errors import CannotContinue
from ops.target import Stage
from ops.terminal import charts, console
from ops.terminal.charts import Bar
from ops.terminal.command_hint import command

if TYPE_CHECKING:
    from chalicelib.domain.signature_filter import SignatureFilter
    from chalicelib.usecases.signatures.moderating import HeldSignatures, Moderator
    from chalicelib.wiring import Services

_DAY = "%Y-%m-%d"
_MINUTE = "%Y-%m-%dT%H:%M"


def choosing(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which signatures are meant, as one Selection."""
    for option in (
        click.option("--signal", help="Those with this signal; see `signature held`."),
        click.option("--country", help="Those that named this country, for example PL."),
        click.option("--language", help="Those given in this language, for example be."),
        click.option(
            "--from",
            "first",
            help="Those confirmed on this day (2026-03-08) or in this minute "
            "(2026-03-08T12:00), in UTC, or later.",
        ),
        click.option(
            "--to",
            "last",
            help="Those confirmed on this day or in this minute, or earlier.",
        ),
        click.option("--dry-run", is_flag=True, help="Say how many they are; change nothing."),
        click.option("--yes", is_flag=True, help="Do not ask."),
    ):
        function = option(function)
    return function


@click.group()
def signature() -> None:
    """Hold signatures back from the count, and release them.

    A held signature is kept, sealed like any other, and neither counted nor exported. Whoever gave
    it sees nothing of that. Options together mean: those to which all of them apply.
    """


@signature.command()
@click.argument("slug")
@click.pass_obj
def held(stage: Stage, slug: str) -> None:
    """Say how many signatures of the petition SLUG are held, why, since when, in which language."""
    with look_through(stage.services, slug) as judge:
        found = judge.held()
    show_held(found)
    if found.count:
        _show("On which day they were confirmed", {str(d): n for d, n in found.by_day.items()})
        _show("In which language", found.by_language)
        let_count = command(f"signature release {slug}", local=stage.local)
        console.hint(f"To let them count: {let_count}")


@signature.command()
@click.argument("slug")
@choosing
@click.option("--why", help="Those that were held by hand for this reason.")
@click.pass_obj
def release(
    stage: Stage, /, slug: str, why: str | None, dry_run: bool, yes: bool, **which: Any
) -> None:
    """Let held signatures of the petition SLUG count: all of them, or those that are meant.

    They count from when they were confirmed. Can be stopped and typed again.
    """
    from chalicelib.domain.signature import SignatureState  # noqa: PLC0415

    selection = replace(_selection(**which), why=why)
    with look_through(stage.services, slug, "Looking") as judge:
        meant = judge.count(selection, SignatureState.HELD)
    if _goes_on(meant, "released", dry_run=dry_run, yes=yes):
        with look_through(stage.services, slug, "Releasing") as judge:
            done = judge.release(selection)
        console.done(f"{console.counted(done, 'signature')} released.")


@signature.command()
@click.argument("slug")
@choosing
@click.option(
    "--why",
    required=True,
    help="Why, in words by which they can be found again; it must name no person.",
)
@click.pass_obj
def hold(stage: Stage, /, slug: str, why: str, dry_run: bool, yes: bool, **which: Any) -> None:
    """Hold confirmed signatures of the petition SLUG: at least one option says which.

    They are kept, and not counted until they are released. Can be stopped and typed again.
    """
    from chalicelib.domain.signature import SignatureState  # noqa: PLC0415

    selection = _selection(**which)
    if selection.is_everything:
        raise CannotContinue("Say which: --signal, --country, --language, --from or --to.")
    with look_through(stage.services, slug, "Looking") as judge:
        meant = judge.count(selection, SignatureState.CONFIRMED)
    if _goes_on(meant, "held", dry_run=dry_run, yes=yes):
        with look_through(stage.services, slug, "Holding") as judge:
            done = judge.hold(selection, why=why)
        console.done(f"{console.counted(done, 'signature')} held: “{why}”.")
        back = f"signature release {slug} --why {shlex.quote(why)}"
        console.hint(f"To take it back: {command(back, local=stage.local)}")


@contextmanager
def look_through(services: "Services", slug: str, doing: str = "Looking") -> Iterator["Moderator"]:
    """A judge whose progress through the partitions is shown."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from chalicelib.store import keys  # noqa: PLC0415
    from chalicelib.usecases.signatures.moderating import Moderator  # noqa: PLC0415

    found = TextColumn("{task.fields[count]:,} signatures")
    with console.progress(TextColumn(doing), BarColumn(), found, TimeRemainingColumn()) as shown:
        task = shown.add_task("", total=len(keys.BUCKETS), count=0)
        yield Moderator(
            services=services,
            slug=slug,
            progress=lambda bucket, count: shown.update(task, completed=bucket, count=count),
        )


def show_held(found: "HeldSignatures") -> None:
    """Say how many are held, and for what; one can be held for several reasons."""
    if not found.count:
        console.say("No signature is held.")
        return
    console.note(f"{console.counted(found.count, 'signature')} held, not counted.")
    _show("Why", found.by_reason)


def _show(heading: str, counts: Mapping[str, int]) -> None:
    console.say(heading)
    charts.show([Bar(label=label, count=counts[label]) for label in sorted(counts)])


def _selection(
    *,
    signal: str | None,
    country: str | None,
    language: str | None,
    first: str | None,
    last: str | None,
) -> "SignatureFilter":
    """What the options mean. Raises CannotContinue for what is no signal, country or moment."""
    from chalicelib.domain.countries import COUNTRIES  # noqa: PLC0415
    from chalicelib.domain.fraud_signals import Signal  # noqa: PLC0415
    from chalicelib.domain.signature_filter import SignatureFilter  # noqa: PLC0415

    if signal is not None and signal not in set(Signal):
        raise CannotContinue(f"There is no signal “{signal}”, only {', '.join(Signal)}.")
    country = country.upper() if country else country
    if country is not None and country not in COUNTRIES:
        raise CannotContinue(f"“{country}” is not the code of a country, as PL is Poland's.")
    return SignatureFilter(
        signal=signal,
        country=country,
        language=language,
        confirmed_from=_moment(first)[0] if first else None,
        confirmed_before=_moment(last)[1] if last else None,
    )


def _moment(typed: str) -> tuple[datetime, datetime]:
    """The start and the end of a day or a minute, in UTC. Raises CannotContinue."""
    for form, length in ((_DAY, timedelta(days=1)), (_MINUTE, timedelta(minutes=1))):
        try:
            start = datetime.strptime(typed, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return start, start + length
    raise CannotContinue(f"“{typed}” is no day (2026-03-08) and no minute (2026-03-08T12:00).")


def _goes_on(meant: int, verb: str, *, dry_run: bool, yes: bool) -> bool:
    """Say how many are meant and ask, unless there is nothing to ask."""
    words = console.counted(meant, "signature")
    if dry_run or not meant:
        console.note(f"{words} would be {verb}. Nothing is changed.")
        return False
    return yes or click.confirm(f"{words} will be {verb}. Go on?", abort=True)
