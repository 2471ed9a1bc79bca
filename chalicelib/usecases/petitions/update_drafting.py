"""Keeps drafts of updates, as those of petitions are kept: each under the update's id.

`drafting.py` saves what is written in them, and `publishing.py` publishes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from chalicelib.domain.errors import InvalidForm, Message
from chalicelib.domain.fields import FieldError, Fields
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.petitions import update_rules
from chalicelib.domain.petitions.draft import Draft
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.source import TEXTS, UpdateSource
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.store.organisers import update_drafts
from chalicelib.store.petitions import petitions, updates
from chalicelib.usecases.petitions import drafting, editing
from chalicelib.wiring import Services


@dataclass(frozen=True, kw_only=True)
class CheckedUpdate:
    """A draft of an update; the update that it makes, None with `errors`."""

    draft: Draft
    update: Update | None
    errors: Sequence[FieldError]


def list_titles(services: Services, slug: str) -> Mapping[str, str]:
    """The titles with which drafts of updates began, by name. Raises Unavailable."""
    return update_drafts.list_titles(services.organisers, slug)


def is_begun(services: Services, update_id: str) -> bool:
    """Whether an update has a draft, or one whose first text was never stored after a crash."""
    slug, name = split_id(update_id)
    return name in update_drafts.list_titles(services.organisers, slug)


def proposed_name(services: Services, slug: str, title: str) -> str:
    """A name for an update that is not taken, made of its title. Raises Unavailable."""
    return update_rules.proposed_name(title, _taken(services, slug), _today(services))


def begin(services: Services, slug: str, *, title: str, name: str, by: Actor) -> str:
    """Begin the draft of an update under a name; its id. Who repeats it after a crash goes on.

    Raises InvalidForm, NotFound (no such petition), Unavailable.
    """
    petition = petitions.get(services.petitions, slug)
    title = " ".join(title.split())
    errors = _errors(title, name, is_taken=_has_text(services, slug, name))
    if errors:
        raise InvalidForm(errors)
    update_drafts.save(services.organisers, slug, name, title)
    values: dict[str, Any] = {
        "published_on": _today(services),
        f"{TEXTS}.{petition.languages[0]}.title": title,
    }
    drafting.save(services, f"{slug}/{name}", base=0, values=values, by=by)
    return f"{slug}/{name}"


def discard(services: Services, update_id: str) -> bool:
    """Throw away a draft with its versions; False if the update is published. Safe to repeat.

    Raises Unavailable.
    """
    slug, name = split_id(update_id)
    if any(update.name == name for update in updates.list_of(services.petitions, slug)):
        return False
    update_drafts.delete(services.organisers, slug, name)
    return True


def check(services: Services, update_id: str) -> CheckedUpdate:
    """The newest draft of an update, as the rules see it. Raises NotFound, Unavailable."""
    slug, name = split_id(update_id)
    petition = petitions.get(services.petitions, slug)
    draft = drafting.get_draft(services, update_id)
    return _checked(petition, name, draft)


def _checked(petition: Petition, name: str, draft: Draft) -> CheckedUpdate:
    # When it is mailed is decided where it is sent: a line of a folder must not stand in the way.
    settings = {each: value for each, value in draft.source.settings.items() if each != "send_at"}
    source = UpdateSource(
        slug=petition.slug, name=name, settings=settings, texts=draft.source.texts
    )
    errors: list[FieldError] = []
    update = editing.parse_update(source, errors, languages=petition.languages)
    return CheckedUpdate(draft=draft, update=None if errors else update, errors=errors)


def _taken(services: Services, slug: str) -> set[str]:
    return {
        *update_drafts.list_titles(services.organisers, slug),
        *(update.name for update in updates.list_of(services.petitions, slug)),
    }


def _has_text(services: Services, slug: str, name: str) -> bool:
    """Whether there is an update of this name; its entry alone is left by a crash."""
    if any(update.name == name for update in updates.list_of(services.petitions, slug)):
        return True
    return drafting.find_draft(services, f"{slug}/{name}") is not None


def _today(services: Services) -> date:
    return services.now().astimezone(UTC).date()


def _errors(title: str, name: str, *, is_taken: bool) -> Mapping[str, Message]:
    fields = Fields(values={}, errors=[])
    update_rules.check_update_name(fields, name)
    if is_taken:
        fields.add("name", f"There is an update “{name}” already.", "Choose another name.")
    errors = {each.field: Message(text=f"{each.what} {each.remedy}") for each in fields.errors}
    if not title:
        errors["title"] = Message(text="Write a title. You can change it later.")
    return errors
