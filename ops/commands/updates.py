"""`zaklik update …`: publish updates, mail them to subscribers, follow the sending."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions.update import Update
from chalicelib.rendering import urls
from chalicelib.store.alerts import alerts
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.alerts import timing
from chalicelib.usecases.petitions import publishing
from chalicelib.wiring import Services
from ops.commands import audiences, trail_lines
from ops.commands.drafts import save_update_draft
from ops.commands.update_preview import preview
from ops.commands.update_sending import send
from ops.commands.update_status import status
from ops.commands.update_test import test
from ops.content import petition_loader
from ops.errors import CannotContinue
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command


@click.group()
def update() -> None:
    """Publish updates, look at them, mail them to subscribers."""


update.add_command(preview)
update.add_command(test)
update.add_command(send)
update.add_command(status)


@update.command()
@click.argument("path", type=click.Path(path_type=Path))
@pass_target
def publish(target: Target, path: Path) -> None:
    """Put the update in the folder PATH online; print its ID.

    It appears on its page and in the feed. Nobody is mailed, unless update.toml gives a time with
    send_at. Publishing again amends the text. The folder is stored as the update's draft at the
    desk, too.

    PATH lies in its petition's folder, as my-petition/updates/first-news does.
    """
    draft = petition_loader.read_update(path)
    services = target.services
    alert = alerts.find(services.petitions, draft.slug, draft.name)
    if alert is None:
        _refuse_unsendable(services, draft)
    petition = petitions.get(services.petitions, draft.slug)
    _record(services, draft)
    save_update_draft(services, path, note="Published by the command")
    publishing.publish_update(services, draft)
    console.say(draft.id)
    for language in draft.texts:
        console.hint(services.settings.public_url + urls.update(language, draft.slug, draft.name))
    audiences.note_missing_languages(petition, draft)
    if alert is not None:
        console.note(
            f"It was mailed on {alert.started_at:%Y-%m-%d}; amending the text mails nobody."
        )
    elif draft.send_at is not None:
        _show_schedule(services, draft)
    elif draft.is_dated_after(services.now()):
        console.note(
            f"Its day is {draft.published_on}: nobody can be mailed before. Then: "
            f"{command(f'update send {draft.id}')}"
        )
    else:
        console.hint(f"To mail it to subscribers: {command(f'update send {draft.id}')}")


def _record(services: Services, draft: Update) -> None:
    """Say in the petition's trail what is published, and what changes of the time to send."""
    trail_lines.record(services, draft.slug, Act.PUBLISH_UPDATE, draft.name)
    current = updates.find(services.petitions, draft.slug, draft.name)
    before = current.sending_shown if current else ""
    if draft.sending_shown == before:
        return
    if draft.send_at:
        detail = f"{draft.name}, {draft.sending_shown}"
        trail_lines.record(services, draft.slug, Act.SCHEDULE_UPDATE, detail)
    else:
        trail_lines.record(services, draft.slug, Act.UNSCHEDULE_UPDATE, draft.name)


def _show_schedule(services: Services, draft: Update) -> None:
    """Say when it is mailed, and if the petition has ended by then."""
    console.hint(f"It will be mailed to subscribers at {draft.sending_shown}.")
    petition = petitions.get(services.petitions, draft.slug)
    if draft.send_at and draft.send_at >= petition.closes_at:
        console.note(f"That is after the last day of the petition, {petition.closes_on}.")


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


def _refuse_unsendable(services: Services, draft: Update) -> None:
    """Raise an error if the update cannot be mailed at the time that it gives.

    Raises CannotContinue if that has passed, NotFound (no such petition), AlertTooLarge.
    """
    if draft.send_at is None:
        return
    if draft.is_late(services.now()):
        raise CannotContinue(
            f"send_at lies in the past: {draft.sending_shown}. Correct it, or delete "
            f"the line and use `{command('update send')}`."
        )
    timing.check_size(services, draft)
