"""`zaklik update …`: publish news, send them to subscribers, see how far that is."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.errors import CannotContinue
from ops.target import Stage
from ops.terminal import console
from ops.terminal.command_hint import command

if TYPE_CHECKING:
    from chalicelib.domain.alerts.alert import Alert
    from chalicelib.domain.update import Update
    from chalicelib.wiring import Services

_CHUNKS_AT_ONCE = 100


def _update_id(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """An update's id, as `update publish` prints it; a usage error if it cannot be one."""
    from chalicelib.domain.update import split_id  # noqa: PLC0415

    try:
        split_id(value)
    except ValueError as error:
        raise click.BadParameter(
            f"“{value}” is not one. It looks like my-petition/first-news.", ctx, param
        ) from error
    return value


@click.group()
def update() -> None:
    """Publish updates, send them to subscribers, look how far it is."""


@update.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.pass_obj
def publish(stage: Stage, path: Path) -> None:
    """Put the update in the folder PATH on its page and in the feed; print its id.

    Nobody is mailed, unless update.toml gives a time with send_at. Publishing again amends the
    text. PATH lies in its petition's folder: my-petition/updates/first-news
    """
    from chalicelib.rendering import urls  # noqa: PLC0415
    from chalicelib.store.alerts import alerts  # noqa: PLC0415
    from chalicelib.usecases.petitions import publishing  # noqa: PLC0415
    from ops.content import petition_loader  # noqa: PLC0415

    read = petition_loader.read_update(path)
    services = stage.services
    alert = alerts.find(services.petitions, read.id)
    if alert is None:
        _refuse_past(stage, read)
    publishing.publish_update(services, read)
    console.say(read.id)
    for language in read.texts:
        console.hint(services.settings.public_url + urls.update(language, read.slug, read.name))
    if alert is not None:
        console.note(
            f"It was mailed on {alert.started_at:%Y-%m-%d}; amending the text mails nobody."
        )
    elif read.send_at is None:
        mail_it = command(f"update send {read.id}", local=stage.local)
        console.hint(f"To mail it to subscribers: {mail_it}")
    else:
        console.hint(f"It will be mailed to subscribers at {read.send_at:%Y-%m-%d %H:%M} UTC.")


def _refuse_past(stage: Stage, update: "Update") -> None:
    """A moment that has passed would mail the update at once, which nobody asked for."""
    if update.send_at is not None and update.send_at < stage.services.now():
        send = command("update send", local=stage.local)
        raise CannotContinue(
            f"send_at lies in the past: {update.send_at:%Y-%m-%d %H:%M} UTC; correct it, or delete "
            f"the line and use `{send}`."
        )


@update.command()
@click.argument("update_id", metavar="ID", callback=_update_id)
@click.pass_obj
def send(stage: Stage, update_id: str) -> None:
    """Mail the published update ID to the petition's subscribers, each once.

    It goes on by itself; `zaklik update status ID` shows how far it is. Typed a second time it
    sends nothing, says so, and ends well (exit code 0), so it is safe to repeat. Mail cannot be
    called back.
    """
    from chalicelib.usecases.alerts import fan_out  # noqa: PLC0415

    if fan_out.start_alert(stage.services, update_id):
        console.done(f"{update_id} is on its way to the subscribers.")
    else:
        console.note(f"{update_id} has been sent before. Nothing is sent twice.")
    look = command(f"update status {update_id}", local=stage.local)
    console.hint(f"How far it is: {look}")


@update.command()
@click.argument("update_id", metavar="ID", callback=_update_id)
@click.pass_obj
def status(stage: Stage, update_id: str) -> None:
    """Show how far the sending of the update ID is, or of a digest: my-petition/week-2026-03-09."""
    from chalicelib.domain.alerts import digest  # noqa: PLC0415
    from chalicelib.domain.update import split_id  # noqa: PLC0415
    from chalicelib.store import updates  # noqa: PLC0415
    from chalicelib.store.alerts import alerts  # noqa: PLC0415

    services = stage.services
    slug, name = split_id(update_id)
    alert = alerts.find(services.petitions, update_id)
    if digest.is_name(name):
        if alert is None:
            raise CannotContinue(f"No digest {update_id} has been made.")
        console.note(f"A digest of: {', '.join(alert.update_names)}")
    else:
        published = updates.get(services.petitions, slug, name)
        if alert is None:
            _show_not_sent(published)
            return
    console.say(f"{update_id}, begun {alert.started_at:%Y-%m-%d %H:%M} UTC")
    _show(alert, _count(services, alert))
    if not digest.is_name(name):
        due = digest.following(alert.started_at)
        digest_id = digest.digest_id(slug, due)
        look = command(f"update status {digest_id}", local=stage.local)
        console.hint(f"Who gets one mail a week has it from {due:%Y-%m-%d %H:%M} UTC on: {look}")


def _show_not_sent(published: "Update") -> None:
    console.note(f"{published.id} is published and has not been sent.")
    if published.send_at:
        console.hint(f"It is to go out at {published.send_at:%Y-%m-%d %H:%M} UTC.")


@dataclass(kw_only=True)
class _Progress:
    """What became of recipients (by outcome; "open" is still to come) and of chunks (by state)."""

    recipients: Counter[str] = field(default_factory=Counter)
    chunks: Counter[str] = field(default_factory=Counter)


def _count(services: "Services", alert: "Alert") -> _Progress:
    from chalicelib.store.alerts import chunks  # noqa: PLC0415

    counted = _Progress()
    for first in range(0, alert.chunk_count, _CHUNKS_AT_ONCE):
        for chunk in chunks.chunks_from(
            services.petitions, alert.alert_id, first, limit=_CHUNKS_AT_ONCE
        ):
            counted.chunks[chunk.state] += 1
            counted.recipients.update(chunk.outcomes.values())
            counted.recipients["open"] += len(chunk.open_positions)
    return counted


def _show(alert: "Alert", counted: _Progress) -> None:
    total = counted.recipients.total()
    still_open = counted.recipients["open"]
    if total:
        console.say(console.bar(total - still_open, total))
    for outcome, meaning in (
        ("sent", "handed to the mail service"),
        ("skipped", "had left meanwhile, or changed how often they are mailed"),
        ("rejected", "refused by the mail service"),
        ("open", "still to come"),
    ):
        console.say(f"{counted.recipients[outcome]:>10,}  {outcome:<9} {meaning}")
    settled = counted.chunks["settled"]
    console.say(f"{settled:>10,}  of {counted.chunks.total():,} parcels of mail are done")
    if alert.cursor is not None:
        console.note("Subscribers are still being gathered, so the numbers will grow.")
    elif still_open:
        console.note("On its way. What got stuck is taken up again within minutes.")
    else:
        console.done("Complete." if total else "Complete: nobody has subscribed.")
