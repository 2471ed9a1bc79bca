"""Petitions and their versions, in the desk table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from chalicelib.domain.errors import NotFound
from chalicelib.domain.petition import Demand, Organiser, Petition, PetitionText
from chalicelib.store import keys
from chalicelib.store.table import Table, Write


def get(table: Table, slug: str) -> Petition:
    """Q1: the current version of a petition. Raises NotFound."""
    item = table.find(keys.petition(slug))
    if item is None:
        raise NotFound
    return from_item(item)


def list_all(table: Table) -> Sequence[Petition]:
    """Q2: every petition, by slug."""
    return [from_item(item) for item in table.items_of(keys.PETITIONS)]


def save(table: Table, petition: Petition) -> None:
    """Store a new version: the version as it is for good, and the current one.

    Raises ConditionFailed when that version exists: someone else has published meanwhile.
    """
    item = to_item(petition)
    table.transact(
        [
            Write(
                key=keys.petition_version(petition.slug, petition.version),
                item=item,
                condition="attribute_not_exists(pk)",
            ),
            Write(
                key=keys.petition(petition.slug),
                item=item,
                condition="attribute_not_exists(pk) OR version < :version",
                values={":version": petition.version},
            ),
        ]
    )


def to_item(petition: Petition) -> Mapping[str, Any]:
    """A petition as plain values."""
    return {
        "slug": petition.slug,
        "version": petition.version,
        "opens_on": petition.opens_on.isoformat(),
        "closes_on": petition.closes_on.isoformat(),
        "goals": list(petition.goals),
        "public_key": petition.public_key,
        "organiser": asdict(petition.organiser),
        "languages": list(petition.texts),
        "texts": {language: asdict(text) for language, text in petition.texts.items()},
    }


def from_item(item: Mapping[str, Any]) -> Petition:
    """The petition that `to_item` made plain."""
    return Petition(
        slug=item["slug"],
        version=item["version"],
        opens_on=date.fromisoformat(item["opens_on"]),
        closes_on=date.fromisoformat(item["closes_on"]),
        goals=tuple(item["goals"]),
        public_key=item["public_key"],
        organiser=Organiser(**item["organiser"]),
        texts={language: _text(item["texts"][language]) for language in item["languages"]},
    )


def _text(values: Mapping[str, Any]) -> PetitionText:
    demands = tuple(Demand(**demand) for demand in values["demands"])
    return PetitionText(**{**values, "demands": demands})
