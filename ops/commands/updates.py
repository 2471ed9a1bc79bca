"""`zaklik update …`: publish updates, mail them to subscribers, follow the sending."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from chalicelib.domain.alerts import digest, schedule
from chalicelib.domain.alerts.alert import Alert, AlertKind
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.rendering import urls
from chalicelib.store.alerts import alerts, chunks
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import starting
from chalicelib.usecases.alerts.starting import DatedLater
from chalicelib.usecases.petitions import publishing
from chalicelib.wiring import Services
from ops.content import petition_loader
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command

_OUTCOMES: Final = {
    "sent": "handed to the mail service",
    "skipped": "had left meanwhile",
    "rejected": "refused by the mail service",
    "open": "still to come",
}


def _update_id(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """An update's id, as `update publish` prints it; a usage error if it cannot be one."""
    try:
        split_id(value)
    except ValueError as error:
        raise click.BadParameter(
            f"“{value}” is not the ID of an update, as my-petition/first-news is.", ctx, param
        ) from error
    return value


@click.group()
def update() -> None:
    """Publish updates, mail them to subscribers, follow the sending."""


@update.command()
@click.argument("path", type=click.Path(path_type=Path))
@pass_target
def publish(target: Target, path: Path) -> None:
    """Put the update in the folder PATH online; print its ID.

    It appears on its page and in the feed. Nobody is mailed, unless update.toml gives a time with
    send_at. Publishing again amends the text.

    PATH lies in its petition's folder, as my-petition/updates/first-news does.
    """
    draft = petition_loader.read_update(path)
    services = target.services
    alert = alerts.find(services.petitions, draft.slug, draft.name)
    if alert is None:
        _refuse_past(services, draft)
    publishing.publish_update(services, draft)
    console.say(draft.id)
    for language in draft.texts:
        console.hint(services.settings.public_url + urls.update(language, draft.slug, draft.name))
    if alert is not None:
        console.note(
            f"It was mailed on {alert.started_at:%Y-%m-%d}; amending the text mails nobody."
        )
    elif draft.send_at is None:
        console.hint(f"To mail it to subscribers: {command(f'update send {draft.id}')}")
    else:
        console.hint(f"It will be mailed to subscribers at {draft.sending_shown}.")


def show_ready(drafts: Sequence[Update]) -> None:
    """Say which checked updates are ready, and which can be published only if they were mailed.

    A check asks no service, so it does not know what was mailed.
    """
    now = datetime.now(UTC)
    late = [draft for draft in drafts if draft.is_late(now)]
    ready = [draft.name for draft in drafts if draft not in late]
    if ready:
        console.done(f"Its updates are ready too: {', '.join(ready)}.")
    for draft in late:
        console.note(
            f"send_at of {draft.name} lies in the past: {draft.sending_shown}. If it "
            "was mailed, all is well. If not, correct the line or delete it: `update publish` "
            "refuses it."
        )


def _refuse_past(services: Services, draft: Update) -> None:
    """Raise CannotContinue if send_at has passed: the update would be mailed at once."""
    if draft.is_late(services.now()):
        raise CannotContinue(
            f"send_at lies in the past: {draft.sending_shown}. Correct it, or delete "
            f"the line and use `{command('update send')}`."
        )


@update.command()
@click.argument("update_id", metavar="ID", callback=_update_id)
@pass_target
def send(target: Target, update_id: str) -> None:
    """Mail the published update ID to the subscribers, each once.

    The sending goes on by itself; `zaklik update status ID` follows it. The command is safe to
    repeat: a second time it sends nothing and says so (exit code 0). Mail cannot be called back.
    """
    try:
        alert_id = starting.start_update(target.services, update_id)
    except DatedLater as error:
        raise CannotContinue(
            f"The update bears a day that is still to come: published_on is {error}. Wait for it, "
            "or correct the line and publish again."
        ) from error
    if alert_id:
        console.done(f"{update_id} is on its way to the subscribers.")
    else:
        console.note(f"{update_id} has been sent before. Nothing is sent twice.")
    console.hint(f"How far it is: {command(f'update status {update_id}')}")


