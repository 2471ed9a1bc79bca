"""The updates of a petition as folders below its own, and back: each is a draft.

An update that is published stays as it is, whatever a folder says of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.alerts import schedule
from chalicelib.domain.alerts.schedule import BadTime
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.petitions import draft as draft_rules
from chalicelib.domain.petitions import update_rules
from chalicelib.domain.petitions.draft import Draft
from chalicelib.domain.petitions.source import PetitionSource, UpdateSource
from chalicelib.domain.petitions.update import Update
from chalicelib.store.organisers import update_drafts
from chalicelib.store.petitions import updates
from chalicelib.usecases.petitions import drafting
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class TakenUpdates:
    """What became of the updates of a folder, by their names.

    `drafted` have another draft now. `kept` are published, and stay as they are, though the folder
    says something else of them.
    """

    drafted: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def list_sources(services: Services, slug: str) -> Mapping[str, UpdateSource]:
    """What is written in the updates of a petition that have a draft, by name. Raises Unavailable.

    Of a published one, `send_at` is when it is mailed: that is decided where it is sent.
    """
    published = {each.name: each for each in updates.list_of(services.petitions, slug)}
    sources = {}
    for name in update_drafts.list_titles(services.organisers, slug):
        draft = drafting.get_draft(services, f"{slug}/{name}")
        if draft.version.number:
            sources[name] = _timed(_update_source(slug, name, draft), published.get(name))
    return sources


def take(
    services: Services,
    slug: str,
    wanted: Mapping[str, UpdateSource],
    *,
    stored: Mapping[str, UpdateSource],
    by: Actor,
    note: str,
) -> TakenUpdates:
    """Store what folders say of updates as drafts. `stored` as from `list_sources`.

    The draft of a published update stays; one whose draft was destroyed gets it back.
    After a crash some are stored; a repetition stores the others. Raises InvalidForm, Unavailable.
    """
    published = {each.name for each in updates.list_of(services.petitions, slug)}
    differing = [name for name, source in wanted.items() if source != stored.get(name)]
    kept = tuple(name for name in differing if name in published and name in stored)
    drafted = tuple(name for name in differing if name not in kept)
    for name in drafted:
        save(services, wanted[name], by=by, note=note)
    return TakenUpdates(drafted=drafted, kept=kept)


def save(services: Services, source: UpdateSource, *, by: Actor, note: str) -> None:
    """Store what is written of an update as the next version of its draft.

    Raises InvalidForm (too long), Unavailable.
    """
    draft = PetitionSource(
        slug=f"{source.slug}/{source.name}", settings=source.settings, texts=source.texts
    )
    title = draft_rules.first_title(draft) or source.name
    # First: it says where the versions are.
    update_drafts.save(services.organisers, source.slug, source.name, title)
    drafting.replace_all(services, draft, picture=b"", by=by, note=note)


def _update_source(slug: str, name: str, draft: Draft) -> UpdateSource:
    return UpdateSource(
        slug=slug, name=name, settings=draft.source.settings, texts=draft.source.texts
    )


def _timed(source: UpdateSource, published: Update | None) -> UpdateSource:
    if published is None or _is_mailed_as(source, published):
        return source
    settings = {name: value for name, value in source.settings.items() if name != "send_at"}
    if published.time_to_send:
        settings["send_at"] = schedule.written(published.time_to_send)
    return UpdateSource(slug=source.slug, name=source.name, settings=settings, texts=source.texts)


def _is_mailed_as(source: UpdateSource, published: Update) -> bool:
    try:
        written = update_rules.moment_of(source.settings.get("send_at"))
    except BadTime:
        return False
    return written == published.time_to_send
