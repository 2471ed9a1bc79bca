"""Begins petitions at the desk: a name that nobody else has, and its first draft."""

from collections.abc import Mapping
from datetime import UTC, date, timedelta
from typing import Final

from chalicelib.domain import latin_names
from chalicelib.domain.errors import InvalidForm, Message
from chalicelib.domain.fields import FieldError, Fields
from chalicelib.domain.organisers.actor import Actor
from chalicelib.domain.organisers.roles import Role
from chalicelib.domain.organisers.trail import Act
from chalicelib.domain.petitions import petition_rules
from chalicelib.domain.petitions.source import ORGANISER
from chalicelib.rendering import translations
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.organisers import accounts, memberships, trail
from chalicelib.store.petitions import petitions
from chalicelib.usecases.petitions import drafting
from chalicelib.wiring import Services

_MOST_LETTERS: Final = 40
_DAYS: Final = 180


class MayNotBegin(Exception):
    """Neither an operator nor a petition's stewards have trusted this organiser so far."""


def may_begin(services: Services, organiser_id: str) -> bool:
    """Whether an organiser may begin a petition: a steward, or who was invited to begin some.

    A petition is published under the service's own address, with a key of its steward's choice.
    """
    table = services.organisers
    account = accounts.find(table, organiser_id)
    if account is not None and account.begins_petitions:
        return True
    return any(
        Role.STEWARD in memberships.get(table, slug).of(organiser_id)
        for slug in memberships.list_slugs(table, organiser_id)
    )


def proposed_slug(title: str) -> str:
    """A name for an address, made of a title; "" if it has no letters for it."""
    return latin_names.name_of(title, most_letters=_MOST_LETTERS)


def begin(
    services: Services,
    *,
    title: str,
    slug: str,
    language: str,
    opens_on: date | str | None,
    closes_on: date | str | None,
    by: Actor,
) -> None:
    """Make somebody the steward of a new petition and store its first draft.

    Who repeats it after a crash goes on. Raises MayNotBegin, InvalidForm, Unavailable.
    """
    if not may_begin(services, by.id):
        raise MayNotBegin
    check(services, slug=slug, title=title, language=language, days=(opens_on, closes_on))
    table = services.organisers
    if petitions.find_as_stored(services.petitions, slug) is not None:
        raise _taken()
    people = memberships.get(table, slug)
    if people.is_removed or (people.revision and Role.STEWARD not in people.of(by.id)):
        raise _taken()
    if not people.revision:
        try:
            memberships.save(table, people, people.changed(by.id, {Role.STEWARD}))
        except ConditionFailed as failed:
            raise _taken() from failed
    if drafting.find_draft(services, slug) is not None:
        raise _taken()
    trail.append(table, slug, actor=by, act=Act.BEGIN, now=services.now())
    drafting.save(
        services,
        slug,
        base=0,
        values={
            "languages": [language],
            "opens_on": opens_on,
            "closes_on": closes_on,
            "goals": [100, 500, 1000],
            **{f"{ORGANISER}.{name}": "" for name in ("name", "email", "website")},
            f"texts.{language}.title": title,
        },
        by=by,
    )


def usual_days(services: Services) -> tuple[date, date]:
    """The first and the last day that a new petition is proposed."""
    today = services.now().astimezone(UTC).date()
    return today, today + timedelta(days=_DAYS)


def check(
    services: Services,
    *,
    slug: str,
    title: str,
    language: str,
    days: tuple[date | str | None, date | str | None],
) -> None:
    """Raise InvalidForm for what cannot begin. Days that are left out can be written later."""
    errors: list[FieldError] = []
    if slug or title:
        petition_rules.check_name(Fields(values={}, errors=errors), "slug", slug)
    messages = {error.field: Message(text=f"{error.what} {error.remedy}") for error in errors}
    if not title:
        messages["title"] = Message(text="Write a title. You can change it later.")
    messages |= _messages_on_days(*days, today=services.now().astimezone(UTC).date())
    if language not in translations.languages():
        messages["language"] = Message(text="Choose a language.")
    if messages:
        raise InvalidForm(messages)


def _messages_on_days(
    opens_on: date | str | None, closes_on: date | str | None, *, today: date
) -> Mapping[str, Message]:
    messages = {
        name: Message(text=f"“{day}” is no date: year-month-day.")
        for name, day in (("opens_on", opens_on), ("closes_on", closes_on))
        if isinstance(day, str)
    }
    if isinstance(closes_on, date):
        if isinstance(opens_on, date) and closes_on < opens_on:
            messages["closes_on"] = Message(text="The last day comes before the first.")
        elif closes_on < today:
            messages["closes_on"] = Message(text="The last day has passed.")
    return messages


def _taken() -> InvalidForm:
    return InvalidForm(
        {"slug": Message(text="There is a petition of this name. Choose another name.")}
    )