@update.command()
@click.argument("update_id", metavar="ID", callback=_update_id)
@pass_target
def status(target: Target, update_id: str) -> None:
    """Show how far the sending of the update or digest ID is.

    Digests have IDs like my-petition/week-2026-03-09 and my-petition/day-2026-03-09.
    """
    services = target.services
    slug, name = split_id(update_id)
    alert = alerts.find(services.petitions, slug, name)
    if digest.is_name(name):
        if alert is None:
            _show_not_made(services, slug, name)
            return
        console.note(f"A digest of: {', '.join(alert.update_names)}")
    else:
        published = updates.get(services.petitions, slug, name)
        if alert is None:
            _show_not_sent(published)
            return
    begun = f"{alert.started_at:%Y-%m-%d %H:%M} UTC"
    console.say(f"{update_id}, begun {begun}, in the logs: alert {alert.alert_id}")
    _show(alert, _count(services, alert))
    if not digest.is_name(name):
        _show_digests(services, slug, alert.started_at)


def _show_digests(services: Services, slug: str, started_at: datetime) -> None:
    """Say from when on the digests of an update are sent."""
    times = petitions.get(services.petitions, slug).digest_times
    for frequency in digest.DIGESTS:
        due = times.following(frequency, started_at)
        day = times.latest_day(frequency, due)
        follow = command(f"update status {slug}/{digest.digest_name(frequency, day)}")
        console.hint(
            f"The {frequency} digest has it from {schedule.shown(due, times.zone)} on: {follow}"
        )


def _show_not_made(services: Services, slug: str, name: str) -> None:
    """Say when a digest is made. Raises CannotContinue if that is past, or no such day."""
    digest_id = f"{slug}/{name}"
    times = petitions.get(services.petitions, slug).digest_times
    try:
        due = times.moment_of(digest.day_of(name))
    except ValueError as error:
        raise CannotContinue(f"There is no such day: {digest_id}.") from error
    if due <= services.now():
        raise CannotContinue(f"No digest {digest_id} has been made: no update waited for it.")
    console.note(f"The digest {digest_id} is made at {schedule.shown(due, times.zone)}.")


def _show_not_sent(published: Update) -> None:
    console.note(f"{published.id} is published and has not been sent.")
    if published.send_at:
        console.hint(f"It is to go out at {published.sending_shown}.")


@dataclass(kw_only=True)
class _Progress:
    """Recipients by outcome ("open" is still to come), and chunks by state."""

    recipients: Counter[str] = field(default_factory=Counter)
    chunks: Counter[str] = field(default_factory=Counter)


def _count(services: Services, alert: Alert) -> _Progress:
    progress = _Progress()
    for chunk in chunks.list_of(services.petitions, alert.alert_id, now=services.now()):
        progress.chunks[chunk.state] += 1
        progress.recipients.update(chunk.outcomes.values())
        progress.recipients["open"] += len(chunk.open_positions)
    return progress


def _show(alert: Alert, progress: _Progress) -> None:
    total = progress.recipients.total()
    still_open = progress.recipients["open"]
    if total:
        console.say(console.percentage(total - still_open, total))
    for outcome, meaning in _OUTCOMES.items():
        console.say(f"{progress.recipients[outcome]:>10,}  {outcome:<9} {meaning}")
    settled = progress.chunks["settled"]
    console.say(f"{settled:>10,}  of {progress.chunks.total():,} chunks of recipients are done")
    expired = alert.chunk_count - progress.chunks.total()
    if expired > 0:
        console.note(f"Outcomes are kept for 30 days: those of {expired:,} chunks are deleted.")
    if alert.cursor is not None:
        console.note("Subscribers are still being gathered, so the numbers will grow.")
    elif still_open:
        console.note("The sending goes on. What got stuck is tried again within minutes.")
    else:
        console.done(_completed(alert))


def _completed(alert: Alert) -> str:
    """That a sending is complete. One without recipients tells nothing of other subscribers."""
    if alert.chunk_count:
        return "Complete."
    if alert.kind is AlertKind.DIGEST:
        return "Complete: nobody gets this digest."
    return (
        "Complete: nobody gets it at once. Subscribers who chose one mail a day or a week, if "
        "there are any, get it in the digest."
    )
