"""A petition's rules need no files: plain values become a petition, or errors by field."""

from datetime import date
from typing import Any

from chalicelib.domain import petition_rules
from chalicelib.domain.fields import FieldError, Fields
from chalicelib.domain.petition import Petition
from tests import builders

VALUES = {
    "languages": ["en"],
    "opens_on": date(2026, 1, 1),
    "closes_on": date(2026, 12, 31),
    "goals": [10, 100],
    "organiser": {
        "name": "Door Watch",
        "email": "desk@door-watch.org",
        "website": "https://door-watch.org",
    },
}


def parsed(
    changes: dict[str, Any], slug: str = "open-door", public_key: bytes = bytes(32)
) -> tuple[Petition, list[FieldError]]:
    fields = Fields(values={**VALUES, **changes}, errors=[])
    petition = petition_rules.parse_petition(
        fields,
        slug=slug,
        texts={"en": builders.petition_text()},
        public_key=public_key,
        interface_languages=["en", "be"],
        live_on=None,
    )
    return petition, fields.errors


def test_plain_values_become_a_petition() -> None:
    petition, errors = parsed({})

    assert errors == []
    assert (petition.slug, petition.goals, petition.languages) == ("open-door", (10, 100), ("en",))
    assert petition.organiser.email == "desk@door-watch.org"


def test_a_petition_without_a_proven_key_is_not_taken_for_one_with_it() -> None:
    with_key, _ = parsed({})
    without, _ = parsed({}, public_key=b"")

    assert (with_key.key_proven, without.key_proven) == (True, False)


def test_every_error_names_its_field() -> None:
    changes = {
        "languages": ["en", "be"],
        "closes_on": date(2025, 1, 1),
        "goals": [],
        "organiser": {"name": "", "email": "desk", "website": "door-watch.org", "phone": "1"},
    }

    _, errors = parsed(changes, slug="api")

    assert {error.field for error in errors} == {
        "slug",
        "closes_on",
        "goals",
        "organiser.name",
        "organiser.email",
        "organiser.website",
        "organiser.phone",
        "texts.be",
    }
    assert all(error.remedy or error.example for error in errors)
